package manifest

import "go.yaml.in/yaml/v4"

// mappingPlace is a mapping that is edited, with what its edits need to know.
type mappingPlace struct {
	// mapping has at least one entry.
	mapping *yaml.Node
	entries []entry
	// path is the path of the mapping, as faults have it.
	path string
	// step is how much deeper the mapping is indented than the one around it; zero
	// if that isn't known.
	step int

	// style is that of the entries; nil before styleOf has read it.
	style *style
}

func newMappingPlace(mapping *yaml.Node, path string, step int) *mappingPlace {
	return &mappingPlace{mapping: mapping, entries: entries(mapping), path: path, step: step}
}

func (p *mappingPlace) flow() bool { return p.mapping.Style&yaml.FlowStyle != 0 }

// first and last are entries in the order of the text.
func (p *mappingPlace) first() entry { return p.entries[0] }
func (p *mappingPlace) last() entry  { return p.entries[len(p.entries)-1] }
