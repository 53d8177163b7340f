package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// dialectEntry is an entry of the table of dialects as it is shown. Functions of
// the table are shown by their results.
type dialectEntry struct {
	Name    string        `json:"name"`
	Title   string        `json:"title"`
	FoundBy foundBy       `json:"foundBy"`
	Options []optionEntry `json:"options,omitempty"`
	// IdleWebSocket is what closes one if nothing is configured.
	IdleWebSocket idleEntry          `json:"idleWebSocket"`
	Upgrade       string             `json:"upgrade"`
	Reload        reloadEntry        `json:"reload"`
	Annotations   []annotationEntry  `json:"annotations,omitempty"`
	Conflicts     []conflictEntry    `json:"conflicts,omitempty"`
	Strict        []strictEntry      `json:"strict,omitempty"`
	Unread        []unreadEntry      `json:"unread,omitempty"`
	Unsupported   []unsupportedEntry `json:"unsupported,omitempty"`
	Unverified    string             `json:"unverified,omitempty"`
}

// foundBy is how Holdfast finds the Ingresses of a controller.
type foundBy struct {
	Controllers  []string      `json:"controllers,omitempty"`
	Prefixes     []string      `json:"controllerPrefixes,omitempty"`
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
	// EndsAfter is left out if it never ends, or if that is unknown.
	EndsAfter duration.Duration `json:"endsAfter,omitempty"`
	Unknown   bool              `json:"unknown,omitempty"`
	By        string            `json:"by,omitempty"`
}

type reloadEntry struct {
	// EndsSocketsAfter is left out if it ends none.
	EndsSocketsAfter duration.Duration `json:"endsSocketsAfter,omitempty"`
	Set              string            `json:"set,omitempty"`
}

// annotationEntry is how a controller reads one setting.
type annotationEntry struct {
	Setting dialect.Setting `json:"setting"`
	On      dialect.Kind    `json:"on"`
	// Key is the annotation's, followed by "#" and the element's name if the
	// annotation holds other settings too.
	Key     string   `json:"key"`
	Aliases []string `json:"aliases,omitempty"`
	// Example is the annotation's value for the setting's example.
	Example string `json:"example"`
	Default string `json:"default,omitempty"`
	// Limits are what the controller accepts; left out if it accepts any value.
	Limits string `json:"limits,omitempty"`
	// EndsIdle reports whether this timer closes an idle WebSocket.
	EndsIdle bool `json:"endsIdle"`
	// Written is false for an annotation that Holdfast only parses.
	Written bool `json:"written"`
	// NeedsOptions reports whether the annotation is injected only if the policy
	// declares options of the installation; Hint is what to do then.
	NeedsOptions bool   `json:"needsOptions,omitempty"`
	Hint         string `json:"hint,omitempty"`
	// Option is the option that holds the value.
	Option string `json:"option,omitempty"`
	// MissingInputHint is what an admin has to know if the value can't be made.
	MissingInputHint string `json:"missingInputHint,omitempty"`
	// MergeOnly reports whether it is only added to an annotation that is there.
	MergeOnly bool `json:"mergeOnly,omitempty"`
	// ServiceWide reports whether it applies to every Ingress of the Service.
	ServiceWide bool   `json:"serviceWide,omitempty"`
	RemovalHint string `json:"removalHint,omitempty"`
}

type conflictEntry struct {
	On      dialect.Kind `json:"on"`
	Key     string       `json:"key"`
	Aliases []string     `json:"aliases,omitempty"`
	Text    string       `json:"text"`
	// Suppresses are the topics of the annotations that aren't injected beside it.
	Suppresses []string `json:"suppresses,omitempty"`
}

// strictEntry is a prefix under which an unknown key costs more than itself.
type strictEntry struct {
	On      dialect.Kind `json:"on"`
	Prefix  string       `json:"prefix"`
	Known   []string     `json:"known"`
	Problem string       `json:"problem"`
}

// unreadEntry is an annotation that users take for the controller's.
type unreadEntry struct {
	Key  string `json:"key"`
	Text string `json:"text"`
}

// unsupportedEntry is a setting that can't be set by annotation.
type unsupportedEntry struct {
	Setting dialect.Setting `json:"setting"`
	Remedy  string          `json:"remedy"`
	// NotNeeded reports whether the controller behaves as desired by default.
	NotNeeded bool `json:"notNeeded"`
	// EnoughUpTo is the longest value that the controller's default meets.
	EnoughUpTo string `json:"enoughUpTo,omitempty"`
}

func newDialectEntry(d *dialect.Dialect) dialectEntry {
	e := dialectEntry{
		Name: d.Name, Title: d.Title, FoundBy: newFoundBy(d.Class),
		IdleWebSocket: idleEntry{d.Idle.Ends, d.Idle.Unknown, d.Idle.By},
		Upgrade:       d.Upgrade,
		Reload:        reloadEntry{d.Reload.Ends, d.Reload.Set},
		Unverified:    d.Unverified,
	}
	for _, o := range d.Options {
		e.Options = append(e.Options, optionEntry{o.Name, o.Meaning, o.Default, o.Values})
	}
	for _, a := range d.Annotations {
		e.Annotations = append(e.Annotations, newAnnotationEntry(d, a))
	}
	for _, c := range d.Conflicts {
		if text := cmp.Or(c.Warning, c.Note); text != "" {
			e.Conflicts = append(e.Conflicts, conflictEntry{c.On, conflictKey(c), c.Aliases, text, suppressedBy(c, d)})
		}
	}
	for _, s := range d.Strict {
		e.Strict = append(e.Strict, strictEntry{s.On, s.Prefix, s.Names, s.Problem})
	}
	for _, u := range d.Unread {
		e.Unread = append(e.Unread, unreadEntry{u.Key, u.Problem + "; " + u.Remedy})
	}
	for _, l := range d.Unsupported {
		e.Unsupported = append(e.Unsupported, unsupportedEntry{l.Setting, l.Remedy, l.NotNeeded, l.EnoughUpTo.String()})
	}
	return e
}

func newFoundBy(c dialect.Class) foundBy {
	return foundBy{
		Controllers: c.Controllers, Prefixes: c.Prefixes, Instances: c.Instances,
		ClassNames: c.Names, LegacyValues: c.LegacyValues,
		ByName: c.ByName, OnlyNames: c.OnlyNames,
		Order: c.Order, Annotation: c.Annotation,
	}
}

func newAnnotationEntry(d *dialect.Dialect, a *dialect.Annotation) annotationEntry {
	e := annotationEntry{
		Setting: a.Setting, On: a.On, Key: recordKey(a), Aliases: a.Aliases,
		Example: example(a), Default: a.Default, EndsIdle: a.EndsIdle, Written: !a.ReadOnly,
		NeedsOptions: !dialect.Installation{Dialect: d}.Reads(a),
		ServiceWide:  a.ServiceWide, RemovalHint: a.RemovalHint,
	}
	if !a.Limits.IsZero() {
		e.Limits = a.Limits.String()
	}
	if a.Available != nil {
		e.Hint = a.Available.Hint
	}
	switch from := a.ValueFrom.(type) {
	case dialect.FromOption:
		e.Option = from.Option
	case dialect.FromCookie:
		e.MissingInputHint = from.MissingInputHint
	}
	if element, ok := a.Layout.(dialect.OneElement); ok {
		e.MergeOnly = element.MergeOnly
	}
	return e
}

// recordKey returns an annotation's key as records write it. An element that
// each Service has one of is named by a placeholder.
func recordKey(a *dialect.Annotation) string {
	switch a.Layout.(type) {
	case nil:
		return a.Key
	case dialect.ElementPerItem:
		return dialect.ElementKey(a.Key, "SERVICE")
	default:
		return dialect.ElementKey(a.Key, a.ElementName())
	}
}

// conflictKey returns the key of a conflicting annotation, or of its element.
func conflictKey(c dialect.Conflict) string {
	if c.Element == "" {
		return c.Key
	}
	return dialect.ElementKey(c.Key, c.Element)
}

// suppressedBy returns the topics of a dialect's annotations that aren't written
// beside a conflict.
func suppressedBy(c dialect.Conflict, d *dialect.Dialect) []string {
	var suppressed []string
	for _, a := range d.Annotations {
		about := topic(a.Setting)
		if a.On == c.On && !a.ReadOnly && c.Suppresses.Contains(a.Setting) && !slices.Contains(suppressed, about) {
			suppressed = append(suppressed, about)
		}
	}
	return suppressed
}

// topic returns what a setting is about: its affinity mode, or the last word of
// its name.
func topic(s dialect.Setting) string {
	if mode := s.AffinityMode(); mode != dialect.NoAffinity {
		return string(mode)
	}
	return s.String()[strings.LastIndex(s.String(), "-")+1:]
}
