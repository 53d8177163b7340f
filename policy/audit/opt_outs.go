package audit

import "github.com/holdfast-dev/holdfast/policy"

const msgOptedOut policy.Message = `leaves this {found-text} out, so Holdfast adds nothing to it; to accept that, write why in the annotation ` +
	acceptPrefix + policy.Message(policy.RuleOptedOut)

// optOuts finds the objects that their authors left out.
func optOuts(v *view) []Finding {
	var all []Finding
	for o, source := range v.objects() {
		if v.covers(o.Namespace) && v.Policy.IsOptedOut(o) {
			all = append(all, at(ObjectOf(o), source, policy.Finding{
				Rule: policy.RuleOptedOut, Actor: policy.Admin, Message: msgOptedOut,
				Target: policy.LabelTarget(policy.PolicyLabel), Found: string(o.Kind),
			}))
		}
	}
	return all
}
