package policy

import "github.com/holdfast-dev/holdfast/policy/dialect"

// AuthorAnnotations returns an object's annotations without what Holdfast injected.
func AuthorAnnotations(o *Object) map[string]string {
	if o.Annotations[RecordAnnotation] == "" {
		return o.Annotations
	}
	var ignored Findings
	return restore(o, nil, nil, &ignored).Object.Annotations
}

// Affinity returns the session affinity that a Service is stored with.
func (o *Object) Affinity() Affinity {
	for _, f := range o.Fields {
		if f.Target == sessionAffinityTarget {
			now, _ := affinityOf(&f)
			return now
		}
	}
	return Affinity{}
}

// KeepsClients reports whether a controller keeps clients on one pod because of the
// annotations of an object, or without any.
func KeepsClients(c dialect.Installation, on Kind, annotations map[string]string) bool {
	modes, _, _ := userModes(c, parse(&Object{Kind: on, Annotations: annotations}))
	s := situation{Installation: c}
	return len(modes) > 0 || s.sticksByDefault()
}

// CanKeepClients reports whether Holdfast's label makes a controller keep the clients of a
// Service on one pod.
func CanKeepClients(c dialect.Installation) bool {
	for _, on := range [...]Kind{Ingress, Service} {
		for a := range c.AnnotationsOn(on) {
			if a.Setting.EnablesAffinity() && !a.ReadOnly && c.Reads(a) {
				return true
			}
		}
	}
	return false
}

// AffinityRemedy returns what keeps the clients of Services on one pod with a controller
// for which no label does; empty if nothing is known to.
func (p *Policy) AffinityRemedy(c dialect.Installation, services string) string {
	s := situation{Installation: c}
	return s.affinityRemedy(services, p)
}

// ToClusterIP returns the annotation of an object with which a controller sends to the
// Service's ClusterIP instead of to its pods.
func ToClusterIP(c dialect.Installation, o *Object) (key, text string, found bool) {
	for _, conflict := range findConflicts(c, parse(o)) {
		if conflict.SendsToClusterIP() {
			return conflict.key, conflict.text, true
		}
	}
	return "", "", false
}

// RefusesClientIP returns the name of a cloud whose own controller builds no load balancer
// for a Service with ClientIP.
func (w Cloud) RefusesClientIP() (name string, refuses bool) {
	name, refuses = cloudsThatRefuse[w]
	return name, refuses
}
