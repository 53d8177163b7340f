package policy

import (
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Severity decides exit codes and the levels of reports, and nothing else.
type Severity string

// The severities, the gravest first. They are SARIF's levels.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityNote    Severity = "note"
)

// Actor is who a finding is for, usually the one who has to act on it. It alone
// decides where it is reported: for the author of an object by an admission warning,
// for an admin by the log, a metric and the output of commands.
type Actor string

// The actors.
const (
	Author Actor = "author"
	Admin  Actor = "admin"
)

// Finding is one thing that isn't as it should be, as data. Sentences are made
// from it where they are shown. Findings are comparable: two equal ones are one.
type Finding struct {
	Rule  Rule
	Actor Actor
	// Message is the sentence's template.
	Message Message
	// Refused says that the object must not be stored as it is.
	Refused bool

	// Target is the place in the object; zero if the finding is about the
	// installation of a controller. If Namespace is set, an annotation here is the
	// Namespace's.
	Target Target
	// Controller is the name of the controller's dialect; empty for none.
	Controller string
	// Namespace is the Namespace that the finding is about; empty for none.
	Namespace string
	Setting   dialect.Setting
	// Timeout is what an author asks for with the key that the finding is about, within the
	// policy's limits; zero if the finding isn't about a request for a timeout. Found is the
	// key's text.
	Timeout duration.Duration

	// Found is what is there, Wanted what would be right, both as they are written
	// in the object.
	Found, Wanted string
	// Origin is who wants it, or where the value that the finding compares with
	// comes from.
	Origin Origin
	// Detail is a part of the sentence that only the dialects' table knows: what a
	// controller makes of a value, or what to set instead.
	Detail string
	// Fix is the change that ends the finding.
	Fix Fix
}

// Fix is a change that ends a finding; the zero Fix is none.
type Fix struct {
	Target Target
	// Value is what the target is to hold; Remove says that it is to go instead.
	Value  string
	Remove bool
	// Moves says that the value comes from the finding's target, which is to go. A value
	// that is at the new place already stays.
	Moves bool
	// OnServices says that the target is one of the Services that the object sends to.
	OnServices bool
	// Withdraws says that the target is what the author asks for, or does more than
	// WebSockets need: only the author can decide to remove it.
	Withdraws bool
}

// setTo returns the fix that gives a target a value.
func setTo(target Target, value string) Fix { return Fix{Target: target, Value: value} }

// moveTo returns the fix that moves the finding's value to another target.
func moveTo(target Target, value string) Fix { return Fix{Target: target, Value: value, Moves: true} }

// onServices returns the fix for the Services that the object sends to.
func (f Fix) onServices() Fix {
	f.OnServices = true
	return f
}

// removal returns the fix that removes a target.
func removal(target Target) Fix { return Fix{Target: target, Remove: true} }

// withdrawal returns the fix that removes what the author may still want.
func withdrawal(target Target) Fix { return Fix{Target: target, Remove: true, Withdraws: true} }

// Severity returns the severity of the finding's rule.
func (f Finding) Severity() Severity { return f.Rule.Info().Severity }

// WantedTime returns the time that the finding wants; false if it wants something else.
func (f Finding) WantedTime() (duration.Duration, bool) {
	d, err := duration.Parse(f.Wanted)
	return d, err == nil
}

// WantsLonger reports whether the finding wants a longer time than another one about the
// same thing, or wants a time and the other one doesn't.
func (f Finding) WantsLonger(other Finding) bool {
	wanted, _ := f.WantedTime()
	before, _ := other.WantedTime()
	return wanted > before
}

// Findings collects findings. It is the one thing that every step of an
// evaluation may add to.
type Findings struct {
	list []Finding
	// toAuthor counts those for the author.
	toAuthor int
}

// maxToAuthor is more findings than anyone reads: the API server shows 4096
// characters of all warnings together.
const maxToAuthor = 32

// add adds a finding, unless it is there already or the author has too many. If it were
// inlined, its copies of a finding would be in the stack frame of every step.
//
//go:noinline
func (f *Findings) add(finding Finding) {
	if finding.Actor == Author && f.full() && !finding.Refused || f.contain(&finding) {
		return
	}
	f.list = append(f.list, finding)
	if finding.Actor == Author {
		f.toAuthor++
	}
}

// contain reports whether one of the findings says the same. A sentence for the author
// never names its setting, and one annotation may have several.
func (f *Findings) contain(finding *Finding) bool {
	for _, other := range f.list {
		if finding.Actor == Author {
			other.Setting = finding.Setting
		}
		if other == *finding {
			return true
		}
	}
	return false
}

// addAll adds findings.
func (f *Findings) addAll(findings []Finding) {
	for _, finding := range findings {
		f.add(finding)
	}
}

// full reports whether nothing more can be added for the author.
func (f *Findings) full() bool { return f.toAuthor >= maxToAuthor }
