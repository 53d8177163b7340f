package audit

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

const (
	msgBalancerShort   policy.Message = `{found-text}, so {detail}, before the controller does; set it to {wanted}`
	msgBalancerLimit   policy.Message = `{found-text}, so {detail}; set it to {wanted}, the most that it takes, and have clients send pings more often`
	msgBalancerAtLimit policy.Message = `{found-text}, so {detail}, and it takes no more; have clients send pings more often`
	msgBalancerFixed   policy.Message = `{detail}, and no annotation changes that; have clients send pings more often`
	msgBalancerBad     policy.Message = `{found} can't be read or is out of range, so {detail}; write {wanted}`
)

// loadBalancers finds load balancers in front of the controllers that close idle
// WebSockets before the policy's timeouts.
func loadBalancers(v *view) []Finding {
	cloud := string(v.cloud())
	var all []Finding
	for _, service := range v.inFront() {
		before := len(all)
		timer := dialect.CloudTimerOf(cloud, service.Annotations, service.LoadBalancerClass)
		if timer == nil {
			continue
		}
		if len(timer.Keys) == 0 {
			all = append(all, fixedBalancer(service, timer, v.maxTimeout())...)
		}
		for _, key := range timer.KeysFor(service.portNumbers()) {
			if f, short := shortBalancer(service, timer, key, v.maxTimeout()); short {
				all = append(all, f)
			}
		}
		for i := range all[before:] {
			all[before+i].ServedBy = v.controllerBehind(service)
		}
	}
	return all
}

// controllerBehind returns the name of the dialect of the controller whose pods a Service
// selects.
func (v *view) controllerBehind(s *Service) string {
	for _, w := range v.behind(s) {
		for _, d := range v.inUse() {
			if slices.ContainsFunc(v.controllers[d], func(i *installed) bool { return i.Workload == w }) {
				return d.Name
			}
		}
	}
	return ""
}

// inFront returns the Services of type LoadBalancer that select the pods of controllers
// that are in use.
func (v *view) inFront() []*Service { return v.inFrontOf(v.inUse()) }

// inFrontOf returns the Services of type LoadBalancer that select the pods of any of some
// controllers.
func (v *view) inFrontOf(all []*dialect.Dialect) []*Service {
	controllers := make(map[*Workload]bool)
	for _, d := range all {
		for _, i := range v.controllers[d] {
			controllers[i.Workload] = true
		}
	}
	var found []*Service
	for i := range v.Services {
		service := &v.Services[i]
		isOne := func(w *Workload) bool { return controllers[w] }
		if service.Type == "LoadBalancer" && slices.ContainsFunc(v.behind(service), isOne) {
			found = append(found, service)
		}
	}
	return found
}

// portNumbers returns the TCP ports of a Service.
func (s *Service) portNumbers() []int32 {
	var ports []int32
	for _, p := range s.Ports {
		if p.Protocol == "" || p.Protocol == "TCP" {
			ports = append(ports, p.Port)
		}
	}
	return ports
}

// fixedBalancer finds a load balancer whose timer can't be set.
func fixedBalancer(s *Service, t *dialect.CloudTimer, wanted duration.Duration) []Finding {
	if t.Default == 0 || t.Default >= wanted {
		return nil
	}
	f := balancerFinding(policy.FieldTarget("/spec/type"), t, t.Default)
	f.Message = msgBalancerFixed
	found := at(ObjectOf(s.Object), s.Source, f)
	found.Lifetime = Lifetime{Now: t.Default, Wanted: wanted}
	return []Finding{found}
}

// shortBalancer finds an annotation that isn't there, is shorter than WebSockets are to
// live, or that the cloud refuses.
func shortBalancer(s *Service, t *dialect.CloudTimer, key string, wanted duration.Duration) (Finding, bool) {
	text, written := s.Annotations[key]
	now, ok := t.Default, true
	if written {
		now, ok = t.Read(text)
	}
	if ok && (now == 0 || now >= wanted) {
		return Finding{}, false
	}
	right, most := t.Write(wanted)
	f := balancerFinding(policy.AnnotationTarget(key), t, now)
	f.Wanted, f.Found = right, notSet
	if written {
		f.Found = strconv.Quote(text)
	}
	switch {
	case !ok:
		f.Message, f.Found, f.Detail = msgBalancerBad, text, t.BadValue
	case now >= most:
		f.Message, f.Wanted = msgBalancerAtLimit, ""
	case most < wanted:
		f.Message = msgBalancerLimit
	}
	found := at(ObjectOf(s.Object), s.Source, f)
	found.Lifetime = Lifetime{Now: now, Wanted: wanted}
	if keepsOthers := t.Element != "" && written; f.Wanted != "" && !keepsOthers {
		found.Command = Kubectl(found.Object, "annotate"+Overwrite, key+"="+right)
	}
	return found, true
}

func balancerFinding(at policy.Target, t *dialect.CloudTimer, now duration.Duration) policy.Finding {
	return policy.Finding{
		Rule: policy.RuleLoadBalancerIdleTimeout, Actor: policy.Admin, Message: msgBalancerShort, Target: at,
		Detail: fmt.Sprintf("%s closes an idle WebSocket after %d s", t.Balancer, now.Seconds()),
	}
}
