package main

import (
	"fmt"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// decision returns what decides whether Holdfast changes the object, and how.
func (d *describer) decision() describedDecision {
	changes, leftAlone, because := d.changes()
	made := describedDecision{
		Namespace: d.object.Namespace, Mode: string(d.mode), Changes: changes, LeftAlone: leftAlone,
		OptedOut: d.trace.OptedOut, Because: because, Policy: d.policyName(),
	}
	if d.object.Kind.Routes() {
		made.Class, made.ClassFrom = d.in.Controller.Class, d.classFrom()
	}
	for _, c := range d.trace.Controllers {
		shown := describedController{Dialect: c.Name, Title: c.Title, From: d.controllerFrom()}
		for _, o := range c.Dialect.Options {
			if value := c.Options[o.Name]; value != "" {
				if shown.Options == nil {
					shown.Options = make(map[string]string)
				}
				shown.Options[o.Name] = string(value)
			}
		}
		made.Controllers = append(made.Controllers, shown)
	}
	return made
}

// policyName returns what the policy is called.
func (d *describer) policyName() string {
	if d.policy == builtIn {
		return "the built-in policy"
	}
	return d.policy
}

// changes reports whether the next write changes the object, whether Holdfast adds nothing
// to it, and why.
func (d *describer) changes() (changes, leftAlone bool, because string) {
	leftAlone, alone := d.leftAlone()
	if because := d.notCalled(); because != "" {
		return false, leftAlone, because
	}
	enforced := fmt.Sprintf("Namespace %s has the label %s: enforce", d.object.Namespace, policy.PolicyLabel)
	switch {
	case d.assumed && d.notInstalled:
		enforced = "--assume says that Holdfast is installed, and that " + enforced
	case d.assumed && d.mode == "":
		enforced = "--assume says that " + enforced
	case d.namespace == nil:
		enforced = "its Namespace isn't in the manifests, so it is described as with the label " + policy.PolicyLabel + ": enforce"
	}
	if leftAlone {
		return true, true, alone
	}
	return true, false, enforced + ", and each write of " + d.here() + " gets what is missing"
}

// leftAlone reports whether Holdfast adds nothing to the object, and why.
func (d *describer) leftAlone() (leftAlone bool, because string) {
	switch {
	case d.trace.OptedOut:
		return true, fmt.Sprintf("the label %s: %s on %s asks for that", policy.PolicyLabel, policy.Ignore, d.here())
	case !d.object.Kind.Routes() || len(d.trace.Controllers) > 0:
		return false, ""
	case d.in.HasUnknownController():
		return true, "Holdfast doesn't know which controller serves " + d.here()
	default:
		return true, "the policy says that the class of " + d.here() + " is to be left alone"
	}
}

// notCalled returns why Holdfast isn't called for the object, or changes nothing if it is;
// empty otherwise.
func (d *describer) notCalled() string {
	ns := "Namespace " + d.object.Namespace
	switch {
	case d.namespace != nil && d.namespace.Excluded:
		return "Holdfast is never called for " + ns + ", which its installation excludes"
	case d.assumed && (d.mode == "" || d.mode == policy.Enforce):
		return ""
	case d.namespace == nil && d.snapshot.Live:
		return "the labels of " + ns + " aren't known"
	case d.namespace == nil:
		return ""
	}
	switch text, written := d.namespace.Labels[policy.PolicyLabel]; {
	case !written:
		return ns + " doesn't have the label " + policy.PolicyLabel
	case d.mode == "":
		return fmt.Sprintf("the label %s of %s is %q, which isn't enforce, warn or audit", policy.PolicyLabel, ns, text)
	case d.notInstalled:
		return "Holdfast isn't installed in this cluster"
	}
	switch d.mode {
	case policy.Enforce:
		return ""
	case policy.Warn:
		return ns + " has the label " + policy.PolicyLabel + ": warn, so a write only shows what enforce would change"
	default:
		return ns + " has the label " + policy.PolicyLabel + ": audit, so a write shows nothing; Holdfast's log has what enforce would change"
	}
}

// classFrom returns what names the class of an Ingress.
func (d *describer) classFrom() string {
	class := d.in.Controller.Class
	switch {
	case class == "":
		return "nothing: the Ingress names no class, and no single IngressClass is the default one"
	case d.object.ClassName != nil && *d.object.ClassName == class:
		return "spec.ingressClassName"
	case d.object.Annotations[dialect.LegacyClass] == class:
		return "the annotation " + dialect.LegacyClass
	}
	for _, each := range dialect.All() {
		if key := each.Class.Annotation; key != "" && d.object.Annotations[key] == class {
			return "the annotation " + key
		}
	}
	return "the cluster's default IngressClass, because the Ingress names none"
}

// controllerFrom returns how Holdfast knows the controllers of the object.
func (d *describer) controllerFrom() string {
	if !d.object.Kind.Routes() {
		return "an IngressClass or the policy; any of the cluster's controllers may serve a Service"
	}
	switch class := d.in.Controller.Class; d.in.Controller.Source {
	case policy.ByPolicy:
		return "the policy, which names it for this class"
	case policy.ByIngressClass:
		return "the spec.controller of IngressClass " + class
	case policy.ByClassName:
		return fmt.Sprintf("the usual name of its class alone: no IngressClass %q was found", class)
	default:
		return ""
	}
}
