package audit

import (
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

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
		name := class.Name
		c := v.Policy.ResolveController(&policy.Object{Kind: policy.Ingress, ClassName: &name}, v.IngressClasses)
		f := policy.Finding{Actor: policy.Admin}
		switch {
		case c.Unknown != "" && v.Policy.UnknownController != policy.UnknownIgnore:
			f.Rule, f.Message, f.Target, f.Found = policy.RuleUnknownClassController, msgUnknownClassController, policy.FieldTarget("/spec/controller"), c.Unknown
		case isShortened(c.Dialect, injected):
			f.Rule, f.Message, f.Controller, f.Found = policy.RuleShortenedDefault, msgShortenedDefault, c.Dialect.Name, "for ever"
			if ends := c.Dialect.Idle.Ends; ends > 0 {
				f.Found = "for " + ends.String()
			}
			f.Wanted = injected.String()
		default:
			continue
		}
		all = append(all, Finding{Finding: f, Object: Object{APIVersion: "networking.k8s.io/v1", Kind: "IngressClass", Name: name}})
	}
	return all
}

// isShortened reports whether a controller keeps idle WebSockets longer than what is
// injected. Where no annotation configures its timers nothing is injected.
func isShortened(d *dialect.Dialect, injected duration.Duration) bool {
	if d == nil || injected == 0 || d.Idle.Unknown || d.Idle.Ends > 0 && d.Idle.Ends <= injected {
		return false
	}
	return slices.ContainsFunc([]dialect.Setting{dialect.IdleTimeout, dialect.ReadTimeout, dialect.SendTimeout}, func(s dialect.Setting) bool {
		return d.Supports(s, dialect.Ingress)
	})
}
