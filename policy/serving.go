package policy

import "github.com/holdfast-dev/holdfast/policy/dialect"

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
	// Source is who told.
	Source ServingSource
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
func (p *Policy) Serving(o *Object, classes []ClusterClass) Serving {
	class := o.Class()
	if class == "" {
		if _, named := p.IngressClasses[""]; !named {
			class = defaultClass(classes)
		}
	}
	return p.servingClass(class, classes)
}

func (p *Policy) servingClass(class string, classes []ClusterClass) Serving {
	if named, ok := p.IngressClasses[class]; ok {
		return Serving{class, dialect.ByName(named.Dialect), ByPolicy}
	}
	for _, c := range classes {
		if c.Name == class {
			// A controller that is there and unknown is not the one that
			// usually has the name.
			return Serving{class, dialect.ForController(c.Controller), ByIngressClass}
		}
	}
	if d := dialect.ForClass(class); d != nil {
		return Serving{class, d, ByClassName}
	}
	return Serving{class, nil, ByNobody}
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
