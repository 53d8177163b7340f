package audit

import (
	"maps"
	"slices"
)

// podLabel is one label of a Namespace's pods.
type podLabel struct{ namespace, key, value string }

// byPodLabel returns the workloads by each label of their pods.
func byPodLabel(workloads []Workload) map[podLabel][]*Workload {
	index := make(map[podLabel][]*Workload)
	for i := range workloads {
		w := &workloads[i]
		for key, value := range w.PodLabels {
			label := podLabel{w.Namespace, key, value}
			index[label] = append(index[label], w)
		}
	}
	return index
}

// workloadName names a workload, as an autoscaler does.
type workloadName struct{ namespace, kind, name string }

// behind returns the workloads whose pods a Service selects. One without a selector
// selects none.
func (v *view) behind(s *Service) []*Workload {
	var fewest []*Workload
	for at, key := range slices.Sorted(maps.Keys(s.Selector)) {
		some := v.labelled[podLabel{s.Namespace, key, s.Selector[key]}]
		if at == 0 || len(some) < len(fewest) {
			fewest = some
		}
	}
	var found []*Workload
	for _, w := range fewest {
		if selects(s.Selector, w.PodLabels) {
			found = append(found, w)
		}
	}
	return found
}

// selects reports whether labels have all that a selector asks for.
func selects(selector, labels map[string]string) bool {
	for key, value := range selector {
		if have, there := labels[key]; !there || have != value {
			return false
		}
	}
	return true
}

// backend is a workload behind a sticky Service, or behind a Service of an Ingress that
// carries WebSockets.
type backend struct {
	*Workload
	services []*Service
	// sticky says that one of the Services is.
	sticky bool
	// autoscaler scales it; nil for none.
	autoscaler *Autoscaler
}

// findBackends returns the workloads that the policy covers and that WebSockets or sticky
// clients reach, in the order of the snapshot's Services.
func (v *view) findBackends() []*backend {
	known := make(map[*Workload]*backend)
	var all []*backend
	for i := range v.Services {
		service := &v.Services[i]
		sticky := v.Policy.AsksForStickiness(service.Object)
		if !v.covers(service.Namespace) || !sticky && !v.servesWebSockets(service) {
			continue
		}
		for _, w := range v.behind(service) {
			b, there := known[w]
			if !there {
				b = &backend{Workload: w, autoscaler: v.autoscalers[workloadName{w.Namespace, w.Kind, w.Name}]}
				known[w] = b
				all = append(all, b)
			}
			b.services = append(b.services, service)
			b.sticky = b.sticky || sticky
		}
	}
	return all
}

// servesWebSockets reports whether an Ingress that carries WebSockets sends to a Service.
func (v *view) servesWebSockets(s *Service) bool {
	return slices.ContainsFunc(v.routedBy[name{s.Namespace, s.Name}], func(i *Ingress) bool {
		return !v.Policy.IsOptedOut(i.Object) && v.carriesWebSockets(i)
	})
}
