package audit

import (
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

const msgCompeting policy.Message = `{found}, but {wanted} on Ingress {detail}, and {controller} keeps one value for the Service of both: one of them is ignored; write the same`

// competingIngresses finds Ingresses that set for a Service what another one sets to
// another value.
func competingIngresses(v *view) []Finding {
	var all []Finding
	for i := range v.Services {
		service := &v.Services[i]
		routedBy := v.routedBy[name{service.Namespace, service.Name}]
		if v.covers(service.Namespace) && len(routedBy) > 1 {
			all = append(all, v.competitors(routedBy)...)
		}
	}
	return all
}

// competitors finds those Ingresses of one Service that differ from the first one that
// sets the same.
func (v *view) competitors(routedBy []*Ingress) []Finding {
	type setting struct{ controller, key string }
	type written struct {
		text string
		by   *Ingress
	}
	first := make(map[setting]written)
	var all []Finding
	for _, ingress := range routedBy {
		c := v.controllerOf(ingress.Object).Installation()
		for a := range c.AnnotationsOn(dialect.Ingress) {
			key, text, set := a.Written(ingress.Annotations)
			if !a.ServiceWide || !set {
				continue
			}
			known, there := first[setting{c.Name, a.Key}]
			switch {
			case !there:
				first[setting{c.Name, a.Key}] = written{text, ingress}
			case known.text != text:
				all = append(all, at(ObjectOf(ingress.Object), ingress.Source, policy.Finding{
					Rule: policy.RuleCompetingIngresses, Actor: policy.Author, Message: msgCompeting, Target: policy.AnnotationTarget(key),
					Controller: c.Name, Setting: a.Setting, Found: text, Wanted: known.text, Detail: known.by.Name,
				}))
			}
		}
	}
	return all
}
