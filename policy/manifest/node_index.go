package manifest

import "go.yaml.in/yaml/v4"

// nodeIndex finds values in mappings, including those that "<<" merges in. It
// indexes a large mapping at its first use and remembers what it found behind a
// merge, so that reading a document takes time proportional to its size.
type nodeIndex struct {
	large  map[*yaml.Node]*mappingIndex
	merged map[mergedKey]*yaml.Node
}

// mappingIndex is the index of one mapping.
type mappingIndex struct {
	entries map[string]entry
	sources []*yaml.Node
}

// mergedKey is a key that a mapping doesn't have itself.
type mergedKey struct {
	mapping *yaml.Node
	key     string
}

// maxScanned is the largest number of entries that are compared one by one.
const maxScanned = 16

// entryOf returns the first entry of a key in the mapping itself; false if there
// is none, or no mapping.
func (x *nodeIndex) entryOf(mapping *yaml.Node, key string) (entry, bool) {
	if mapping != nil && len(mapping.Content) > 2*maxScanned {
		e, ok := x.indexOf(mapping).entries[key]
		return e, ok
	}
	for e := range eachEntry(mapping) {
		if e.key.Value == key && !isMerge(e.key) {
			return e, true
		}
	}
	return entry{}, false
}

// member returns the value of a key in a mapping or in what is merged into it;
// nil if there is none.
func (x *nodeIndex) member(mapping *yaml.Node, key string) *yaml.Node {
	if e, ok := x.entryOf(mapping, key); ok {
		return resolve(e.value)
	}
	sources := x.sourcesOf(mapping)
	if len(sources) == 0 {
		return nil
	}
	wanted := mergedKey{mapping, key}
	if found, known := x.merged[wanted]; known {
		return found
	}
	if x.merged == nil {
		x.merged = make(map[mergedKey]*yaml.Node)
	}
	// Entered before the search, so that a mapping that is merged into itself ends
	// it.
	x.merged[wanted] = nil
	for _, source := range sources {
		if found := x.member(source, key); found != nil {
			x.merged[wanted] = found
			return found
		}
	}
	return nil
}

// field follows keys down from a mapping; nil if one of them is missing.
func (x *nodeIndex) field(mapping *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		if mapping = x.member(mapping, key); mapping == nil {
			return nil
		}
	}
	return mapping
}

// sourcesOf returns the mappings that are merged into a mapping.
func (x *nodeIndex) sourcesOf(mapping *yaml.Node) []*yaml.Node {
	if mapping != nil && len(mapping.Content) > 2*maxScanned {
		return x.indexOf(mapping).sources
	}
	return mergeSources(mapping)
}

// indexOf returns the index of a large mapping.
func (x *nodeIndex) indexOf(mapping *yaml.Node) *mappingIndex {
	if found, ok := x.large[mapping]; ok {
		return found
	}
	made := &mappingIndex{entries: make(map[string]entry, len(mapping.Content)/2), sources: mergeSources(mapping)}
	for e := range eachEntry(mapping) {
		if _, again := made.entries[e.key.Value]; !again && !isMerge(e.key) {
			made.entries[e.key.Value] = e
		}
	}
	if x.large == nil {
		x.large = make(map[*yaml.Node]*mappingIndex)
	}
	x.large[mapping] = made
	return made
}
