package main

import (
	"fmt"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// counts are what a command over manifests has read and done.
type counts struct {
	// objects are the objects read, by their position in objectKinds.
	objects          [len(objectKinds)]int
	others           int
	changed, refused int
}

// objectKinds are the kinds that are counted, in the order of the summary.
var objectKinds = [...]struct {
	kind   policy.Kind
	plural string
}{
	{policy.Ingress, "Ingresses"},
	{policy.Service, "Services"},
}

// add counts the objects of a document, or the document itself if it has none.
func (c *counts) add(d *manifest.Document, contents *manifest.Contents) {
	for _, o := range contents.Objects {
		for i := range objectKinds {
			if objectKinds[i].kind == o.Kind {
				c.objects[i]++
			}
		}
	}
	if len(contents.Objects) == 0 && !d.Blank() {
		c.others++
	}
}

// String returns the summary: "3 Ingresses, 1 Service, 5 other documents: 2
// changed".
func (c counts) String() string {
	var read []string
	for i, k := range objectKinds {
		read = append(read, quantity(c.objects[i], string(k.kind), k.plural))
	}
	read = append(read, quantity(c.others, "other document", "other documents"))
	outcome := fmt.Sprintf("%d changed", c.changed)
	if c.refused > 0 {
		outcome = fmt.Sprintf("%d refused, nothing written", c.refused)
	}
	return strings.Join(read, ", ") + ": " + outcome
}

// quantity returns a number with its noun: "1 Ingress", "2 Ingresses".
func quantity(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
