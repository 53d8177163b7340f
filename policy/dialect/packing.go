package dialect

import (
	"regexp"
	"slices"
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
	if i := lastIndex(pieces, name); i >= 0 {
		return pieces[i].Value, true
	}
	return "", false
}

// lastIndex finds the last of the members with a name; -1 for none.
func lastIndex(pieces []Piece, name string) int {
	for i := len(pieces) - 1; i >= 0; i-- {
		if pieces[i].Name == name {
			return i
		}
	}
	return -1
}

// Put gives a member of a packed text a value: in its place where it is there,
// else behind all others. Before them, where the text ends in what would become
// a part of the new member, or the new one a part of it. A text that can't be
// split is left alone.
func Put(packing Packing, text, name, value string) string {
	piece, separator := packing.Join(name, value), packing.Separator()
	pieces, fault := packing.Split(text)
	if i := lastIndex(pieces, name); i >= 0 {
		return text[:pieces[i].Start] + piece + text[pieces[i].End:]
	}
	if len(pieces) == 0 {
		if fault != nil {
			return text
		}
		separator = ""
	}
	if behind := text + separator + piece; text == trimEnd(text) && beginsWith(packing, behind, pieces) {
		return behind
	}
	return piece + separator + text
}

// trimEnd cuts what separates members off the end of a text.
func trimEnd(text string) string { return strings.TrimRight(text, " \t\r\n,;") }

// beginsWith tells whether a text's members are those, as they were, and one
// more.
func beginsWith(packing Packing, text string, members []Piece) bool {
	pieces, _ := packing.Split(text)
	return len(pieces) == len(members)+1 && slices.EqualFunc(pieces[:len(members)], members, func(a, b Piece) bool {
		return a.Name == b.Name && a.Value == b.Value
	})
}

// Remove takes a member out of a packed text, with the separator that Put wrote.
// It undoes what Put did where the member wasn't there before.
func Remove(packing Packing, text, name string) string {
	pieces, _ := packing.Split(text)
	i := lastIndex(pieces, name)
	if i < 0 {
		return text
	}
	before, behind := text[:pieces[i].Start], text[pieces[i].End:]
	switch {
	case i > 0:
		if uncut, found := strings.CutSuffix(before, packing.Separator()); found && uncut == trimEnd(uncut) {
			return uncut + behind
		}
		return text[:pieces[i-1].End] + behind
	case len(pieces) > 1:
		if uncut, found := strings.CutPrefix(behind, packing.Separator()); found {
			return before + uncut
		}
		return before + text[pieces[1].Start:]
	default:
		return before + behind
	}
}

// List is names with commas between them.
type List struct {
	// Trims says that the controller passes over spaces around a name.
	Trims bool
	// Valid tells whether a text is a name that the controller takes.
	Valid func(name string) bool
	// Problem is what comes of another one.
	Problem string
	// Harmless says that the controller reads the other names all the same.
	Harmless bool
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
			fault = &PackingFault{Problem: l.Problem, Evident: l.evident(text), Harmless: l.Harmless}
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

// Split cuts at each comma that has no backslash before it and more than blanks
// behind it: one at the very end belongs to the last value. The first "=" cuts,
// and names and values are trimmed.
func (Attributes) Split(text string) ([]Piece, *PackingFault) {
	var pieces []Piece
	var fault *PackingFault
	for start := 0; start < len(text); {
		end, comma := endOfAttribute(text, start)
		name, value, found := strings.Cut(unescape(text[start:end]), "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !found || name == "" {
			return nil, &PackingFault{Problem: "can't be read as name=value,name=value, so all of it is refused"}
		}
		pieces = append(pieces, Piece{name, value, start, end})
		if comma >= 0 {
			fault = &PackingFault{
				Problem:  "ends in a comma, which is read as a part of the last value",
				Evident:  strings.TrimRightFunc(text[:comma], unicode.IsSpace),
				Harmless: true,
			}
		}
		start = end + 1
	}
	return pieces, fault
}

// endOfAttribute is where the attribute that begins at start ends, and where in
// it there is a comma that nothing follows; -1 for nowhere.
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

// unescape takes the backslashes out. One at the end stands for itself.
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

// Join writes no blanks, and a backslash before what would else be read as one
// or as the end.
func (Attributes) Join(name, value string) string {
	escaped := strings.NewReplacer(`\`, `\\`, ",", `\,`)
	return escaped.Replace(name) + "=" + escaped.Replace(value)
}

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
		service, value, _ := strings.Cut(part, " ")
		_, name, _ := strings.Cut(service, "=")
		if name == "" || strings.Contains(name, "=") || strings.TrimSpace(value) == "" || strings.ContainsAny(value, `"$\`) {
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
// eskip lexer.go, parser.y).
type Filters struct{}

const (
	arrow = "->"
	// blank is what stands anywhere between a chain's words: comments too.
	blank = `(?:[\s\v]|//[^\n]*(?:\n|$))*`
	// quoted is a text.
	quoted = `"(?:[^"\\]|\\.)*"|` + "`(?:[^`\\\\]|\\\\.)*`"
	// argument is a text, a regular expression or a number.
	argument = `(?:` + quoted + `|/(?:[^/\\\[]|\\.|\[(?:[^\]\\]|\\.)*\])+/|-?(?:\d+(?:\.\d+)?|\.\d+))`
)

var (
	onlyBlank = regexp.MustCompile(`^` + blank + `$`)
	filter    = regexp.MustCompile(`(?s)^` + blank + `(([A-Za-z_]\w*)` + blank + `\((` + blank + `(?:` + argument + blank + `(?:,` + blank + argument + blank + `)*)?)\))` + blank)
)

// Split cuts at each arrow outside of quotes. A member's name is the filter's,
// its value what stands between the parentheses.
func (Filters) Split(text string) ([]Piece, *PackingFault) {
	if onlyBlank.MatchString(text) {
		return nil, nil
	}
	var pieces []Piece
	for at := 0; ; at += len(arrow) {
		groups := filter.FindStringSubmatchIndex(text[at:])
		if groups == nil {
			break
		}
		part := func(n int) string { return text[at+groups[2*n] : at+groups[2*n+1]] }
		pieces = append(pieces, Piece{part(2), part(3), at + groups[2], at + groups[3]})
		if at += groups[1]; at == len(text) {
			return pieces, nil
		}
		if !strings.HasPrefix(text[at:], arrow) {
			break
		}
	}
	return nil, &PackingFault{Problem: "is no chain of filters, so none of them is in force"}
}

// Join writes a call.
func (Filters) Join(name, value string) string { return name + "(" + value + ")" }

// Separator is an arrow.
func (Filters) Separator() string { return " " + arrow + " " }
