package dialect

import (
	"slices"
	"strings"
	"unicode"
)

// Attributes is the codec of "name=value" with commas between them. A backslash
// escapes a comma (aws-load-balancer-controller pkg/annotations/parser.go
// ParseStringMapAnnotation).
type Attributes struct{}

// Split cuts at each comma that isn't escaped and has more than spaces behind it:
// one at the very end belongs to the last value. Each part is cut at its first "=",
// and names and values are trimmed.
func (Attributes) Split(text string) ([]Element, *CodecProblem) {
	var elements []Element
	var problem *CodecProblem
	for start := 0; start < len(text); {
		end, comma := endOfAttribute(text, start)
		name, value, found := strings.Cut(unescape(text[start:end]), "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !found || name == "" {
			return nil, &CodecProblem{Problem: "can't be read as name=value,name=value, so all of it is refused"}
		}
		elements = append(elements, Element{name, value, start, end})
		if comma >= 0 {
			problem = &CodecProblem{
				Problem:    "ends in a comma, which is read as a part of the last value",
				Suggestion: strings.TrimRightFunc(text[:comma], unicode.IsSpace),
				StillRead:  true,
			}
		}
		start = end + 1
	}
	return elements, problem
}

// endOfAttribute returns where the attribute that begins at start ends, and where
// in it there is a comma that nothing follows; -1 for none.
func endOfAttribute(text string, start int) (end, comma int) {
	comma = -1
	for i := start; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] != ',':
		case strings.TrimLeftFunc(text[i+1:], unicode.IsSpace) != "":
			return i, -1
		default:
			comma = i
		}
	}
	return len(text), comma
}

// unescape removes the backslashes that escape something. One at the end is
// literal.
func unescape(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

var attributeEscaper = strings.NewReplacer(`\`, `\\`, ",", `\,`)

// Join escapes commas and backslashes, and writes no spaces.
func (Attributes) Join(name, value string) string {
	return attributeEscaper.Replace(name) + "=" + attributeEscaper.Replace(value)
}

// Separator is a comma.
func (Attributes) Separator() string { return "," }

// albLines is the warning for attributes on lines of their own.
const albLines = "has lines without commas between them, which are read as one attribute; end each line but the last with a comma"

// lacksCommas reports whether attributes stand on lines of their own with no commas
// between them, as in an example of AWS's for its network load balancer: all of them but
// the first name are then one value, which AWS refuses.
func lacksCommas(text string) bool {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return slices.ContainsFunc(lines[:len(lines)-1], func(line string) bool {
		line = strings.TrimSpace(line)
		return line != "" && !strings.HasSuffix(line, ",")
	})
}
