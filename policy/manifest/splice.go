package manifest

import (
	"bytes"
	"cmp"
	"slices"
)

// splice puts a text in the place of another.
type splice struct {
	start, end int
	text       string
}

// apply gives the text with the splices carried out; false where two of them
// are about the same place.
func apply(text []byte, splices []splice) ([]byte, bool) {
	slices.SortStableFunc(splices, func(a, b splice) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	size := len(text)
	for _, sp := range splices {
		size += len(sp.text)
	}
	out := bytes.NewBuffer(make([]byte, 0, size))
	at := 0
	for _, sp := range splices {
		if sp.start < at || sp.end < sp.start {
			return nil, false
		}
		out.Write(text[at:sp.start])
		out.WriteString(sp.text)
		at = sp.end
	}
	out.Write(text[at:])
	return out.Bytes(), true
}
