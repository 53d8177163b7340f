package dialect

import (
	"slices"
	"strings"
)

// Codec is how a composite annotation holds several settings or values as
// elements of one text.
type Codec interface {
	// Split returns the elements of a text. The problem isn't nil if the controller
	// can't read the text as it was meant.
	Split(text string) ([]Element, *CodecProblem)
	// Join returns an element's part of the text.
	Join(name, value string) string
	// Separator returns what stands between two elements.
	Separator() string
}

// Element is an element of a composite annotation. In a list of names the value is
// the name.
type Element struct {
	Name, Value string
	// Start and End are the byte offsets of the element in the text.
	Start, End int
}

// CodecProblem is why a controller can't read a composite annotation.
type CodecProblem struct {
	// Problem is the rest of a sentence that begins with the text.
	Problem string
	// Suggestion is the text that the user probably meant; empty if that isn't known.
	Suggestion string
	// StillRead says that the controller reads the elements all the same.
	StillRead bool
}

// Rewrite returns text with the elements of remove taken out and those of set
// given their values, and with all other bytes as they were. An element that isn't
// there yet is appended; if that would change how the others are read, or couldn't
// be undone, it is put in front of them. A text that the codec can't split is
// returned as it is.
//
// If a name is there more than once, its last element is meant. Removing elements
// that were added gives the text back.
func Rewrite(c Codec, text string, remove []string, set []Element) string {
	if len(remove) > 0 {
		text = removeElements(c, text, remove)
	}
	if len(set) > 0 {
		text = setElements(c, text, set)
	}
	return text
}

// removeElements takes out the last element of each name, with the separator that
// addElements writes.
func removeElements(c Codec, text string, names []string) string {
	elements, _ := c.Split(text)
	removed, some := lastOf(elements, names)
	if !some {
		return text
	}
	var out strings.Builder
	separator, end, kept := c.Separator(), 0, false
	for i, e := range elements {
		gap := text[end:e.Start]
		switch {
		case i == 0:
		case !kept:
			// Every element before this one is gone.
			gap = behindSeparator(gap, separator)
		case removed[i]:
			gap = beforeSeparator(gap, separator)
		}
		out.WriteString(gap)
		if !removed[i] {
			out.WriteString(text[e.Start:e.End])
			kept = true
		}
		end = e.End
	}
	out.WriteString(text[end:])
	return out.String()
}

// behindSeparator returns what stays of the gap behind a removed first element.
func behindSeparator(gap, separator string) string {
	if rest, found := strings.CutPrefix(gap, separator); found {
		return rest
	}
	return ""
}

// beforeSeparator returns what stays of the gap before a removed element.
func beforeSeparator(gap, separator string) string {
	if rest, found := strings.CutSuffix(gap, separator); found && rest == trimEnd(rest) {
		return rest
	}
	return ""
}

// lastOf marks the last element of each name.
func lastOf(elements []Element, names []string) (marked []bool, some bool) {
	wanted := make(map[string]bool, len(names))
	for _, name := range names {
		wanted[name] = true
	}
	marked = make([]bool, len(elements))
	for i, e := range slices.Backward(elements) {
		if wanted[e.Name] {
			marked[i], some = true, true
			delete(wanted, e.Name)
		}
	}
	return marked, some
}

// setElements gives elements their values, and adds those that aren't there.
func setElements(c Codec, text string, set []Element) string {
	elements, problem := c.Split(text)
	if len(elements) == 0 && problem != nil {
		return text
	}
	index := make(map[string]int, len(elements)+len(set))
	for i, e := range elements {
		index[e.Name] = i
	}
	// parts are the texts of the elements that are set; empty for the others.
	parts := make([]string, len(elements), len(elements)+len(set))
	for _, e := range set {
		i, found := index[e.Name]
		if !found {
			i = len(parts)
			index[e.Name], parts = i, append(parts, "")
		}
		parts[i] = c.Join(e.Name, e.Value)
	}
	text = replaceElements(text, elements, parts)
	return addElements(c, text, parts[len(elements):])
}

// replaceElements puts the parts that aren't empty in the places of the elements.
func replaceElements(text string, elements []Element, parts []string) string {
	var out strings.Builder
	end := 0
	for i, e := range elements {
		if parts[i] == "" {
			continue
		}
		out.WriteString(text[end:e.Start])
		out.WriteString(parts[i])
		end = e.End
	}
	out.WriteString(text[end:])
	return out.String()
}

// addElements appends the parts of elements to a text, or puts them in front.
func addElements(c Codec, text string, parts []string) string {
	if len(parts) == 0 {
		return text
	}
	elements, _ := c.Split(text)
	separator := c.Separator()
	added := strings.Join(parts, separator)
	if len(elements) == 0 {
		separator = ""
	}
	appended := text + separator + added
	if text == trimEnd(text) && extends(c, appended, elements, len(parts)) {
		return appended
	}
	return added + separator + text
}

// trimEnd returns a text without what separates elements at its end.
func trimEnd(text string) string { return strings.TrimRight(text, " \t\r\n,;") }

// extends reports whether a text has the given elements, unchanged, and a number of
// further ones.
func extends(c Codec, text string, elements []Element, further int) bool {
	all, _ := c.Split(text)
	return len(all) == len(elements)+further && slices.EqualFunc(all[:len(elements)], elements, func(a, b Element) bool {
		return a.Name == b.Name && a.Value == b.Value
	})
}
