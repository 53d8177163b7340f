package policy

import (
	"fmt"
	"maps"
	"slices"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// ClusterClass is what an IngressClass object says.
type ClusterClass struct {
	Name string
	// Controller is spec.controller.
	Controller string
	// Default says that the class is marked as the cluster's default.
	Default bool
}

// DefaultClassAnnotation marks an IngressClass as the default one when it is
// "true".
const DefaultClassAnnotation = "ingressclass.kubernetes.io/is-default-class"

// Serving is which controller serves an Ingress.
type Serving struct {
	// Class is the class's name; empty where the Ingress asks for none and
	// there is no default.
	Class string
	// Dialect is the controller's; nil where nobody knows it.
	Dialect *dialect.Dialect
	// Options are what the policy declares of the installation.
	Options dialect.Options
	// Source is who told.
	Source ServingSource
	// Problem is why no controller serves it though one is known, as the rest of
	// a sentence that begins with the class; empty otherwise.
	Problem string
}

// Installation is the controller as it is installed.
func (s Serving) Installation() dialect.Installation {
	return dialect.Installation{Dialect: s.Dialect, Options: s.Options}
}

// ServingSource is who told which controller serves an Ingress.
type ServingSource string

// The sources, the stronger before the weaker.
const (
	ByPolicy       ServingSource = "policy"
	ByIngressClass ServingSource = "IngressClass"
	ByClassName    ServingSource = "class name"
	ByNobody       ServingSource = ""
)

// Serving finds the controller of an Ingress: from the policy where it names
// the class, else from the IngressClass, else from the class's usual name. An
// Ingress without a class is served by the policy's class "", else by the
// cluster's one default class.
//
// Where spec.ingressClassName and the old annotation differ, each controller
// has an order of its own, and the one that takes the Ingress is meant.
func (p *Policy) Serving(o *Object, classes []ClusterClass) Serving {
	if s, named := p.servingOwnAnnotation(o, classes); named {
		return s
	}
	field, legacy := "", o.Annotations[dialect.LegacyClass]
	if o.ClassName != nil {
		field = *o.ClassName
	}
	switch {
	case field == "" && legacy == "":
		return p.servingNoClass(classes)
	case field == "":
		return p.servingLegacy(legacy, classes)
	case legacy == "" || legacy == field:
		return p.servingField(field, classes)
	}
	byField, byAnnotation := p.servingField(field, classes), p.servingLegacy(legacy, classes)
	switch {
	case byField.Dialect != nil && byField.Dialect.Class.Order == dialect.FieldFirst:
		return byField
	case byAnnotation.Dialect != nil && byAnnotation.Dialect.Class.Order != dialect.FieldFirst:
		return byAnnotation
	case byField.Dialect == nil:
		return byField
	}
	return Serving{Class: field, Problem: fmt.Sprintf("is passed over, as the annotation %s says %s; keep one of the two", dialect.LegacyClass, quote(legacy))}
}

// servingOwnAnnotation looks for a controller's own annotation of the class.
func (p *Policy) servingOwnAnnotation(o *Object, classes []ClusterClass) (s Serving, named bool) {
	for _, d := range dialect.All() {
		if d.Class.Annotation == "" {
			continue
		}
		class, written := o.Annotations[d.Class.Annotation]
		if !written {
			continue
		}
		if s = p.servingClass(class, classes); s.Dialect == d {
			return s, true
		}
	}
	return Serving{}, false
}

func (p *Policy) servingNoClass(classes []ClusterClass) Serving {
	if _, named := p.IngressClasses[""]; named {
		return p.servingClass("", classes)
	}
	return p.servingField(defaultClass(classes), classes)
}

// servingField finds the controller of a class that the field names.
func (p *Policy) servingField(class string, classes []ClusterClass) Serving {
	s := p.servingClass(class, classes)
	if s.Dialect != nil && s.Dialect.Class.Order == dialect.AnnotationOnly && class != "" {
		return Serving{Class: class, Source: s.Source, Problem: fmt.Sprintf("is passed over by %s, which reads only the annotation %s", s.Dialect.Name, dialect.LegacyClass)}
	}
	return s
}

// servingLegacy finds the controller of a class that the annotation names.
func (p *Policy) servingLegacy(value string, classes []ClusterClass) Serving {
	s := p.servingClass(value, classes)
	if s.Dialect != nil || s.Source != ByNobody {
		return s
	}
	if d := dialect.ForLegacyValue(value); d != nil {
		return p.declared(Serving{Class: value, Dialect: d, Source: ByClassName})
	}
	return s
}

// declared gives a controller that only its usual name told the options of the
// policy's one entry for that dialect.
func (p *Policy) declared(s Serving) Serving {
	for _, name := range slices.Sorted(maps.Keys(p.IngressClasses)) {
		if c := p.IngressClasses[name]; c.Dialect == s.Dialect.Name {
			s.Options = c.Options
			return s
		}
	}
	return s
}

func (p *Policy) servingClass(class string, classes []ClusterClass) Serving {
	if named, ok := p.IngressClasses[class]; ok {
		return Serving{Class: class, Dialect: dialect.ByName(named.Dialect), Options: named.Options, Source: ByPolicy}
	}
	usual := dialect.ForClass(class)
	for _, c := range classes {
		if c.Name == class {
			return servingObject(c, usual)
		}
	}
	if usual != nil {
		return Serving{Class: class, Dialect: usual, Source: ByClassName}
	}
	return Serving{Class: class}
}

// servingObject finds the controller of a class whose IngressClass is there. A
// controller that is named there and unknown is not the one that usually has
// the class's name, unless that goes by names alone.
func servingObject(c ClusterClass, usual *dialect.Dialect) Serving {
	s := Serving{Class: c.Name, Dialect: dialect.ForController(c.Controller), Source: ByIngressClass}
	if s.Dialect == nil && usual != nil && usual.Class.ByName {
		s.Dialect = usual
	}
	if d := s.Dialect; d != nil && d.Class.OnlyNames && !slices.Contains(d.Class.Names, c.Name) {
		s.Dialect = nil
		s.Problem = fmt.Sprintf("is passed over by %s, which serves only the class %s", d.Name, quote(d.Class.Names[0]))
	}
	return s
}

// Controllers are the controllers that may serve a Service: those that the
// cluster's IngressClasses and the policy name, each once.
func (p *Policy) Controllers(classes []ClusterClass) []dialect.Installation {
	var all []dialect.Installation
	add := func(s Serving) {
		if s.Dialect == nil || slices.ContainsFunc(all, func(known dialect.Installation) bool {
			return known.Dialect == s.Dialect && maps.Equal(known.Options, s.Options)
		}) {
			return
		}
		all = append(all, s.Installation())
	}
	for _, name := range slices.Sorted(maps.Keys(p.IngressClasses)) {
		add(p.servingClass(name, classes))
	}
	for _, c := range classes {
		add(p.servingClass(c.Name, classes))
	}
	return all
}

// defaultClass is the one class that is marked as default; empty where there is
// none or more than one.
func defaultClass(classes []ClusterClass) string {
	found := ""
	for _, c := range classes {
		if !c.Default {
			continue
		}
		if found != "" {
			return ""
		}
		found = c.Name
	}
	return found
}
