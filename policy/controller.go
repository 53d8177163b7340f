package policy

import (
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Controller is which controller serves an Ingress.
type Controller struct {
	// Class is the class's name; empty if the Ingress asks for none and there is no
	// default.
	Class string
	// Dialect is the controller's; nil if it is unknown or left alone.
	Dialect *dialect.Dialect
	// Options are what the policy declares of the installation.
	Options dialect.Options
	// Source is how the controller was found.
	Source ControllerSource
	// Unknown is the IngressClass's spec.controller if no dialect is known for it;
	// empty otherwise.
	Unknown string
	// Chart is the Helm chart that such an IngressClass is from; empty if it isn't known.
	Chart string
	// Problem is why no controller serves the Ingress though one is known for its
	// class, or why there is no such class; nil otherwise.
	Problem *ClassProblem
}

// ClassProblem is why a controller doesn't serve an Ingress of its class.
type ClassProblem struct {
	message Message
	// Controller is its dialect's name, if one is known.
	Controller string
	// Wanted is the class that it would serve, or that another key names.
	Wanted string
	// detail is a part of the sentence.
	detail string
}

// leftAlone reports whether the policy says that no dialect is meant.
func (c Controller) leftAlone() bool {
	return c.Dialect == nil && c.Problem == nil && c.Source == ByPolicy
}

// HasUnknownController reports whether an Ingress gets nothing because Holdfast
// doesn't know which controller serves it.
func (in Input) HasUnknownController() bool {
	return in.Object.Kind.Routes() && in.Controller.Dialect == nil && !in.Controller.leftAlone() && !in.Policy.IsOptedOut(in.Object)
}

// Installation returns the controller as it is installed.
func (c Controller) Installation() dialect.Installation {
	return dialect.Installation{Dialect: c.Dialect, Options: c.Options}
}

// ControllerSource is what shows which controller serves an Ingress.
type ControllerSource string

// The sources, the strongest first.
const (
	ByPolicy       ControllerSource = "policy"
	ByIngressClass ControllerSource = "IngressClass"
	ByClassName    ControllerSource = "class name"
	ByNobody       ControllerSource = ""
)

// ResolveController returns the controller of an Ingress: from the policy if that
// names the class, else from the IngressClass's spec.controller, which the policy may
// name too, else from the class's usual name. An Ingress without a class is served by
// the policy's class "", else by the cluster's one default class.
//
// If spec.ingressClassName and the legacy annotation differ, each controller has a
// precedence of its own, and the one that takes the Ingress is returned.
func (p *Policy) ResolveController(o *Object, classes []IngressClass) Controller {
	if c, found := p.byControllersAnnotation(o, classes); found {
		return c
	}
	field, legacy := "", o.Annotations[dialect.LegacyClass]
	if o.ClassName != nil {
		field = *o.ClassName
	}
	switch {
	case field == "" && legacy == "":
		return p.withoutClass(classes)
	case field == "":
		return p.byLegacyAnnotation(legacy, classes)
	}
	byField := p.byField(field, classes)
	if legacy == "" || legacy == field && byField.Problem == nil {
		return byField
	}
	byAnnotation := p.byLegacyAnnotation(legacy, classes)
	switch {
	case byField.Dialect != nil && byField.Dialect.Class.Order != dialect.AnnotationFirst:
		return byField
	case byAnnotation.Dialect != nil && byAnnotation.Dialect.Class.Order != dialect.FieldFirst:
		return byAnnotation
	case byField.Dialect == nil:
		return byField
	}
	return Controller{Class: field, Problem: &ClassProblem{message: msgClassesDisagree, Wanted: legacy}}
}

// ResolveClass returns the controller of the Ingresses whose spec.ingressClassName names
// a class.
func (p *Policy) ResolveClass(class string, classes []IngressClass) Controller {
	return p.ResolveController(&Object{Kind: Ingress, ClassName: &class}, classes)
}

// byControllersAnnotation looks for a controller's own annotation that names the
// class.
func (p *Policy) byControllersAnnotation(o *Object, classes []IngressClass) (c Controller, found bool) {
	for _, d := range dialect.All() {
		if d.Class.Annotation == "" {
			continue
		}
		class, written := o.Annotations[d.Class.Annotation]
		if !written {
			continue
		}
		if c = p.controllerOfClass(class, classes); c.Dialect == d {
			return c, true
		}
	}
	return Controller{}, false
}

func (p *Policy) withoutClass(classes []IngressClass) Controller {
	if _, named := p.IngressClasses[""]; named {
		return p.controllerOfClass("", classes)
	}
	return p.byField(defaultClass(classes), classes)
}

// byField returns the controller of a class that the field names.
func (p *Policy) byField(class string, classes []IngressClass) Controller {
	c := p.controllerOfClass(class, classes)
	d := c.Dialect
	if d == nil && !c.leftAlone() {
		d = dialect.ForLegacyValue(class)
	}
	if d == nil || d.Class.Order != dialect.AnnotationOnly || class == "" {
		return c
	}
	value := class
	if !slices.Contains(d.Class.LegacyValues, class) {
		value = d.Class.LegacyValues[0]
	}
	return Controller{Class: class, Source: c.Source, Problem: &ClassProblem{
		message: msgClassOnlyAnnotation, Controller: d.Name, Wanted: value, detail: d.ControllerName(),
	}}
}

// byLegacyAnnotation returns the controller of a class that the annotation names.
func (p *Policy) byLegacyAnnotation(value string, classes []IngressClass) Controller {
	c := p.controllerOfClass(value, classes)
	if d := c.Dialect; d != nil && d.Class.Order == dialect.FieldOnly {
		return Controller{Class: value, Source: c.Source, Problem: &ClassProblem{
			message: msgClassOnlyField, Controller: d.Name, detail: d.ControllerName(),
		}}
	}
	if c.Source == ByClassName {
		return p.ofOneCloud(c)
	}
	if c.Dialect != nil || c.Source != ByNobody {
		return c
	}
	if d := dialect.ForLegacyValue(value); d != nil {
		return p.withOptions(Controller{Class: value, Dialect: d, Source: ByClassName})
	}
	return c
}

// ofOneCloud returns the controller of a class that has no IngressClass, unless those of
// several clouds have classes of that name and read the annotation: they have the same
// annotations' prefix, too.
func (p *Policy) ofOneCloud(c Controller) Controller {
	var clouds, names []string
	for _, d := range dialect.SharingClass(c.Class, string(p.Cloud)) {
		if d.Class.Cloud == "" || d.Class.Order == dialect.FieldOnly || slices.Contains(clouds, d.Class.Cloud) {
			continue
		}
		clouds, names = append(clouds, d.Class.Cloud), append(names, d.ControllerName())
	}
	if len(clouds) < 2 {
		return c
	}
	return Controller{Class: c.Class, Problem: &ClassProblem{message: msgClassOfClouds, detail: strings.Join(names, " or ")}}
}

// withOptions gives a controller that was found only by a usual name the options of
// the policy's one entry for that dialect.
func (p *Policy) withOptions(c Controller) Controller {
	for _, name := range p.namedClasses() {
		if override := p.IngressClasses[name]; override.Dialect == c.Dialect.Name {
			c.Options = override.Options
			return c
		}
	}
	return c
}

// namedClasses returns the classes that the policy names, in order.
func (p *Policy) namedClasses() []string { return slices.Sorted(maps.Keys(p.IngressClasses)) }

func (p *Policy) controllerOfClass(class string, classes []IngressClass) Controller {
	if override, named := p.IngressClasses[class]; named {
		return override.controller(class)
	}
	usual := dialect.ForClass(class, string(p.Cloud))
	for _, c := range classes {
		if c.Name != class {
			continue
		}
		if override, named := p.SpecControllers[c.Controller]; named {
			return override.controller(class)
		}
		return controllerOf(c, usual)
	}
	if usual != nil {
		return Controller{Class: class, Dialect: usual, Source: ByClassName}
	}
	return p.withoutIngressClass(class, classes)
}

// withoutIngressClass returns that no controller is known for a class that doesn't
// exist, with the class that was probably meant.
func (p *Policy) withoutIngressClass(class string, classes []IngressClass) Controller {
	c := Controller{Class: class}
	if class == "" || p.UnknownController == UnknownIgnore {
		return c
	}
	if meant := nearest(class, slices.Collect(p.ClassNames(classes)), ""); meant != "" {
		c.Problem = &ClassProblem{message: msgMistypedClass, Wanted: meant}
	}
	return c
}

// controller returns the controller that the policy names for a class.
func (c ClassOverride) controller(class string) Controller {
	return Controller{Class: class, Dialect: dialect.ByName(c.Dialect), Options: c.Options, Source: ByPolicy}
}

// controllerOf returns the controller of an IngressClass that exists. A controller
// that is named there and unknown isn't the one that usually has the class's name,
// unless that one goes by names alone.
func controllerOf(class IngressClass, usual *dialect.Dialect) Controller {
	c := Controller{Class: class.Name, Dialect: dialect.ForController(class.Controller), Source: ByIngressClass}
	if c.Dialect == nil && usual != nil && usual.Class.ByName {
		c.Dialect = usual
	}
	if c.Dialect == nil {
		c.Unknown, c.Chart = class.Controller, class.Chart
	}
	if d := c.Dialect; d != nil && d.Class.OnlyNames && !slices.Contains(d.Class.Names, class.Name) {
		c.Dialect = nil
		c.Problem = &ClassProblem{message: msgClassOnlyName, Controller: d.Name, Wanted: d.Class.Names[0]}
	}
	return c
}

// defaultClass returns the one class that is marked as default; empty if there is
// none or more than one.
func defaultClass(classes []IngressClass) string {
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

// reportController reports an Ingress whose controller is unknown, or known only by
// the name of its class.
func reportController(in Input, f *Findings) {
	c := in.Controller
	if c.Dialect == nil {
		reportUnknownController(in, f)
		return
	}
	if c.Source != ByClassName {
		return
	}
	for _, d := range dialect.SharingClass(c.Class, string(in.Policy.Cloud)) {
		if d != c.Dialect {
			f.add(Finding{
				Rule: RuleAmbiguousClass, Actor: Admin, Message: msgAmbiguousClass, Controller: c.Dialect.Name, Found: c.Class, Detail: d.Title,
			})
		}
	}
}

func reportUnknownController(in Input, f *Findings) {
	if in.Policy.UnknownController == UnknownIgnore || in.Controller.leftAlone() {
		return
	}
	c := in.Controller
	finding := Finding{Rule: RuleUnknownController, Actor: Author, Target: classTarget(in.Object), Found: c.Class}
	switch problem := c.Problem; {
	case problem != nil:
		finding.Message, finding.Controller, finding.Wanted, finding.Detail = problem.message, problem.Controller, problem.Wanted, problem.detail
	case c.Class == "":
		finding.Message = msgNoClass
	case c.Unknown == "":
		finding.Message = msgNoIngressClass
	default:
		finding.Message, finding.Detail = msgUnknownController, shorten(c.Unknown, maxValue)
		if d := dialect.Resembling(c.Unknown, c.Chart); d != nil {
			finding.Message, finding.Controller = msgProbableController, d.Name
		}
	}
	f.add(finding)
}

// classTarget returns the place of an Ingress's class: the field, unless only the
// legacy annotation names one.
func classTarget(o *Object) Target {
	if (o.ClassName == nil || *o.ClassName == "") && o.Annotations[dialect.LegacyClass] != "" {
		return AnnotationTarget(dialect.LegacyClass)
	}
	return FieldTarget("/spec/ingressClassName")
}
