package audit

import (
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Timer is a timer on the way of a WebSocket that is set by another object than the
// Ingress and its Services.
type Timer struct {
	// Owner is what closes the WebSocket: "AWS's NLB", or the controller's dialect.
	Owner string
	// Object is what sets the timer, with Key; an empty Key is a timer that nothing sets. Text
	// is what stands there; empty for the default.
	Object    Object
	Key, Text string
	// After is zero if it isn't known, and dialect.Never if it closes nothing.
	After duration.Duration
	// OnReload says that it begins with a change of the controller's configuration, and not
	// when a WebSocket becomes idle.
	OnReload bool
}

// Lookup looks up in a snapshot what decides about its objects.
type Lookup struct{ view *view }

// NewLookup returns a Lookup of a snapshot to which nothing is added any more.
func NewLookup(s *Snapshot) Lookup { return Lookup{newView(s, Options{})} }

// Input returns what the engine needs to know of an object.
func (l Lookup) Input(o *policy.Object) policy.Input { return l.view.input(o) }

// LoadBalancerTimers returns the timers of the load balancers in front of a controller, one
// at least for each.
func (l Lookup) LoadBalancerTimers(d *dialect.Dialect) []Timer {
	var all []Timer
	for _, service := range l.view.inFrontOf([]*dialect.Dialect{d}) {
		all = append(all, balancerTimers(string(l.view.cloud()), service)...)
	}
	return all
}

func balancerTimers(cloud string, s *Service) []Timer {
	unknown := Timer{Owner: "the cloud's load balancer", Object: ObjectOf(s.Object)}
	t := dialect.CloudTimerOf(cloud, s.Annotations, s.LoadBalancerClass)
	if t == nil {
		return []Timer{unknown}
	}
	fixed := Timer{Owner: t.Balancer, Object: unknown.Object, After: t.Default}
	keys := t.KeysFor(s.portNumbers())
	if len(keys) == 0 {
		return []Timer{fixed}
	}
	var all []Timer
	for _, key := range keys {
		timer := fixed
		timer.Key, timer.Text = key, s.Annotations[key]
		if timer.Text != "" {
			timer.After, _ = t.Read(timer.Text)
		}
		all = append(all, timer)
	}
	return all
}

// ControllerTimers returns the timers that the ConfigMaps of a controller set, or would
// set: each timer once for each ConfigMap, since it isn't known which installation serves an
// Ingress. Without a ConfigMap in the snapshot they have their defaults, and no Object.
func (l Lookup) ControllerTimers(d *dialect.Dialect) []Timer {
	if d.Process == nil {
		return nil
	}
	configMaps, _ := l.view.configMapsOf(d)
	var all []Timer
	for _, each := range d.Process.Timers {
		timer := Timer{Owner: d.Name, Key: each.Key, After: each.Default, OnReload: each.OnReload}
		if len(configMaps) == 0 {
			all = append(all, timer)
		}
		for _, m := range configMaps {
			set := timer
			set.Object = m.Object
			if text, written := configValue(m, d.Process.File, each.Key); written {
				set.Text, set.After = text, each.After(text)
			}
			all = append(all, set)
		}
	}
	return all
}

// ControllerNamespaces returns the Namespaces in which workloads run a controller, each once.
func (s *Snapshot) ControllerNamespaces(d *dialect.Dialect) []string {
	var all []string
	for _, i := range findControllers(s.Workloads)[d] {
		if !slices.Contains(all, i.Namespace) {
			all = append(all, i.Namespace)
		}
	}
	return all
}
