package dialect

import (
	"regexp"
	"slices"
	"strings"
)

// StrictPrefix is the beginning of annotation keys that a controller reads strictly:
// it doesn't ignore a key that it doesn't know, but drops more than that annotation.
type StrictPrefix struct {
	On     Kind
	Prefix string
	// Names are the keys that the controller knows, without the prefix. A "*" between
	// dots is any number. They are in lower case if FoldsCase.
	Names []string
	// FoldsCase says that the controller takes its keys in any case.
	FoldsCase bool
	// Problem is what an unknown key costs, as the rest of a sentence that begins with
	// "which".
	Problem string
}

// Knows reports whether the controller knows a key that begins with the prefix.
func (p *StrictPrefix) Knows(key string) bool {
	name := numberInKey.ReplaceAllString(strings.TrimPrefix(key, p.Prefix), ".*.")
	if p.FoldsCase {
		name = strings.ToLower(name)
	}
	return slices.Contains(p.Names, name)
}

var numberInKey = regexp.MustCompile(`\.[0-9]+\.`)

// noSuchAnnotation is the problem of an annotation that no release ever read.
const noSuchAnnotation = "an annotation that doesn't exist"

// UnreadKey is an annotation that users write and the controller doesn't read: it
// belongs to a former release, or only guides know it.
type UnreadKey struct {
	Key string
	// Problem is why it isn't read, as the rest of a sentence that begins with the key.
	Problem string
	// Remedy is what to do, as the end of that sentence.
	Remedy string
	// Needless says that removing it is all that is to be done.
	Needless bool
}
