package dialect

import (
	"strings"
	"unicode"
)

// Packing is how several settings share one annotation. Holdfast adds, owns and
// takes back only its own members of it; all other text stays byte for byte.
type Packing interface {
	// Split finds the members of a text. Its fault is not nil where the
	// controller can't read the text.
	Split(text string) ([]Piece, *PackingFault)
	// Join writes a member as a piece of the text.
	Join(name, value string) string
	// Separator stands between two pieces.
	Separator() string
}

// Piece is one member of a packed value.
type Piece struct {
	Name, Value string
	// Start and End are the bytes between which it stands.
	Start, End int
}

// PackingFault is why a controller can't read a packed value.
type PackingFault struct {
	// Problem is the rest of a sentence that begins with the text.
	Problem string
	// Evident is the text that was evidently meant; empty for none.
	Evident string
	// Harmless says that the controller reads the text all the same, though not
	// as it was meant.
	Harmless bool
}

// Find gives a member's value. Of one that is there twice the last counts.
func Find(pieces []Piece, name string) (value string, found bool) {
	for _, p := range pieces {
		if p.Name == name {
			value, found = p.Value, true
		}
	}
	return value, found
}

// Put gives a member of a packed text a value: in its place where it is there,
// else behind all others. Before them, where the text ends in what would become
// a part of the member before.
func Put(packing Packing, text, name, value string) string {
	piece, separator := packing.Join(name, value), packing.Separator()
	pieces, _ := packing.Split(text)
	for i := len(pieces) - 1; i >= 0; i-- {
		if p := pieces[i]; p.Name == name {
			return text[:p.Start] + piece + text[p.End:]
		}
	}
	switch {
	case text == "":
		return piece
	case text != trimEnd(text):
		return piece + separator + text
	default:
		return text + separator + piece
	}
}

// trimEnd cuts what separates members off the end of a text.
func trimEnd(text string) string { return strings.TrimRight(text, " \t\r\n,;") }

// Remove takes a member out of a packed text. It undoes what Put did where the
// member wasn't there before.
func Remove(packing Packing, text, name string) string {
	pieces, _ := packing.Split(text)
	for i := len(pieces) - 1; i >= 0; i-- {
		switch p := pieces[i]; {
		case p.Name != name:
		case i > 0:
			return text[:pieces[i-1].End] + text[p.End:]
		case len(pieces) > 1:
			return text[:p.Start] + text[pieces[1].Start:]
		default:
			return text[:p.Start] + text[p.End:]
		}
	}
	return text
}

// List is names with commas between them.
type List struct {
	// Trims says that the controller passes over spaces around a name.
	Trims bool
	// Valid tells whether a text is a name that the controller takes.
	Valid func(name string) bool
	// Problem is what comes of another one.
	Problem string
}

// Split cuts at each comma.
func (l List) Split(text string) ([]Piece, *PackingFault) {
	if text == "" {
		return nil, nil
	}
	var pieces []Piece
	var fault *PackingFault
	for start := 0; start <= len(text); {
		end := strings.IndexByte(text[start:], ',')
		if end < 0 {
			end = len(text)
		} else {
			end += start
		}
		name := text[start:end]
		if l.Trims {
			name = strings.TrimSpace(name)
		}
		if !l.Valid(name) {
			fault = &PackingFault{Problem: l.Problem, Evident: l.evident(text)}
		}
		pieces = append(pieces, Piece{name, name, start, end})
		start = end + 1
	}
	return pieces, fault
}

// evident is the list without what only people overlook; empty where that is
// not all that is wrong with it.
func (l List) evident(text string) string {
	var names []string
	for name := range strings.SplitSeq(text, ",") {
		switch name = strings.TrimSpace(name); {
		case name == "":
		case !l.Valid(name):
			return ""
		default:
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}

// Join writes the name: a list's members have no values.
func (List) Join(name, _ string) string { return name }

// Separator is a comma, with no space: not every controller passes over one.
func (List) Separator() string { return "," }

// Attributes are "name=value" with commas between them and a backslash before
// what is not to be read as a comma (aws-load-balancer-controller
// pkg/annotations/parser.go ParseStringMapAnnotation).
type Attributes struct{}

// Split cuts at each comma that has no backslash before it. Names and values
// are trimmed, the first "=" cuts, and a comma at the very end belongs to the
// last value.
func (Attributes) Split(text string) ([]Piece, *PackingFault) {
	if text == "" {
		return nil, nil
	}
	var pieces []Piece
	start, escaped := 0, false
	for i := 0; i <= len(text); i++ {
		atEnd := i == len(text)
		if !atEnd && (escaped || text[i] != ',' || i == len(text)-1) {
			escaped = !escaped && text[i] == '\\'
			continue
		}
		name, value, found := strings.Cut(text[start:i], "=")
		if !found || strings.TrimSpace(name) == "" {
			return nil, &PackingFault{Problem: "can't be read as name=value,name=value, so all of it is refused"}
		}
		pieces = append(pieces, Piece{strings.TrimSpace(name), strings.TrimSpace(unescape(value)), start, i})
		start = i + 1
	}
	if last := pieces[len(pieces)-1].Value; strings.HasSuffix(last, ",") && !strings.HasSuffix(text, `\,`) {
		return pieces, &PackingFault{
			Problem:  "ends in a comma, which is read as a part of the last value",
			Evident:  strings.TrimRight(text, ", \t\r\n"),
			Harmless: true,
		}
	}
	return pieces, nil
}

// unescape takes the backslashes out.
func unescape(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var out strings.Builder
	escaped := false
	for _, r := range text {
		if escaped = !escaped && r == '\\'; !escaped {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// Join writes no blanks. None of the values that Holdfast writes needs a
// backslash.
func (Attributes) Join(name, value string) string { return name + "=" + value }

// Separator is a comma.
func (Attributes) Separator() string { return "," }

// StickyServices is F5's list: "serviceName=NAME COOKIE [PARAMETER…]", with
// semicolons and no space between its parts (nginx/kubernetes-ingress
// internal/configs/parsing_helpers.go ParseStickyServiceList).
type StickyServices struct{}

const stickyService = "serviceName="

// Split cuts at each semicolon. A member's name is the Service's, its value what
// follows it.
func (s StickyServices) Split(text string) ([]Piece, *PackingFault) {
	if text == "" {
		return nil, nil
	}
	var pieces []Piece
	start := 0
	for part := range strings.SplitSeq(text, ";") {
		end := start + len(part)
		service, found := strings.CutPrefix(part, stickyService)
		name, value, hasCookie := strings.Cut(service, " ")
		if !found || name == "" || !hasCookie || strings.TrimSpace(value) == "" {
			return nil, &PackingFault{Problem: nginxIncBad, Evident: s.evident(text)}
		}
		pieces = append(pieces, Piece{name, value, start, end})
		start = end + 1
	}
	return pieces, nil
}

// evident is the text without blanks around its parts; empty where that is not
// all that is wrong with it.
func (s StickyServices) evident(text string) string {
	parts := strings.Split(text, ";")
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
	}
	trimmed := strings.Join(parts, ";")
	if trimmed == text {
		return ""
	}
	if _, fault := s.Split(trimmed); fault != nil {
		return ""
	}
	return trimmed
}

// Join writes the Service before the cookie.
func (StickyServices) Join(name, value string) string { return stickyService + name + " " + value }

// Separator is a semicolon, with no space after it.
func (StickyServices) Separator() string { return ";" }

// Filters is Skipper's chain: calls with arrows between them (zalando/skipper
// eskip).
type Filters struct{}

// Split cuts at each arrow outside of quotes. A member's name is the filter's,
// its value what stands between the parentheses.
func (Filters) Split(text string) ([]Piece, *PackingFault) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	unreadable := &PackingFault{Problem: "is no chain of filters, so the Ingress's routes are lost"}
	var pieces []Piece
	for start := 0; start <= len(text); {
		end := endOfFilter(text, start)
		from, to := trim(text, start, end)
		name, rest, found := strings.Cut(text[from:to], "(")
		if !found || !strings.HasSuffix(rest, ")") || strings.TrimSpace(name) == "" {
			return nil, unreadable
		}
		pieces = append(pieces, Piece{strings.TrimSpace(name), strings.TrimSuffix(rest, ")"), from, to})
		start = end + len(arrow)
	}
	return pieces, nil
}

const arrow = "->"

// endOfFilter is where the filter that begins at start ends: at an arrow outside
// of quotes, or at the text's end.
func endOfFilter(text string, start int) int {
	quote := byte(0)
	for i := start; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0 && c == '\\' && quote != '`':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '`' || c == '/' && strings.HasPrefix(text[i:], "/^"):
			quote = c
		case strings.HasPrefix(text[i:], arrow):
			return i
		}
	}
	return len(text)
}

// trim narrows a part of a text to what isn't blank.
func trim(text string, start, end int) (from, to int) {
	part := text[start:end]
	from = start + len(part) - len(strings.TrimLeftFunc(part, unicode.IsSpace))
	return from, max(from, start+len(strings.TrimRightFunc(part, unicode.IsSpace)))
}

// Join writes a call.
func (Filters) Join(name, value string) string { return name + "(" + value + ")" }

// Separator is an arrow.
func (Filters) Separator() string { return " -> " }
