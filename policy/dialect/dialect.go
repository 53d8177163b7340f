// Package dialect is the table of ingress controllers: which annotations each
// one reads for the settings that Holdfast configures, how it parses bad values,
// and what can't be set by annotation. A controller is one file that holds one
// literal, listed once in table.go; no other code depends on a controller.
package dialect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Dialect describes one ingress controller.
type Dialect struct {
	// Name is the dialect's name in policies, outputs and metrics.
	Name string
	// Title is the controller's full name and its repository.
	Title string
	// ShortName is what its users call it; empty if that is the full name.
	ShortName string
	// Class is how Holdfast finds the Ingresses of this controller.
	Class Class
	// Options are what a policy may declare about an installation.
	Options []Option
	// Annotations are what the controller reads, in the order in which Holdfast
	// injects them.
	Annotations []*Annotation
	// Conflicts are annotations of the user beside which some of Annotations must
	// not be injected.
	Conflicts []Conflict
	// Strict are the prefixes under which an unknown key costs more than itself.
	Strict []StrictPrefix
	// Unread are annotations that users take for the controller's.
	Unread []UnreadKey
	// Unsupported lists the settings that no annotation of this controller
	// configures.
	Unsupported []Limitation
	// Idle is what closes an idle WebSocket by default.
	Idle Idle
	// ToPods says that it sends to a Service's pods, and neither to its ClusterIP nor
	// to nodes, unless an annotation in Conflicts says so.
	ToPods bool
	// TLSAnnotations are annotations with which an Ingress has TLS without spec.tls.
	TLSAnnotations []TLSAnnotation
	// Upgrade is what lets a WebSocket through, for documentation.
	Upgrade string
	// Reload is what closes open connections regardless of their timers.
	Reload Reload
	// Process is how the controller runs; nil if it isn't in the cluster, or its pods can't
	// be known.
	Process *Process
	// Unverified tells an admin what to check, because the controller's source isn't
	// public; empty if it is.
	Unverified string
}

// ControllerName returns the controller's full name: its title without the repository.
func (d *Dialect) ControllerName() string {
	name, _, _ := strings.Cut(d.Title, " (")
	return name
}

// Called returns what the controller's users call it: its short name if it has one.
func (d *Dialect) Called() string { return cmp.Or(d.ShortName, d.ControllerName()) }

// Limitation is a setting that no annotation configures.
type Limitation struct {
	Setting Setting
	// Remedy tells an admin what to set elsewhere, or why nothing is needed.
	// ValuePlace in it stands for the desired value as Format writes it.
	Remedy string
	// Format is how the value is written where the remedy says; nil if the remedy has
	// no ValuePlace.
	Format Format
	// NotNeeded says that the controller behaves as desired by default.
	NotNeeded bool
	// EnoughUpTo is the longest desired value that the controller's default meets;
	// unset for none.
	EnoughUpTo Value
}

// RemedyFor returns the remedy with a desired value, or with the setting's example if
// the value can't be written.
func (l Limitation) RemedyFor(v Value) string {
	return remedyWith(l.Remedy, l.Format, v, l.Setting.Info().Example)
}

// Reload is what a change of the controller's configuration does to open
// connections.
type Reload struct {
	// Ends is how long after a reload an open connection is closed; zero for never.
	Ends duration.Duration
	// Set tells an admin which key controls that; empty for none. ValuePlace in it
	// stands for a duration as Format writes it.
	Set string
	// Format is how that key's value is written; nil if Set has no ValuePlace.
	Format Format
}

// Value returns what to write for ValuePlace in Set, so that connections stay open for
// a duration after a reload, or for a day if that is Never; empty if Set has no place
// for a value.
func (r Reload) Value(longest duration.Duration) string {
	if r.Format == nil {
		return ""
	}
	if longest == Never {
		longest = duration.Day
	}
	text, _ := r.Format.Write(DurationOf(longest))
	return text
}

// Supports reports whether the controller reads the setting from an annotation on
// that kind of object, so that Holdfast can inject it.
func (d *Dialect) Supports(s Setting, on Kind) bool {
	return slices.ContainsFunc(d.Annotations, func(a *Annotation) bool {
		return a.Setting == s && a.On == on && !a.ReadOnly
	})
}

// SupportsAffinity reports whether an annotation on that kind of object enables
// some affinity mode.
func (d *Dialect) SupportsAffinity(on Kind) bool {
	return slices.ContainsFunc(d.Annotations, func(a *Annotation) bool {
		return a.Setting.EnablesAffinity() && a.On == on && !a.ReadOnly
	})
}

// hasPrefixOption reports whether an installation's keys may have another prefix.
func (d *Dialect) hasPrefixOption() bool {
	return slices.ContainsFunc(d.Options, func(o Option) bool { return o.Prefix })
}
