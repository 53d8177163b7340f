package audit

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// view is a snapshot with what several steps look up in it. Once newView has made it only
// results changes, and in a mending the objects that are mended.
type view struct {
	*Snapshot
	options    Options
	namespaces map[string]*Namespace
	services   map[name]*Service
	// routedBy are the Ingresses that send to each Service.
	routedBy map[name][]*Ingress
	// controllers are the workloads that run each controller.
	controllers map[*dialect.Dialect][]*installed
	// backends are the workloads that WebSockets or sticky clients reach.
	backends []*backend
	// autoscalers are those of each workload.
	autoscalers map[workloadName]*Autoscaler
	// limits are the NetworkPolicies of each Namespace that limit what pods accept.
	limits map[string][]*NetworkPolicy
	// labelled are the workloads by each label of their pods.
	labelled map[podLabel][]*Workload
	// annotated are the annotations of the objects that have an acceptance.
	annotated map[Object]map[string]string
	// results are what the engine makes of objects that more than one step evaluates; nil
	// outside an audit, where objects may change in between.
	results map[*policy.Object]policy.Result
}

// name is the name of an object of a known kind.
type name struct{ namespace, name string }

func newView(s *Snapshot, o Options) *view {
	v := &view{
		Snapshot: s, options: o,
		namespaces:  make(map[string]*Namespace, len(s.Namespaces)),
		services:    make(map[name]*Service, len(s.Services)),
		routedBy:    make(map[name][]*Ingress),
		labelled:    byPodLabel(s.Workloads),
		controllers: findControllers(s.Workloads), autoscalers: make(map[workloadName]*Autoscaler), limits: make(map[string][]*NetworkPolicy),
	}
	for i := range s.Namespaces {
		v.namespaces[s.Namespaces[i].Name] = &s.Namespaces[i]
	}
	for i := range s.Services {
		service := &s.Services[i]
		v.services[name{service.Namespace, service.Name}] = service
	}
	for i := range s.Ingresses {
		ingress := &s.Ingresses[i]
		for _, backend := range ingress.Backends {
			to := name{ingress.Namespace, backend}
			v.routedBy[to] = append(v.routedBy[to], ingress)
		}
	}
	// Manifests have any order, and the API server lists by name.
	for _, ingresses := range v.routedBy {
		slices.SortStableFunc(ingresses, func(a, b *Ingress) int { return cmp.Compare(a.Name, b.Name) })
	}
	for i := range s.Autoscalers {
		a := &s.Autoscalers[i]
		v.autoscalers[workloadName{a.Namespace, a.TargetKind, a.TargetName}] = a
	}
	for i := range s.NetworkPolicies {
		if p := &s.NetworkPolicies[i]; p.LimitsIngress {
			v.limits[p.Namespace] = append(v.limits[p.Namespace], p)
		}
	}
	v.annotated = v.accepting()
	v.backends = v.findBackends()
	return v
}

// accepting returns the annotations of the objects that accept findings.
func (v *view) accepting() map[Object]map[string]string {
	found := make(map[Object]map[string]string)
	add := func(o Object, annotations map[string]string) {
		for key := range annotations {
			if strings.HasPrefix(key, acceptPrefix) {
				found[o] = annotations
				return
			}
		}
	}
	for o := range v.objects() {
		add(ObjectOf(o), o.Annotations)
	}
	for m := range v.others() {
		add(m.Object, m.Annotations)
	}
	return found
}

// others returns what the objects that the engine doesn't evaluate have in common.
func (v *view) others() iter.Seq[*Meta] {
	return func(yield func(*Meta) bool) {
		for i := range v.Namespaces {
			if !yield(&v.Namespaces[i].Meta) {
				return
			}
		}
		for i := range v.Classes {
			if !yield(&v.Classes[i]) {
				return
			}
		}
		for i := range v.Workloads {
			if !yield(&v.Workloads[i].Meta) {
				return
			}
		}
		for i := range v.Autoscalers {
			if !yield(&v.Autoscalers[i].Meta) {
				return
			}
		}
		for i := range v.NetworkPolicies {
			if !yield(&v.NetworkPolicies[i].Meta) {
				return
			}
		}
		for i := range v.ConfigMaps {
			if !yield(&v.ConfigMaps[i].Meta) {
				return
			}
		}
	}
}

// covers reports whether a Namespace's objects are evaluated.
func (v *view) covers(namespace string) bool {
	ns, known := v.namespaces[namespace]
	switch {
	case known && ns.Excluded, slices.Contains(v.Excluded, namespace):
		return false
	case v.options.AssumeEnforce, !known && !v.Live:
		return true
	case !known:
		return false
	}
	_, valid := policy.ParseMode(ns.Labels[policy.PolicyLabel])
	return valid
}

// mode returns what Holdfast does in a Namespace; empty if nothing.
func (v *view) mode(namespace string) policy.Mode {
	ns, known := v.namespaces[namespace]
	if !known {
		return ""
	}
	mode, _ := policy.ParseMode(ns.Labels[policy.PolicyLabel])
	return mode
}

// input returns what the engine needs to know of an object.
func (v *view) input(o *policy.Object) policy.Input {
	namespace := policy.Namespace{Name: o.Namespace}
	if ns, known := v.namespaces[o.Namespace]; known {
		namespace.Annotations = ns.Annotations
	}
	in := v.Input(o, nil, namespace)
	if in.NeedsServices() {
		in.Services = v.servicesOf(o)
	}
	return in
}

// servicesOf returns what is known of the Services that an Ingress sends to. One that
// manifests lack, or that couldn't be read, may exist in the cluster.
func (v *view) servicesOf(o *policy.Object) policy.Services {
	var known policy.Services
	complete := v.Live && !v.lacks([]string{services})
	for _, backend := range o.Backends {
		service, there := v.services[name{o.Namespace, backend}]
		switch {
		case !there && complete:
			known.Missing = append(known.Missing, backend)
		case !there:
			known.Unknown = true
		default:
			if sticky, is := policy.ReadStickyService(backend, service.Labels, service.Annotations); is {
				known.Sticky = append(known.Sticky, sticky)
			}
		}
	}
	return known
}

// controllerOf returns which controller serves an Ingress.
func (v *view) controllerOf(ingress *policy.Object) policy.Controller {
	return v.Policy.ResolveController(ingress, v.IngressClasses)
}

// objects returns the objects that the engine evaluates, with what finds their fields
// in a file.
func (v *view) objects() iter.Seq2[*policy.Object, Locator] {
	return func(yield func(*policy.Object, Locator) bool) {
		for i := range v.Ingresses {
			if !yield(v.Ingresses[i].Object, v.Ingresses[i].Source) {
				return
			}
		}
		for i := range v.Services {
			if !yield(v.Services[i].Object, v.Services[i].Source) {
				return
			}
		}
	}
}

// at returns a finding about an object, at its target's place in a file.
func at(o Object, source Locator, f policy.Finding) Finding {
	found := Finding{Finding: f, Object: o}
	if source != nil {
		found.Position = source.Position(f.Target.Path())
	}
	return found
}

// aboutClass returns a finding about an IngressClass, whether or not there is one of that
// name.
func (v *view) aboutClass(name string, f policy.Finding) Finding {
	if i := slices.IndexFunc(v.Classes, func(m Meta) bool { return m.Name == name }); i >= 0 {
		return v.Classes[i].about(f)
	}
	return Finding{Finding: f, Object: Object{APIVersion: "networking.k8s.io/v1", Kind: "IngressClass", Name: name}}
}

// about returns a finding about an object that the engine doesn't evaluate.
func (m Meta) about(f policy.Finding) Finding { return at(m.Object, m.Source, f) }

// compareFindings compares by Namespace, kind, name, rule and field.
func compareFindings(a, b *Finding) int {
	order := cmp.Or(
		cmp.Compare(a.Object.Namespace, b.Object.Namespace),
		cmp.Compare(a.Object.Kind, b.Object.Kind),
		cmp.Compare(a.Object.Name, b.Object.Name),
		cmp.Compare(a.Rule, b.Rule),
	)
	if order != 0 {
		return order
	}
	return cmp.Compare(a.Target.Key(), b.Target.Key())
}
