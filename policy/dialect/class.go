package dialect

import (
	"slices"
	"strings"
)

// LegacyClass is the annotation that was an Ingress's class before
// spec.ingressClassName.
const LegacyClass = "kubernetes.io/ingress.class"

// Class is how a controller decides that an Ingress is its own.
type Class struct {
	// Controllers are the values of an IngressClass's spec.controller that mean
	// this controller.
	Controllers []string
	// Instances says that each of Controllers may be followed by "/" and the
	// name of one of several installations.
	Instances bool
	// Names are the usual names of its classes.
	Names []string
	// LegacyValues are values of LegacyClass that mean this controller and are
	// names of no class.
	LegacyValues []string
	// ByName says that the controller goes by the class's name and doesn't read
	// spec.controller.
	ByName bool
	// OnlyNames says that it serves classes of no other name than Names.
	OnlyNames bool
	// Order is whose word counts where LegacyClass and spec.ingressClassName
	// disagree.
	Order Order
	// Annotation is an annotation of the controller's own that names the class
	// and beats both; empty for none.
	Annotation string
}

// Order is whose word counts for a controller where the annotation LegacyClass
// and the field spec.ingressClassName name different classes.
type Order string

// The orders.
const (
	FieldFirst      Order = "field"
	AnnotationFirst Order = "annotation"
	// AnnotationOnly is a controller that never reads the field.
	AnnotationOnly Order = "annotation only"
)

// controls tells whether a spec.controller means this controller.
func (c Class) controls(controller string) bool {
	return slices.ContainsFunc(c.Controllers, func(own string) bool {
		rest, found := strings.CutPrefix(controller, own)
		return found && (rest == "" || c.Instances && strings.HasPrefix(rest, "/"))
	})
}
