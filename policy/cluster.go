package policy

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Cluster is what the engine needs to know of a cluster beside one object. The
// webhook reads it from watches, the commands from manifests.
type Cluster struct {
	Policy *Policy
	// IngressClasses are those of the whole cluster. Nothing writes to them.
	IngressClasses []IngressClass
}

// IngressClass is what an IngressClass object says.
type IngressClass struct {
	Name string
	// Controller is spec.controller.
	Controller string
	// Default says that the class is marked as the cluster's default.
	Default bool
	// Chart is the Helm chart that its labels name; empty for none.
	Chart string
}

// DefaultClassAnnotation marks an IngressClass as the default one when it is
// "true".
const DefaultClassAnnotation = "ingressclass.kubernetes.io/is-default-class"

// ReadIngressClass returns what an IngressClass object says by its name, its
// spec.controller, its labels and its annotations.
func ReadIngressClass(name, controller string, labels, annotations map[string]string) IngressClass {
	return IngressClass{name, controller, annotations[DefaultClassAnnotation] == "true", chartOf(labels)}
}

// chartOf returns the name of the Helm chart that an object is from, by the labels that
// charts usually have.
func chartOf(labels map[string]string) string {
	if name := labels["app.kubernetes.io/name"]; name != "" {
		return name
	}
	chart := labels["helm.sh/chart"]
	for at := range chart {
		if strings.HasPrefix(chart[at:], "-") && at+1 < len(chart) && '0' <= chart[at+1] && chart[at+1] <= '9' {
			return chart[:at]
		}
	}
	return chart
}

// Input returns what Evaluate needs to know of an object of the cluster. If it
// NeedsServices, its Services are still to be filled in.
func (c Cluster) Input(o, old *Object, namespace Namespace) Input {
	in := Input{Object: o, Old: old, Namespace: namespace, Policy: c.Policy}
	if o.Kind.Routes() {
		in.Controller = c.Policy.ResolveController(o, c.IngressClasses)
	} else {
		in.Controllers = c.Policy.Controllers(c.IngressClasses)
	}
	return in
}

// ClassNames returns the names of the cluster's classes: those that the policy names, in
// order, then the other IngressClasses. The empty name, if the policy has it, is for
// Ingresses with no class.
func (p *Policy) ClassNames(classes []IngressClass) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, name := range p.namedClasses() {
			if !yield(name) {
				return
			}
		}
		for _, class := range classes {
			if _, named := p.IngressClasses[class.Name]; !named && !yield(class.Name) {
				return
			}
		}
	}
}

// Controllers returns the controllers that may serve a Service: those that the
// cluster's IngressClasses and the policy name, each once. Their order is that of the
// table of dialects, and doesn't depend on the names of classes.
func (p *Policy) Controllers(classes []IngressClass) []dialect.Installation {
	var all []dialect.Installation
	add := func(c Controller) {
		if c.Dialect != nil && !containsInstallation(all, c.Installation()) {
			all = append(all, c.Installation())
		}
	}
	for name := range p.ClassNames(classes) {
		add(p.controllerOfClass(name, classes))
	}
	slices.SortFunc(all, compareInstallations)
	return all
}

// containsInstallation reports whether an installation is among others.
func containsInstallation(all []dialect.Installation, c dialect.Installation) bool {
	return slices.ContainsFunc(all, func(known dialect.Installation) bool {
		return known.Dialect == c.Dialect && maps.Equal(known.Options, c.Options)
	})
}

// compareInstallations compares by the order of the table of dialects, then by what
// the options say.
func compareInstallations(a, b dialect.Installation) int {
	if a.Dialect == b.Dialect {
		return strings.Compare(fmt.Sprint(a.Options), fmt.Sprint(b.Options))
	}
	return slices.Index(dialect.All(), a.Dialect) - slices.Index(dialect.All(), b.Dialect)
}
