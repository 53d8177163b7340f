// Package dialect is the table of ingress controllers: how each one spells the
// settings that Holdfast sees to, what it makes of a bad value, and what it
// can't do. A controller is one file that holds one literal, named once in
// table.go; nothing else in Holdfast knows any controller by name.
package dialect

import (
	"iter"
	"slices"
	"strings"

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
	// Class is how an Ingress is found to be this controller's.
	Class Class
	// Options are what a policy may declare about an installation.
	Options []Option
	// Spellings are the words, in the order in which they are injected.
	Spellings []*Spelling
	// Traps are words of the user's beside which some of these must not stand.
	Traps []Trap
	// Cannot lists what no annotation of this controller can say.
	Cannot []Refusal
	// Idle is what ends a silent socket.
	Idle Idle
	// Upgrade says what lets a WebSocket through.
	Upgrade string
	// Reload is what ends sockets that no timer would end.
	Reload Reload
}

// Spelling is how a dialect writes one setting.
type Spelling struct {
	Setting Setting
	// On is the kind of object that the controller reads the key from.
	On Kind
	// Key is the annotation that is written.
	Key string
	// Aliases are further keys that say the same. They are never written; where
	// the user wrote one, Key isn't either.
	Aliases []string
	// Packing is how the annotation holds other people's settings too; nil where
	// it holds nothing else.
	Packing Packing
	// Member is the setting's own name within the packed value; empty where Each
	// gives it.
	Member string
	// Each makes the value a list that has one member for each of something in
	// the Ingress.
	Each Each
	// Format is how values are written and what the controller makes of them.
	Format Format
	// Compose writes a value that is made of several wishes; nil where Format
	// does. It is false where something that it needs isn't known.
	Compose func(Cookie) (string, bool)
	// Named is the option that holds the value, where the word only names another
	// object: it is written where the policy says that the object is there.
	Named string
	// Default is what holds without the annotation, in the format's words;
	// empty where nothing does.
	Default string
	// Idle says that this timer alone ends a silent socket.
	Idle bool
	// Span is what the controller takes, where it takes less than its format can
	// say; a wish is cut to it.
	Span duration.Range
	// When tells whether an installation with such options takes the word; nil:
	// every one does.
	When func(Options) bool
	// Otherwise tells an admin what is missing where an installation doesn't take
	// the word.
	Otherwise string
	// Lacking tells an admin what is missing where Compose is false; empty where
	// the controller does well without the word.
	Lacking string
	// Understood says that the word is never injected: it rules something near to
	// the setting, or is written by hand only.
	Understood bool
	// OnlyMerged says that the word is added to a value of the user's, and never
	// begins one.
	OnlyMerged bool
	// Shared says that the word rules every Ingress of the Service, not only the
	// one that carries it.
	Shared bool
	// TakenBack tells the writer what to set where taking the word back changes
	// nothing.
	TakenBack string
}

// Each is what a computed list has members for.
type Each string

// What lists are computed from.
const (
	// EachBackend is each Service that the Ingress sends to.
	EachBackend Each = "backend"
	// EachStickyBackend is each Service of the Ingress that is to be sticky.
	EachStickyBackend Each = "sticky backend"
	// EachPath is each path of the Ingress's rules.
	EachPath Each = "path"
)

// Refusal is a setting that can't be said on an object.
type Refusal struct {
	Setting Setting
	// Instead tells an admin what to set where, or why nothing is needed.
	Instead string
	// Met says that the controller does what is wished without being told.
	Met bool
	// Until is how long a wish may be for the controller's own default to meet
	// it.
	Until duration.Duration
}

// Idle is what ends a silent socket of which nobody said anything.
type Idle struct {
	// Ends is after how long; zero: never.
	Ends duration.Duration
	// By is the timer's name with the controller; empty for none.
	By string
}

// Reload says what a change of the controller's configuration does to sockets
// that are open.
type Reload struct {
	// Ends is how long after a reload an open socket is cut; zero: never.
	Ends duration.Duration
	// Set tells an admin which key rules it; empty where none does.
	Set string
}

// Speaks tells whether the dialect has a word of its own for the setting on
// that kind of object.
func (d *Dialect) Speaks(s Setting, on Kind) bool {
	return slices.ContainsFunc(d.Spellings, func(sp *Spelling) bool {
		return sp.Setting == s && sp.On == on && !sp.Understood
	})
}

// Installation is a dialect as one installation of its controller speaks it.
type Installation struct {
	*Dialect
	Options Options
}

// Words are the spellings on a kind of object, with the keys that this
// installation reads.
func (i Installation) Words(on Kind) iter.Seq[*Spelling] {
	return func(yield func(*Spelling) bool) {
		if i.Dialect == nil {
			return
		}
		prefix := i.prefix()
		for _, sp := range i.Spellings {
			if sp.On != on {
				continue
			}
			if prefix != "" {
				own := *sp
				own.Key = withPrefix(sp.Key, prefix)
				sp = &own
			}
			if !yield(sp) {
				return
			}
		}
	}
}

// Takes tells whether this installation takes a word.
func (i Installation) Takes(sp *Spelling) bool {
	return (sp.When == nil || sp.When(i.Options)) && (sp.Named == "" || i.Options[sp.Named] != "")
}

// takesPrefix tells whether an installation's keys may begin with another prefix.
func (d *Dialect) takesPrefix() bool {
	return slices.ContainsFunc(d.Options, func(o Option) bool { return o.Prefix })
}

// prefix is what the keys of this installation begin with; empty where that is
// nothing special.
func (i Installation) prefix() string {
	for _, o := range i.Dialect.Options {
		if o.Prefix {
			return string(i.Options[o.Name])
		}
	}
	return ""
}

// Key is a key of the dialect as this installation reads it.
func (i Installation) Key(key string) string { return withPrefix(key, i.prefix()) }

func withPrefix(key, prefix string) string {
	if prefix == "" {
		return key
	}
	_, name, _ := strings.Cut(key, "/")
	return prefix + "/" + name
}

// Covers lists the keys that say what a spelling says.
func (sp *Spelling) Covers(key string) bool {
	return sp.Key == key || slices.Contains(sp.Aliases, key)
}
