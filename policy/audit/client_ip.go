package audit

import (
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

const (
	msgIneffectiveClientIP policy.Message = `ClientIP does nothing for clients that come through {controller}, which sends to pods directly; {detail}`
	msgNoAffinityAtAll     policy.Message = `ClientIP does nothing for clients that come through {controller}, which sends to pods directly and can't keep a client on one pod`
	msgClusterIPAffinity   policy.Message = `ClientIP sees only the pods of {controller}, because {detail} is {wanted}: all their clients reach one pod; remove that annotation`
	msgRefusedByCloud      policy.Message = `load balancers on {detail} fail with ClientIP: this one is neither created nor updated; write None, and put a ClusterIP Service beside it`
)

// clientIPs finds Services whose ClientIP doesn't do what it says.
func clientIPs(v *view) []Finding {
	var all []Finding
	for i := range v.Services {
		service := &v.Services[i]
		if !v.covers(service.Namespace) || service.Affinity().Type != policy.AffinityClientIP {
			continue
		}
		found := v.clientIPThrough(service)
		if f, refused := v.refusedByCloud(service); refused {
			found = append(found, f)
		}
		for _, f := range found {
			f.Actor, f.Target, f.Setting = policy.Author, policy.FieldTarget(policy.SessionAffinity), dialect.SessionAffinity
			f.Found = policy.AffinityClientIP
			all = append(all, at(ObjectOf(service.Object), service.Source, f))
		}
	}
	return all
}

// mattersToClientIP reports whether clientIPs evaluates an object: a Service with ClientIP, or
// an Ingress that sends to one.
func (v *view) mattersToClientIP(o *policy.Object) bool {
	if !o.Kind.Routes() {
		return o.Affinity().Type == policy.AffinityClientIP
	}
	return slices.ContainsFunc(o.Backends, func(backend string) bool {
		s, known := v.services[name{o.Namespace, backend}]
		return known && s.Affinity().Type == policy.AffinityClientIP
	})
}

// clientIPThrough finds the controllers through which a Service's ClientIP does nothing,
// or takes all clients of a controller's pod for one, each once.
func (v *view) clientIPThrough(s *Service) []policy.Finding {
	var found []policy.Finding
	for _, ingress := range v.routedBy[name{s.Namespace, s.Name}] {
		c := v.controllerOf(ingress.Object).Installation()
		known := func(f policy.Finding) bool { return f.Controller == c.Name }
		if c.Dialect == nil || slices.ContainsFunc(found, known) {
			continue
		}
		f := policy.Finding{Controller: c.Name}
		switch key, text, toClusterIP := v.toClusterIP(c, ingress, s); {
		case toClusterIP && key != "":
			f.Rule, f.Message, f.Detail, f.Wanted = policy.RuleClusterIPAffinity, msgClusterIPAffinity, key, text
		case toClusterIP, !c.ToPods, v.keepsClients(c, ingress, s):
			continue
		default:
			f.Rule = policy.RuleIneffectiveClientIP
			f.Message, f.Detail = v.affinityRemedy(c)
		}
		found = append(found, f)
	}
	return found
}

// affinityRemedy returns what to do so that a controller keeps the clients of a Service on
// one pod.
func (v *view) affinityRemedy(c dialect.Installation) (message policy.Message, remedy string) {
	if policy.CanKeepClients(c) {
		return msgIneffectiveClientIP, "add the label " + policy.StickyLabel + `: "true"`
	}
	if remedy = v.Policy.AffinityRemedy(c, "the Service"); remedy != "" {
		return msgIneffectiveClientIP, remedy
	}
	return msgNoAffinityAtAll, ""
}

// toClusterIP reports whether a controller sends to a Service's ClusterIP for an Ingress,
// and because of which annotation; that is empty if the engine reports it already.
func (v *view) toClusterIP(c dialect.Installation, i *Ingress, s *Service) (key, text string, found bool) {
	for _, o := range [...]*policy.Object{i.Object, s.Object} {
		if key, text, found = policy.ToClusterIP(c, o); !found {
			continue
		}
		reported := slices.ContainsFunc(v.evaluate(v.input(o)).Findings, func(f policy.Finding) bool {
			return f.Rule == policy.RuleConflictingAnnotation && f.Target == policy.AnnotationTarget(key)
		})
		if reported {
			return "", "", true
		}
		return key, text, true
	}
	return "", "", false
}

// keepsClients reports whether a controller keeps the clients of a Service on one pod, or
// the engine says what is missing for that.
func (v *view) keepsClients(c dialect.Installation, i *Ingress, s *Service) bool {
	if v.Policy.AsksForStickiness(s.Object) && policy.CanKeepClients(c) {
		return true
	}
	for _, o := range [...]*policy.Object{i.Object, s.Object} {
		if policy.KeepsClients(c, o.Kind, o.Annotations) {
			return true
		}
		result := v.evaluate(v.input(o))
		if policy.KeepsClients(c, o.Kind, result.AnnotationsAfter(o)) || slices.ContainsFunc(result.Findings, isAboutStickyLabel) {
			return true
		}
	}
	return false
}

// isAboutStickyLabel reports whether a finding says that the label for stickiness has no
// effect.
func isAboutStickyLabel(f policy.Finding) bool {
	return f.Rule == policy.RuleNoEffect && f.Target == policy.LabelTarget(policy.StickyLabel)
}

// refusedByCloud finds a load balancer that the cloud's own controller doesn't build. The
// AWS Load Balancer Controller takes ClientIP.
func (v *view) refusedByCloud(s *Service) (policy.Finding, bool) {
	cloud, refuses := v.cloud().RefusesClientIP()
	if !refuses || s.Type != "LoadBalancer" || s.LoadBalancerClass != "" || dialect.IsLeftToAWSController(s.Annotations) {
		return policy.Finding{}, false
	}
	return policy.Finding{Rule: policy.RuleAffinityRefusedByCloud, Message: msgRefusedByCloud, Detail: cloud}, true
}
