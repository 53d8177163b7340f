package audit

import (
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

const (
	msgUnknownClassController  policy.Message = `Holdfast doesn't know the controller {found}, so {detail} nothing; name its dialect, or none, under controllers in the policy`
	msgProbableClassController policy.Message = `Holdfast doesn't know the controller {found}, so {detail} nothing; if it is {controller}, say so under controllers in the policy`
	msgShortenedDefault        policy.Message = `{controller} keeps idle WebSockets open {found-text} by default, and {wanted-text} once Holdfast injects that; raise timeouts in the policy if that is too short`
)

// classes finds IngressClasses whose controller isn't known, and those whose controller
// keeps idle WebSockets longer than the policy will.
func classes(v *view) []Finding {
	injected := min(v.Policy.Timeouts.Read.Default, v.Policy.Timeouts.Send.Default)
	var all []Finding
	for _, class := range v.IngressClasses {
		c := v.Policy.ResolveClass(class.Name, v.IngressClasses)
		f := policy.Finding{Actor: policy.Admin}
		switch {
		case c.Unknown != "" && v.Policy.UnknownController != policy.UnknownIgnore:
			f = v.unknownClassController(c)
		case c.Dialect != nil && injected > 0 && c.Dialect.KeepsIdleLonger(injected):
			f.Rule, f.Message, f.Controller, f.Found = policy.RuleShortenedDefault, msgShortenedDefault, c.Dialect.Name, "for ever"
			if ends := c.Dialect.Idle.Ends; ends > 0 {
				f.Found = "for " + ends.String()
			}
			f.Wanted = injected.String()
		default:
			continue
		}
		all = append(all, v.aboutClass(class.Name, f))
	}
	return all
}

// unknownClassController returns the finding about a class whose controller isn't known. It
// stands for those of the class's Ingresses, about which their authors can do nothing.
func (v *view) unknownClassController(c policy.Controller) policy.Finding {
	f := policy.Finding{
		Rule: policy.RuleUnknownClassController, Actor: policy.Admin, Message: msgUnknownClassController, Target: policy.FieldTarget("/spec/controller"),
		Found: c.Unknown, Detail: v.ingressesGet(c.Class),
	}
	if d := dialect.Resembling(c.Unknown, c.Chart); d != nil {
		f.Message, f.Controller = msgProbableClassController, d.Name
	}
	return f
}

// ingressesGet returns the subject and the verb of a sentence about what the Ingresses of a
// class get: "its 3 Ingresses get".
func (v *view) ingressesGet(class string) string {
	count := 0
	for i := range v.Ingresses {
		if o := v.Ingresses[i].Object; v.covers(o.Namespace) && !v.Policy.IsOptedOut(o) && v.controllerOf(o).Class == class {
			count++
		}
	}
	switch count {
	case 0:
		return "Ingresses of this class get"
	case 1:
		return "its Ingress gets"
	default:
		return "its " + policy.Quantity(count, "Ingress") + " get"
	}
}

// isReportedForClass reports whether a finding about an Ingress is left out, since the
// finding about its class, whose controller isn't known, stands for it.
func isReportedForClass(f policy.Finding, c policy.Controller) bool {
	return f.Rule == policy.RuleUnknownController && c.Unknown != "" && c.Problem == nil
}
