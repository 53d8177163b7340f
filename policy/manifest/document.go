// Package manifest reads Kubernetes manifests and changes them without touching
// anything else: comments, order, quotes and line breaks stay as they were
// written. No YAML library writes back the bytes that it read, so YAML is only
// an index here: it tells where things stand, and the text is spliced there.
//
// The package knows what an Ingress and a Service look like in a file, and
// nothing of policies: it makes policy.Objects of them and carries out
// policy.Changes.
package manifest

import (
	"bytes"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Document is one document of a stream.
type Document struct {
	// File and Line are where it begins.
	File string
	Line int
	text []byte
}

// Text is the document as it was read.
func (d *Document) Text() []byte { return d.text }

// Blank tells whether there is nothing in it but comments, directives and
// separators.
func (d *Document) Blank() bool {
	for line := range bytes.Lines(bytes.TrimPrefix(d.text, byteOrderMark)) {
		if !isAside(trimMarker(line)) {
			return false
		}
	}
	return true
}

// trimMarker leaves what a line holds behind a separator.
func trimMarker(line []byte) []byte {
	if isMarker(line, "---") || isMarker(line, "...") {
		return line[len("---"):]
	}
	return line
}

// Mentions tells whether any of the words stands anywhere in the document. Most
// documents of a cluster mention no kind that is asked for; those need not be
// parsed, nor be YAML at all.
func (d *Document) Mentions(words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return bytes.Contains(d.text, []byte(w)) })
}

// MentionsKind tells whether a kind, or a List of it, stands anywhere in the
// document as a word of its own. An object of that kind is in no other one.
func (d *Document) MentionsKind(kind string) bool {
	for rest := d.text; ; {
		at := bytes.Index(rest, []byte(kind))
		if at < 0 {
			return false
		}
		rest = rest[at+len(kind):]
		if len(rest) == 0 || !isLetter(rest[0]) || bytes.HasPrefix(rest, []byte("List")) {
			return true
		}
	}
}

// parse finds the root of the document; nil for none.
func parse(s *source) (*yaml.Node, error) {
	if err := s.checkText(); err != nil {
		return nil, err
	}
	var all []yaml.Node
	if err := yaml.Load(s.yaml(), &all, yaml.WithAllDocuments(), yaml.WithUniqueKeys(false)); err != nil {
		return nil, s.syntaxError(err)
	}
	switch {
	case len(all) > 1:
		return nil, &SyntaxError{s.position(s.start(&all[1])), "another document begins here that other readers of YAML would not see; use line feeds and \"---\""}
	case len(all) == 0 || len(all[0].Content) == 0:
		return nil, nil
	default:
		return all[0].Content[0], nil
	}
}

// Marked tells whether the document begins with a separator of its own, so that
// it can follow another one. One that begins with a directive has to have one
// before it.
func (d *Document) Marked() bool {
	for line := range bytes.Lines(bytes.TrimPrefix(d.text, byteOrderMark)) {
		if isMarker(line, "---") {
			return true
		}
		if !isAside(line) || line[0] == '%' {
			return false
		}
	}
	return false
}
