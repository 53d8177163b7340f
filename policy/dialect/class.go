package dialect

import (
	"regexp"
	"slices"
	"strings"
)

// LegacyClass is the annotation that was an Ingress's class before
// spec.ingressClassName.
const LegacyClass = "kubernetes.io/ingress.class"

// Class is how Holdfast finds the Ingresses of a controller.
type Class struct {
	// Controllers are the controller's values of an IngressClass's
	// spec.controller.
	Controllers []string
	// Prefixes begin all further values of spec.controller that mean the controller.
	Prefixes []string
	// Resembles matches values of spec.controller under which the controller is
	// probably installed; nil for none. Nothing is injected because of it.
	Resembles *regexp.Regexp
	// Chart is the Helm chart whose IngressClasses are probably the controller's, whatever
	// their spec.controller; empty for none. Nothing is injected because of it.
	Chart string
	// Instances says that each of Controllers may be followed by "/" and
	// the name of one of several installations.
	Instances bool
	// Names are the usual names of its classes.
	Names []string
	// Cloud is the cloud that the controller belongs to, as policies name it; empty if
	// Names belong to no cloud's controllers. It tells apart those that share one.
	Cloud string
	// LegacyValues are values of LegacyClass that mean this controller but aren't
	// names of a class.
	LegacyValues []string
	// ByName says that the controller goes by the class name and doesn't
	// read spec.controller.
	ByName bool
	// OnlyNames says that it serves no classes but those in Names.
	OnlyNames bool
	// Order is which one wins if LegacyClass and spec.ingressClassName disagree.
	Order Order
	// Annotation is a further annotation that names the class and wins over both;
	// empty for none.
	Annotation string
}

// Order is which one wins for a controller if the annotation LegacyClass and the
// field spec.ingressClassName name different classes.
type Order string

// The orders.
const (
	FieldFirst Order = "field"
	// FieldOnly is a controller that never reads the annotation.
	FieldOnly       Order = "field only"
	AnnotationFirst Order = "annotation"
	// AnnotationOnly is a controller that never reads the field.
	AnnotationOnly Order = "annotation only"
)

// controls reports whether a spec.controller means this controller.
func (c Class) controls(controller string) bool {
	isInstance := func(known string) bool {
		rest, found := strings.CutPrefix(controller, known)
		return found && (rest == "" || c.Instances && strings.HasPrefix(rest, "/"))
	}
	beginsWith := func(prefix string) bool { return strings.HasPrefix(controller, prefix) }
	return slices.ContainsFunc(c.Controllers, isInstance) || slices.ContainsFunc(c.Prefixes, beginsWith)
}
