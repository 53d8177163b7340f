// Package manifest reads Kubernetes manifests and changes them in place:
// comments, order, quotes and line breaks stay as they were written. No YAML
// library writes back the bytes that it read, so YAML is only an index here: it
// locates the nodes, and the text is spliced there.
//
// The package knows the kinds of objects and nothing of policies: it returns
// policy.Objects and applies policy.Changes.
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

// Text returns the document as it was read.
func (d *Document) Text() []byte { return d.text }

// Rewritten returns the document with another text, which begins at a line.
func (d *Document) Rewritten(text []byte, line int) *Document { return &Document{d.File, line, text} }

// Blank reports whether the document holds nothing but comments, directives and
// separators.
func (d *Document) Blank() bool {
	for line := range bytes.Lines(bytes.TrimPrefix(d.text, byteOrderMark)) {
		if !isBlankOrComment(trimMarker(line)) {
			return false
		}
	}
	return true
}

// trimMarker returns what follows the separator that a line begins with, if any.
func trimMarker(line []byte) []byte {
	if isMarker(line, "---") || isMarker(line, "...") {
		return line[len("---"):]
	}
	return line
}

// Mentions reports whether the document contains any of the texts. Most documents
// of a cluster mention none of the kinds that matter here; those are not parsed,
// and need not be YAML at all.
func (d *Document) Mentions(texts ...string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return bytes.Contains(d.text, []byte(text)) })
}

// MentionsKind reports whether the document contains the name of a kind, or that
// of a List of it, with no letter behind it. A document without it holds no
// object of that kind.
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

// Marked reports whether the document begins with a separator, so that it can
// follow another one. A document that begins with a directive needs one before
// it.
func (d *Document) Marked() bool {
	for line := range bytes.Lines(bytes.TrimPrefix(d.text, byteOrderMark)) {
		if isMarker(line, "---") {
			return true
		}
		if !isBlankOrComment(line) || line[0] == '%' {
			return false
		}
	}
	return false
}

// parse returns the root of a document; nil if it is empty.
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
		return nil, &SyntaxError{s.position(s.start(&all[1])), "another document begins here, which other YAML parsers wouldn't see; use line feeds and \"---\""}
	case len(all) == 0 || len(all[0].Content) == 0:
		return nil, nil
	default:
		return all[0].Content[0], nil
	}
}
