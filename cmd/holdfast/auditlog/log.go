// Package auditlog reads the log in which an API server records requests, and returns what
// Holdfast did to them. It reads streams of any size: what it keeps grows with what Holdfast
// did, not with the log.
package auditlog

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"time"
)

// Options limit what of a log counts.
type Options struct {
	// Since is when the period begins; zero for the beginning of the log.
	Since time.Time
	// Namespace is the only one that counts; empty for all.
	Namespace string
}

// Log reads audit logs, one after the other, and counts what is in them.
type Log struct {
	Options
	// OnEntry is called with each write that Holdfast changed or that failed open.
	OnEntry func(Entry) error

	summary Summary
	objects map[Object]struct{}
	users   map[string]struct{}
	// read identifies the events that counted.
	read map[uint64]struct{}
	seed maphash.Seed
}

// New returns a Log that has read nothing yet.
func New(o Options, onEntry func(Entry) error) *Log {
	return &Log{
		Options: o, OnEntry: onEntry,
		summary: Summary{Decisions: map[string]int{}, NotCounted: map[string]int{}, Policies: []string{}},
		objects: map[Object]struct{}{}, users: map[string]struct{}{},
		read: map[uint64]struct{}{}, seed: maphash.MakeSeed(),
	}
}

// Read reads a log, which may be compressed by gzip. A line that can't be read is counted.
// The error is that of the log, of the context or of OnEntry; what was read until then
// counts.
func (l *Log) Read(ctx context.Context, in io.Reader) error {
	text, err := uncompressed(in)
	if err != nil {
		return err
	}
	all := newLines(text)
	for ctx.Err() == nil {
		line, err := all.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errLongLine):
			l.summary.Unreadable++
		case err != nil:
			return err
		case len(line) > 0:
			if err := l.line(line); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// line reads a line. Its error is that of OnEntry.
func (l *Log) line(line []byte) error {
	e, isEvent := decode(line)
	if !isEvent {
		l.summary.Unreadable++
		return nil
	}
	l.summary.cover(e.StageTimestamp.UTC())
	if e.StageTimestamp.Before(l.Since) || l.Namespace != "" && e.ObjectRef.Namespace != l.Namespace {
		return nil
	}
	l.summary.Events++
	d, found := e.decision()
	if !found {
		return nil
	}
	if reason := l.excluded(e, d); reason != "" {
		l.summary.NotCounted[reason]++
		return nil
	}
	return l.add(e, d)
}

// add counts a decision, and calls OnEntry for one that is listed.
func (l *Log) add(e *event, d decision) error {
	if d.outcome != Changed && d.outcome != FailedOpen {
		l.summary.Decisions[d.outcome]++
		return nil
	}
	entry, readable := newEntry(e, d)
	if !readable {
		l.summary.Unreadable++
		return nil
	}
	l.summary.Decisions[d.outcome]++
	l.count(entry)
	if err := l.OnEntry(entry); err != nil {
		return fmt.Errorf("writing an entry: %w", err)
	}
	return nil
}

// excluded returns the reason for which a decision doesn't count; empty if it does. A
// refusal is a write that failed, and counts as a refusal.
func (l *Log) excluded(e *event, d decision) string {
	if reason := e.excluded(); reason != "" && (reason != Failed || d.outcome != refused) {
		return reason
	}
	if l.isRepeated(e) {
		return Repeated
	}
	return ""
}

// isRepeated reports whether an event was read before. A client can choose the audit ID of its
// requests, and the same for many, so the ID alone would let it hide its writes.
func (l *Log) isRepeated(e *event) bool {
	id := maphash.Comparable(l.seed, identity{e.AuditID, e.RequestURI, e.RequestReceivedTimestamp, e.StageTimestamp.UnixNano(), e.ObjectRef})
	_, repeated := l.read[id]
	l.read[id] = struct{}{}
	return repeated
}

// identity is the same for two copies of an event, and for no others.
type identity struct {
	auditID, uri, received string
	answered               int64
	object                 reference
}

// count adds an entry to the summary.
func (l *Log) count(e Entry) {
	switch {
	case e.Outcome == FailedOpen:
		return
	case e.Object.Name == "":
		l.summary.Objects++ // Each is a new one.
	default:
		l.objects[e.Object] = struct{}{}
	}
	l.users[e.User] = struct{}{}
	if !slices.Contains(l.summary.Policies, e.PolicySHA256) {
		l.summary.Policies = append(l.summary.Policies, e.PolicySHA256)
	}
}

// Summary returns what was read so far.
func (l *Log) Summary() Summary {
	s := l.summary
	s.Objects += len(l.objects)
	s.Users = len(l.users)
	return s
}
