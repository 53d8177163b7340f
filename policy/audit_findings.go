package policy

import "github.com/holdfast-dev/holdfast/policy/dialect"

// AuditFindings returns all that isn't right with an object as it is stored: the
// findings for its author and the admins, and what the policy wants of it and the
// object doesn't have. Its changes haven't been made.
func (r Result) AuditFindings(o *Object) []Finding {
	var findings []Finding
	for _, f := range r.Findings {
		switch {
		case f.assumesChanges():
		case f.Refused:
			findings = append(findings, f.wouldBeRefused())
		default:
			findings = append(findings, f.notApplied())
		}
	}
	if r.Refused() {
		return findings
	}
	own := recordOf(parse(o))
	for _, c := range r.Changes {
		if !c.IsRecord() && !c.isCorrection() {
			findings = append(findings, c.difference(own))
		}
	}
	return findings
}

// isCorrection reports whether the change corrects a value of the user's. There is a
// finding about that value.
func (c Change) isCorrection() bool {
	return c.From != nil && c.To != nil && c.Origin.Source == FromUser
}

// difference returns a change as a finding about an object that doesn't have it.
func (c Change) difference(own record) Finding {
	f := Finding{Actor: Author, Target: c.Target, Setting: c.Setting, Origin: c.Origin, Detail: c.Origin.Source.wants()}
	f.Found, f.Wanted = c.displayed()
	switch {
	case c.To == nil:
		f.Rule, f.Message, f.Fix = RuleLeftover, msgLeftover, removal(c.Target)
		return f
	case c.From != nil && own.includes(c.Target):
		f.Rule, f.Message = RuleOutdatedValue, msgOutdatedValue
	case c.From == nil:
		f.Rule, f.Message = missing(c.Setting), msgMissing
	default:
		f.Rule, f.Message = missing(c.Setting), msgIncomplete
	}
	f.Fix = setTo(c.Target, *c.To)
	return f
}

// EndsAtNextWrite reports whether findings of the rule are about changes that Holdfast
// makes when the object is next written.
func (r Rule) EndsAtNextWrite() bool {
	switch r {
	case RuleMissingTimeout, RuleMissingAffinity, RuleMissingSetting, RuleOutdatedValue, RuleLeftover:
		return true
	default:
		return false
	}
}

// missing returns the rule about a setting that an object lacks.
func missing(s dialect.Setting) Rule {
	switch {
	case s == dialect.SessionAffinity || s.AffinityMode() != dialect.NoAffinity:
		return RuleMissingAffinity
	case len(s.Directions()) > 0:
		return RuleMissingTimeout
	default:
		return RuleMissingSetting
	}
}

// includes reports whether the record has a target or an element of it.
func (r record) includes(t Target) bool {
	for _, e := range r {
		if ParseKey(e.key).Whole() == t.Whole() {
			return true
		}
	}
	return false
}

// wants returns who asks for a value, with the verb of a sentence.
func (s Source) wants() string {
	switch s {
	case FromUser, FromObject:
		return "the object asks for"
	case FromService:
		return "its sticky Service asks for"
	case FromForeign:
		return "another controller's annotation on it asks for"
	case FromNamespace:
		return "the Namespace asks for"
	case FromPolicy, FromHoldfast:
		return "the policy wants"
	}
	return "the policy wants"
}
