package dialect

import "strings"

// List is a codec of names with commas between them.
type List struct {
	// Trims says that the controller ignores spaces around a name.
	Trims bool
	// Valid reports whether the controller accepts a name.
	Valid func(name string) bool
	// Problem is the effect of another name.
	Problem string
	// StillRead says that the controller reads the valid names all the same.
	StillRead bool
}

const listSeparator = ","

// Split cuts at each comma.
func (l List) Split(text string) ([]Element, *CodecProblem) {
	if text == "" {
		return nil, nil
	}
	elements := make([]Element, 0, strings.Count(text, listSeparator)+1)
	start, valid := 0, true
	for name := range strings.SplitSeq(text, listSeparator) {
		end := start + len(name)
		if l.Trims {
			name = strings.TrimSpace(name)
		}
		valid = valid && l.Valid(name)
		elements = append(elements, Element{name, name, start, end})
		start = end + len(listSeparator)
	}
	if valid {
		return elements, nil
	}
	return elements, &CodecProblem{Problem: l.Problem, Suggestion: l.suggestion(text), StillRead: l.StillRead}
}

// suggestion returns the list without spaces and empty names; empty if that doesn't
// make it valid.
func (l List) suggestion(text string) string {
	var names []string
	for name := range strings.SplitSeq(text, listSeparator) {
		switch name = strings.TrimSpace(name); {
		case name == "":
		case !l.Valid(name):
			return ""
		default:
			names = append(names, name)
		}
	}
	return strings.Join(names, listSeparator)
}

// Join returns the name.
func (List) Join(name, _ string) string { return name }

// Separator is a comma without a space, because not every controller ignores one.
func (List) Separator() string { return listSeparator }
