package manifest

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// nodeIndex finds values in mappings, including those that "<<" merges in. Of several
// with the same key it finds the last one, as kubectl does. It indexes a large mapping
// at its first use and remembers what it found in one with a "<<", so that reading a
// document takes time proportional to its size.
type nodeIndex struct {
	large  map[*yaml.Node]*mappingIndex
	merged map[mergedKey]*yaml.Node
}

// mappingIndex is the index of one mapping.
type mappingIndex struct {
	// positions are those of the last entry of each key, in the mapping's content.
	positions map[string]int
	merges    []positionedMerge
}

// positionedMerge is a "<<" at a position of a mapping's content.
type positionedMerge struct {
	position int
	entry
}

// mergedKey is a key that is looked up behind the merges of a mapping.
type mergedKey struct {
	mapping *yaml.Node
	key     string
}

// maxScanned is the largest number of entries that are compared one by one.
const maxScanned = 16

// entryOf returns the entry that counts for a key if it is one of the mapping itself;
// false if there is none, if it is merged in, or if this is no mapping.
func (x *nodeIndex) entryOf(mapping *yaml.Node, key string) (entry, bool) {
	position, merges := x.lookup(mapping, key)
	if position < 0 || x.fromMerges(mapping, key, position, merges) != nil {
		return entry{}, false
	}
	return entry{mapping.Content[position], mapping.Content[position+1]}, true
}

// member returns the value of a key in a mapping or in what is merged into it;
// nil if there is none.
func (x *nodeIndex) member(mapping *yaml.Node, key string) *yaml.Node {
	position, merges := x.lookup(mapping, key)
	if found := x.fromMerges(mapping, key, position, merges); found != nil || position < 0 {
		return found
	}
	return resolve(mapping.Content[position+1])
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

// lookup returns the position of a key's last entry in the mapping itself, -1 if it
// has none, and the mapping's merges.
func (x *nodeIndex) lookup(mapping *yaml.Node, key string) (position int, merges []positionedMerge) {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return -1, nil
	}
	if len(mapping.Content) > 2*maxScanned {
		index := x.indexOf(mapping)
		if at, found := index.positions[key]; found {
			return at, index.merges
		}
		return -1, index.merges
	}
	position = -1
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		switch k := mapping.Content[i]; {
		case isMerge(k):
			merges = append(merges, positionedMerge{i, entry{k, mapping.Content[i+1]}})
		case k.Value == key:
			position = i
		}
	}
	return position, merges
}

// fromMerges returns the value that a key has in the merges behind a position; nil
// for none.
func (x *nodeIndex) fromMerges(mapping *yaml.Node, key string, position int, merges []positionedMerge) *yaml.Node {
	if len(merges) == 0 || merges[len(merges)-1].position < position {
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
	for _, merge := range slices.Backward(merges) {
		if merge.position < position {
			break
		}
		for _, source := range mergeSources(merge.entry) {
			if found := x.member(source, key); found != nil {
				x.merged[wanted] = found
				return found
			}
		}
	}
	return nil
}

// indexOf returns the index of a large mapping.
func (x *nodeIndex) indexOf(mapping *yaml.Node) *mappingIndex {
	if found, ok := x.large[mapping]; ok {
		return found
	}
	made := &mappingIndex{positions: make(map[string]int, len(mapping.Content)/2)}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if k := mapping.Content[i]; isMerge(k) {
			made.merges = append(made.merges, positionedMerge{i, entry{k, mapping.Content[i+1]}})
		} else {
			made.positions[k.Value] = i
		}
	}
	if x.large == nil {
		x.large = make(map[*yaml.Node]*mappingIndex)
	}
	x.large[mapping] = made
	return made
}
