package main

import (
	"fmt"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// counts are what a command over manifests has read and done.
type counts struct {
	objects map[policy.Kind]int
	// others are the documents without such objects, unreadable those that aren't YAML.
	others, unreadable int
	changed, refused   int
}

// hasObjects reports whether there are objects that Holdfast may change.
func (c counts) hasObjects() bool { return len(c.objects) > 0 }

// objectKinds lists the kinds of those objects behind a "no".
func objectKinds() string {
	var kinds []string
	for _, k := range dialect.Kinds() {
		kinds = append(kinds, string(k.Kind))
	}
	return strings.Join(kinds, " and no ")
}

// add counts the objects of a document, or the document itself if it has none.
func (c *counts) add(d *manifest.Document, contents *manifest.Contents) {
	if c.objects == nil {
		c.objects = make(map[policy.Kind]int)
	}
	for _, o := range contents.Objects {
		c.objects[o.Kind]++
	}
	if len(contents.Objects) == 0 && !d.Blank() {
		c.others++
	}
}

// String returns the summary: "3 Ingresses, 1 Service, 5 other documents: 2
// changed".
func (c counts) String() string {
	var read []string
	for _, k := range dialect.Kinds() {
		read = append(read, policy.Quantity(c.objects[k.Kind], string(k.Kind)))
	}
	read = append(read, policy.Quantity(c.others, "other document"))
	outcome := fmt.Sprintf("%d changed", c.changed)
	if c.refused > 0 {
		outcome = fmt.Sprintf("%d refused, nothing written", c.refused)
	}
	return strings.Join(read, ", ") + ": " + outcome
}
