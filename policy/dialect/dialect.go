// Package dialect is the table of ingress controllers: how each one spells the
// settings that Holdfast sees to, what it makes of a bad value, and what it
// can't do. A controller is one file that holds one literal, named once in
// table.go; nothing else in Holdfast knows any controller by name.
package dialect

import (
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Kind is the kind of a Kubernetes object.
type Kind string

// The kinds that Holdfast reads.
const (
	Ingress Kind = "Ingress"
	Service Kind = "Service"
)

// Dialect says how one ingress controller speaks.
type Dialect struct {
	// Name is how policies, outputs and metrics call the dialect.
	Name string
	// Title is the controller's own name for itself.
	Title string
	// Controllers are the values of an IngressClass's spec.controller that
	// mean this controller.
	Controllers []string
	// Classes are the class names that mean this controller where the
	// IngressClass can't be read.
	Classes []string
	// Options are what a policy may declare about an installation.
	Options []Option
	// Spellings are the words, in the order in which they are injected.
	Spellings []Spelling
	// Cannot lists what no annotation of this controller can say.
	Cannot []Refusal
	// Reload is what ends sockets that no timer would end.
	Reload Reload
}

// Spelling is how a dialect writes one setting.
type Spelling struct {
	Setting Setting
	// On is the kind of object that the controller reads the key from.
	On Kind
	// Key is the annotation.
	Key string
	// Format is how values are written and what the controller makes of them.
	Format Format
	// Default is what holds without the annotation, in the format's words;
	// empty where nothing does.
	Default string
}

// Refusal is a setting that can't be said on an object.
type Refusal struct {
	Setting Setting
	// Instead tells an admin what to set where, or why nothing is needed.
	Instead string
	// Met says that the controller does what is wished without being told.
	Met bool
}

// Option is something about an installation that only the policy can tell.
type Option struct{ Name, Meaning, Default string }

// Reload says what a change of the controller's configuration does to sockets
// that are open.
type Reload struct {
	// Ends is how long after a reload an open socket is cut; zero: never.
	Ends duration.Duration
	// Set tells an admin which key rules it.
	Set string
}

// Spelling finds the words for a setting on a kind of object.
func (d *Dialect) Spelling(s Setting, on Kind) (Spelling, bool) {
	for _, sp := range d.Spellings {
		if sp.Setting == s && sp.On == on {
			return sp, true
		}
	}
	return Spelling{}, false
}
