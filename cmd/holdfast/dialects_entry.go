package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// dialectEntry is an entry of the table of dialects as it is shown: what
// functions decide there is said here by what they give.
type dialectEntry struct {
	Name    string        `json:"name"`
	Title   string        `json:"title"`
	FoundBy foundBy       `json:"foundBy"`
	Options []optionEntry `json:"options,omitempty"`
	// SilentWebSocket is what becomes of one of which nobody said anything.
	SilentWebSocket idleEntry    `json:"silentWebSocket"`
	Upgrade         string       `json:"upgrade"`
	Reload          reloadEntry  `json:"reload"`
	Words           []wordEntry  `json:"words,omitempty"`
	Traps           []trapEntry  `json:"traps,omitempty"`
	Elsewhere       []otherEntry `json:"elsewhere,omitempty"`
}

// foundBy is how an Ingress is found to be the controller's own.
type foundBy struct {
	Controllers  []string      `json:"controllers,omitempty"`
	Instances    bool          `json:"instances,omitempty"`
	ClassNames   []string      `json:"classNames,omitempty"`
	LegacyValues []string      `json:"legacyValues,omitempty"`
	ByName       bool          `json:"byName,omitempty"`
	OnlyNames    bool          `json:"onlyNames,omitempty"`
	Order        dialect.Order `json:"order"`
	Annotation   string        `json:"annotation,omitempty"`
}

type optionEntry struct {
	Name    string   `json:"name"`
	Meaning string   `json:"meaning"`
	Default string   `json:"default,omitempty"`
	Values  []string `json:"values,omitempty"`
}

type idleEntry struct {
	// EndsAfter is left out where it never ends.
	EndsAfter duration.Duration `json:"endsAfter,omitempty"`
	By        string            `json:"by,omitempty"`
}

type reloadEntry struct {
	// EndsSocketsAfter is left out where it ends none.
	EndsSocketsAfter duration.Duration `json:"endsSocketsAfter,omitempty"`
	Set              string            `json:"set,omitempty"`
}

// wordEntry is how one setting is spelled.
type wordEntry struct {
	Setting dialect.Setting `json:"setting"`
	On      dialect.Kind    `json:"on"`
	// Key is the annotation's, with "#" and the member's name behind it where the
	// annotation holds other people's settings too.
	Key     string   `json:"key"`
	Aliases []string `json:"aliases,omitempty"`
	// Example is the annotation's value for an hour, or with the switch as
	// Holdfast sets it.
	Example string `json:"example"`
	Default string `json:"default,omitempty"`
	// Range is what the controller takes; empty for any length.
	Range string `json:"range,omitempty"`
	// EndsIdle says that this timer ends a silent WebSocket.
	EndsIdle bool `json:"endsIdle"`
	// Written is false for a word that is only understood.
	Written bool `json:"written"`
	// NeedsOptions says that it is written only where the policy declares
	// something of the installation; Needs says what that is, or what else helps.
	NeedsOptions bool   `json:"needsOptions,omitempty"`
	Needs        string `json:"needs,omitempty"`
	// Option holds the value.
	Option string `json:"option,omitempty"`
	// Lacking is what an admin has to know where it can't be written.
	Lacking string `json:"lacking,omitempty"`
	// OnlyMerged says that it is added to a value that is there, and begins none.
	OnlyMerged bool `json:"onlyMerged,omitempty"`
	// Shared says that it rules every Ingress of the Service.
	Shared    bool   `json:"shared,omitempty"`
	TakenBack string `json:"takenBack,omitempty"`
}

type trapEntry struct {
	On      dialect.Kind `json:"on"`
	Key     string       `json:"key"`
	Aliases []string     `json:"aliases,omitempty"`
	Text    string       `json:"text"`
	// Stops is what the words are about that are not written beside it.
	Stops []string `json:"stops,omitempty"`
}

// otherEntry is a setting that no annotation can say.
type otherEntry struct {
	Setting dialect.Setting `json:"setting"`
	Instead string          `json:"instead"`
	// Met says that nothing need be set.
	Met bool `json:"met"`
	// Until is the longest wish that the controller meets by itself.
	Until duration.Duration `json:"until,omitempty"`
}

func newDialectEntry(d *dialect.Dialect) dialectEntry {
	e := dialectEntry{
		Name: d.Name, Title: d.Title, FoundBy: newFoundBy(d.Class),
		SilentWebSocket: idleEntry{d.Idle.Ends, d.Idle.By},
		Upgrade:         d.Upgrade,
		Reload:          reloadEntry{d.Reload.Ends, d.Reload.Set},
	}
	for _, o := range d.Options {
		e.Options = append(e.Options, optionEntry{o.Name, o.Meaning, o.Default, o.Values})
	}
	for _, sp := range d.Spellings {
		e.Words = append(e.Words, newWordEntry(d, sp))
	}
	for _, t := range d.Traps {
		if text := cmp.Or(t.Warning, t.Note); text != "" {
			e.Traps = append(e.Traps, trapEntry{t.On, t.Key, t.Aliases, text, stoppedBy(t, d)})
		}
	}
	for _, r := range d.Cannot {
		e.Elsewhere = append(e.Elsewhere, otherEntry{r.Setting, r.Instead, r.Met, r.Until})
	}
	return e
}

func newFoundBy(c dialect.Class) foundBy {
	return foundBy{
		Controllers: c.Controllers, Instances: c.Instances,
		ClassNames: c.Names, LegacyValues: c.LegacyValues,
		ByName: c.ByName, OnlyNames: c.OnlyNames,
		Order: c.Order, Annotation: c.Annotation,
	}
}

func newWordEntry(d *dialect.Dialect, sp *dialect.Spelling) wordEntry {
	w := wordEntry{
		Setting: sp.Setting, On: sp.On, Key: wordKey(sp), Aliases: sp.Aliases,
		Example: example(sp), Default: sp.Default, EndsIdle: sp.Idle, Written: !sp.Understood,
		NeedsOptions: !dialect.Installation{Dialect: d}.Takes(sp), Needs: sp.Otherwise,
		Option: sp.Named, Lacking: sp.Lacking,
		OnlyMerged: sp.OnlyMerged, Shared: sp.Shared, TakenBack: sp.TakenBack,
	}
	if sp.Span != (duration.Range{}) {
		w.Range = sp.Span.String()
	}
	return w
}

// wordKey is a word's key as records write it. A member that each Service has
// for itself is called by what is put there.
func wordKey(sp *dialect.Spelling) string {
	switch {
	case sp.Packing == nil:
		return sp.Key
	case sp.IsList():
		return dialect.ListKey(sp.Key)
	case sp.Each != "":
		return dialect.MemberKey(sp.Key, "SERVICE")
	default:
		return dialect.MemberKey(sp.Key, sp.Member)
	}
}

// stoppedBy lists what of a dialect is not written beside a trap.
func stoppedBy(t dialect.Trap, d *dialect.Dialect) []string {
	var stopped []string
	for _, sp := range d.Spellings {
		about := subject(sp.Setting)
		if t.Stops != nil && sp.On == t.On && !sp.Understood && t.Stops(sp.Setting) && !slices.Contains(stopped, about) {
			stopped = append(stopped, about)
		}
	}
	return stopped
}

// subject is what a setting is about: its way of stickiness, or its name's last
// word.
func subject(s dialect.Setting) string {
	if way := s.Stickiness(); way != dialect.NotSticky {
		return string(way)
	}
	return string(s[strings.LastIndex(string(s), "-")+1:])
}
