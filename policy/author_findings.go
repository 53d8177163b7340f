package policy

// AuthorFindings returns what the author of an object is to see of a result in a
// mode. A refusal under enforce isn't among it: it is the answer itself.
//
// Under warn refusals and changes are findings too, as nothing is refused or
// changed. A write that enforce would refuse would change nothing, so then there are
// none about changes.
func (r Result) AuthorFindings(mode Mode) []Finding {
	if mode == Audit {
		return nil
	}
	applied := mode == Enforce && !r.Refused()
	var findings []Finding
	for f := range r.Warnings() {
		switch {
		case applied:
			findings = append(findings, f)
		case !f.assumesChanges():
			findings = append(findings, f.notApplied())
		}
	}
	if mode == Enforce {
		return findings
	}
	for f := range r.Refusals() {
		findings = append(findings, f.wouldBeRefused())
	}
	for _, c := range r.AppliedChanges() {
		if !c.IsRecord() {
			findings = append(findings, c.Finding())
		}
	}
	return findings
}

// AppliedChanges returns the changes that the write gets under enforce: none if it is
// refused.
func (r Result) AppliedChanges() []Change {
	if r.Refused() {
		return nil
	}
	return r.Changes
}

// whenNotApplied has, for each sentence about a change that Holdfast made, the one
// for a write that it didn't change.
var whenNotApplied = map[Message]Message{
	msgUnreadableCorrected:  msgUnreadableWrite,
	msgOutOfBoundsCorrected: msgOutOfBounds,
	msgAffinityCorrected:    msgAffinityOutOfBounds,
	msgRemovalKept:          msgRemovalWouldBeKept,
}

// assumesChanges reports whether the finding is untrue of a write that isn't changed.
// What would be removed or set again is then among the changes, and no command makes an
// Ingress follow its Services.
func (f Finding) assumesChanges() bool {
	return f.Rule == RuleInjectionRemoved || f.Rule == RuleInjectionRestored ||
		f.Message == msgMissingService || f.Message == msgMissingServices
}

// notApplied returns the finding as it holds if the changes aren't made.
func (f Finding) notApplied() Finding {
	if message, found := whenNotApplied[f.Message]; found {
		f.Message = message
	}
	return f
}

// wouldBeRefused returns a refusal as a warning about what enforce would do.
func (f Finding) wouldBeRefused() Finding {
	f.Message, f.Refused = msgWouldBeRefused, false
	return f
}

// Finding returns a change that isn't made as a finding, for the modes of a
// Namespace that change nothing.
func (c Change) Finding() Finding {
	f := Finding{Rule: RuleWouldChange, Actor: Author, Target: c.Target, Setting: c.Setting, Origin: c.Origin}
	f.Found, f.Wanted = c.displayed()
	switch {
	case c.To == nil:
		f.Message = msgWouldBeRemoved
	case c.From == nil:
		f.Message = msgWouldBeSet
	default:
		f.Message = msgWouldChange
	}
	return f
}
