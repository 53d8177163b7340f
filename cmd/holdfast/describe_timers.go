package main

import (
	"cmp"
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// The places of timers, from the client to the pod.
const (
	inLoadBalancer = "load balancer"
	inController   = "controller"
	inPod          = "pod"
)

const unknownController = "Holdfast doesn't know this controller"

// timers returns the timers on the way from the client to the pod, and marks the shortest
// ones. Changes of other objects than the described one aren't its own.
func (d *describer) timers() []describedTimer {
	var all []describedTimer
	if d.object.Kind.Routes() {
		for _, c := range d.trace.Controllers {
			all = append(all, d.loadBalancers(c.Dialect)...)
			all = append(all, d.controllerTimers(c)...)
		}
		if len(d.trace.Controllers) == 0 {
			all = append(all, describedTimer{Place: inController, Owner: "the ingress controller", Sentence: unknownController})
		}
	} else {
		all = d.throughIngresses()
	}
	for i := range all {
		if all[i].of != "" && all[i].of != d.name() {
			all[i].AfterSeconds = all[i].NowSeconds
		}
	}
	all = append(all, describedTimer{Place: inPod, Owner: "your application", Sentence: "its own timers and pings aren't visible in Kubernetes"})
	return markShortest(all)
}

// loadBalancers returns the timers of the load balancers in front of a controller; none if
// the controller is a cloud's load balancer itself.
func (d *describer) loadBalancers(c *dialect.Dialect) []describedTimer {
	if c.Class.Cloud != "" {
		return nil
	}
	var all []describedTimer
	for _, t := range d.lookup.LoadBalancerTimers(c) {
		timer := otherTimer(inLoadBalancer, t)
		timer.On = "Service " + t.Object.Namespace + "/" + t.Object.Name
		if t.Key == "" && t.After > 0 {
			timer.Sentence = "no annotation sets it"
		}
		all = append(all, timer)
	}
	if len(all) > 0 {
		return all
	}
	missing := describedTimer{Place: inLoadBalancer, Owner: "in front of the controller", Sentence: "the manifests don't show one"}
	if d.snapshot.Live {
		missing.Sentence = "no Service of type LoadBalancer was found for the controller; there may be a load balancer all the same"
	}
	return []describedTimer{missing}
}

// otherTimer returns a timer that another object sets.
func otherTimer(place string, t audit.Timer) describedTimer {
	return describedTimer{
		Place: place, Owner: t.Owner, Key: t.Key, Known: t.After > 0, NowSeconds: secondsOf(t.After), AfterSeconds: secondsOf(t.After),
		Default: t.Text == "", OnReload: t.OnReload,
	}
}

// controllerTimers returns the timers of the controller of an Ingress.
func (d *describer) controllerTimers(c policy.TracedController) []describedTimer {
	configured := d.lookup.ControllerTimers(c.Dialect)
	var all []describedTimer
	for _, after := range c.TimersAfter {
		inConfigMaps := configuredTimers(c.Dialect, configured, func(t audit.Timer) bool { return t.Key == after.Key && !t.OnReload })
		switch {
		case len(inConfigMaps) > 0:
			all = append(all, inConfigMaps...)
		case after.Text == "" && c.Supports(dialect.ReadTimeout, policy.Service):
			all = append(all, d.serviceTimers(c)...)
		default:
			timer := controllerTimer(c, after, nowOf(c.TimersNow, after))
			timer.of = d.name()
			all = append(all, timer)
		}
	}
	onReload := func(t audit.Timer) bool { return t.OnReload && t.After != dialect.Never }
	return append(all, configuredTimers(c.Dialect, configured, onReload)...)
}

// configuredTimers returns those of a controller's timers that match.
func configuredTimers(c *dialect.Dialect, all []audit.Timer, match func(audit.Timer) bool) []describedTimer {
	var timers []describedTimer
	for _, t := range all {
		if match(t) {
			timers = append(timers, configuredTimer(c, t))
		}
	}
	return timers
}

// controllerTimer returns a timer that the object's annotations set, or the default.
func controllerTimer(c policy.TracedController, after, now policy.IdleTimer) describedTimer {
	timer := describedTimer{
		Place: inController, Owner: c.Called(), Key: after.Key, Known: after.After > 0, NowSeconds: secondsOf(now.After),
		AfterSeconds: secondsOf(after.After), Default: after.Text == "",
	}
	if after.After == dialect.Never {
		timer.Sentence = "it closes no idle WebSocket"
	}
	return timer
}

// nowOf returns the timer that is in effect before the changes.
func nowOf(now []policy.IdleTimer, after policy.IdleTimer) policy.IdleTimer {
	if at := slices.IndexFunc(now, func(t policy.IdleTimer) bool { return t.Key == after.Key }); at >= 0 {
		return now[at]
	}
	return slices.MinFunc(now, func(a, b policy.IdleTimer) int { return cmp.Compare(a.After, b.After) })
}

// configuredTimer returns a timer that the controller's ConfigMap sets.
func configuredTimer(c *dialect.Dialect, t audit.Timer) describedTimer {
	timer := otherTimer(inController, t)
	timer.Owner, timer.On = c.Called(), "the controller's ConfigMap"
	if t.Object.Name != "" {
		timer.On = "ConfigMap " + t.Object.Namespace + "/" + t.Object.Name
	} else {
		timer.Sentence = "assumed: the controller's ConfigMap wasn't read"
	}
	if t.After == dialect.Never {
		timer.Sentence = "it closes no idle WebSocket"
	}
	return timer
}

// serviceTimers returns the timers that a controller reads from the Services of an Ingress.
func (d *describer) serviceTimers(c policy.TracedController) []describedTimer {
	var all []describedTimer
	for s := range d.backends() {
		now := policy.IdleTimers(c.Installation, policy.Service, s.Annotations)
		changed := policy.Evaluate(d.lookup.Input(s.Object)).AnnotationsAfter(s.Object)
		for _, after := range policy.IdleTimers(c.Installation, policy.Service, changed) {
			timer := controllerTimer(c, after, nowOf(now, after))
			timer.On, timer.of = "Service "+s.Name, "Service "+s.Name
			all = append(all, timer)
		}
	}
	if len(all) == 0 {
		all = append(all, controllerTimer(c, c.TimersAfter[0], c.TimersNow[0]))
	}
	return all
}

// throughIngresses returns the timers of the controllers of a Service's Ingresses.
func (d *describer) throughIngresses() []describedTimer {
	var all []describedTimer
	for ingress := range d.ingressesOf() {
		other := describer{knownCluster: d.knownCluster, lookup: d.lookup, object: ingress.Object, in: d.lookup.Input(ingress.Object)}
		other.trace = policy.TraceOf(other.in)
		if len(other.trace.Controllers) == 0 {
			all = append(all, describedTimer{Place: inController, Owner: "the controller of Ingress " + ingress.Name, Sentence: unknownController})
		}
		for _, c := range other.trace.Controllers {
			for _, t := range other.controllerTimers(c) {
				if !t.OnReload {
					t.Sentence = "for Ingress " + ingress.Name
					all = append(all, t)
				}
			}
		}
	}
	if len(all) == 0 {
		all = append(all, describedTimer{Place: inController, Owner: "any ingress controller", Sentence: "no Ingress that sends to this Service was found"})
	}
	return all
}

// markShortest marks the known timers that close an idle WebSocket first.
func markShortest(all []describedTimer) []describedTimer {
	shortest := dialect.Never
	for _, t := range all {
		if t.closesIdle() {
			shortest = min(shortest, duration.Duration(*t.NowSeconds)*duration.Second)
		}
	}
	for i := range all {
		all[i].Shortest = all[i].closesIdle() && duration.Duration(*all[i].NowSeconds)*duration.Second == shortest
	}
	return all
}

// closesIdle reports whether the timer is known to close an idle WebSocket.
func (t describedTimer) closesIdle() bool { return t.NowSeconds != nil && !t.OnReload }

// secondsOf returns a duration in seconds; nil if it isn't known, or for never.
func secondsOf(d duration.Duration) *int64 {
	if d <= 0 || d == dialect.Never {
		return nil
	}
	return new(d.Seconds())
}
