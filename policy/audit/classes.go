package audit

import "github.com/holdfast-dev/holdfast/policy"

const (
	msgUnknownClassController policy.Message = `Holdfast doesn't know the controller {found}, so Ingresses of this class get nothing; name its dialect, or none, under controllers in the policy`
	msgShortenedDefault       policy.Message = `{controller} keeps idle WebSockets open {found-text} by default, and {wanted-text} once Holdfast injects that; raise timeouts in the policy if that is too short`
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
			f.Rule, f.Message, f.Target, f.Found = policy.RuleUnknownClassController, msgUnknownClassController, policy.FieldTarget("/spec/controller"), c.Unknown
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
