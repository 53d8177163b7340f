package dialect

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Codec is how several settings share one annotation. Holdfast adds, owns and
// takes back only its own members of it; all other text stays byte for byte.
type Codec interface {
	// Split finds the members of a text. Its problem is not nil where the
	// controller can't read the text.
	Split(text string) ([]Element, *CodecProblem)
	// Join writes a member as a piece of the text.
	Join(name, value string) string
	// Separator stands between two elements.
	Separator() string
}

// Element is one member of a packed value.
type Element struct {
	Name, Value string
	// Start and End are the bytes between which it stands.
	Start, End int
}

// CodecProblem is why a controller can't read a packed value.
type CodecProblem struct {
	// Problem is the rest of a sentence that begins with the text.
	Problem string
	// Evident is the text that was evidently meant; empty for none.
	Suggestion string
	// Harmless says that the controller reads the text all the same, though not
	// as it was meant.
	StillRead bool
}

// Find gives a member's value. Of one that is there twice the last counts.
func Find(elements []Element, name string) (value string, found bool) {
	if i := lastIndex(elements, name); i >= 0 {
		return elements[i].Value, true
	}
	return "", false
}

// lastIndex finds the last of the members with a name; -1 for none.
func lastIndex(elements []Element, name string) int {
	for i := len(elements) - 1; i >= 0; i-- {
		if elements[i].Name == name {
			return i
		}
	}
	return -1
}

// Put gives a member of a packed text a value: in its place where it is there,
// else behind all others. Before them, where the text ends in what would become
// a part of the new member, or the new one a part of it. A text that can't be
// split is left alone.
func Put(codec Codec, text, name, value string) string {
	piece, separator := codec.Join(name, value), codec.Separator()
	elements, problem := codec.Split(text)
	if i := lastIndex(elements, name); i >= 0 {
		return text[:elements[i].Start] + piece + text[elements[i].End:]
	}
	if len(elements) == 0 {
		if problem != nil {
			return text
		}
		separator = ""
	}
	if behind := text + separator + piece; text == trimEnd(text) && beginsWith(codec, behind, elements) {
		return behind
	}
	return piece + separator + text
}

// trimEnd cuts what separates members off the end of a text.
func trimEnd(text string) string { return strings.TrimRight(text, " \t\r\n,;") }

// beginsWith tells whether a text's members are those, as they were, and one
// more.
func beginsWith(codec Codec, text string, members []Element) bool {
	elements, _ := codec.Split(text)
	return len(elements) == len(members)+1 && slices.EqualFunc(elements[:len(members)], members, func(a, b Element) bool {
		return a.Name == b.Name && a.Value == b.Value
	})
}

// Remove takes a member out of a packed text, with the separator that Put wrote.
// It undoes what Put did where the member wasn't there before.
func Remove(codec Codec, text, name string) string {
	elements, _ := codec.Split(text)
	i := lastIndex(elements, name)
	if i < 0 {
		return text
	}
	before, behind := text[:elements[i].Start], text[elements[i].End:]
	switch {
	case i > 0:
		if uncut, found := strings.CutSuffix(before, codec.Separator()); found && uncut == trimEnd(uncut) {
			return uncut + behind
		}
		return text[:elements[i-1].End] + behind
	case len(elements) > 1:
		if uncut, found := strings.CutPrefix(behind, codec.Separator()); found {
			return before + uncut
		}
		return before + text[elements[1].Start:]
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
	StillRead bool
}

// Split cuts at each comma.
func (l List) Split(text string) ([]Element, *CodecProblem) {
	if text == "" {
		return nil, nil
	}
	var elements []Element
	var problem *CodecProblem
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
			problem = &CodecProblem{Problem: l.Problem, Suggestion: l.evident(text), StillRead: l.StillRead}
		}
		elements = append(elements, Element{name, name, start, end})
		start = end + 1
	}
	return elements, problem
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
func (s StickyServices) Split(text string) ([]Element, *CodecProblem) {
	if text == "" {
		return nil, nil
	}
	var elements []Element
	start := 0
	for part := range strings.SplitSeq(text, ";") {
		end := start + len(part)
		service, value, _ := strings.Cut(part, " ")
		_, name, _ := strings.Cut(service, "=")
		if name == "" || strings.Contains(name, "=") || strings.TrimSpace(value) == "" || strings.ContainsAny(value, `"$\`) {
			return nil, &CodecProblem{Problem: nginxIncBad, Suggestion: s.evident(text)}
		}
		elements = append(elements, Element{name, value, start, end})
		start = end + 1
	}
	return elements, nil
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
	if _, problem := s.Split(trimmed); problem != nil {
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
func (Filters) Split(text string) ([]Element, *CodecProblem) {
	if onlyBlank.MatchString(text) {
		return nil, nil
	}
	var elements []Element
	for at := 0; ; at += len(arrow) {
		groups := filter.FindStringSubmatchIndex(text[at:])
		if groups == nil {
			break
		}
		part := func(n int) string { return text[at+groups[2*n] : at+groups[2*n+1]] }
		elements = append(elements, Element{part(2), part(3), at + groups[2], at + groups[3]})
		if at += groups[1]; at == len(text) {
			return elements, nil
		}
		if !strings.HasPrefix(text[at:], arrow) {
			break
		}
	}
	return nil, &CodecProblem{Problem: "is no chain of filters, so none of them is in force"}
}

// Join writes a call.
func (Filters) Join(name, value string) string { return name + "(" + value + ")" }

// Separator is an arrow.
func (Filters) Separator() string { return " " + arrow + " " }

// Rewrite returns text with the elements of remove taken out and those of set
// given their values: in place if they are there, else appended.
func Rewrite(codec Codec, text string, remove []string, set []Element) string {
	for _, name := range remove {
		text = Remove(codec, text, name)
	}
	for _, e := range set {
		text = Put(codec, text, e.Name, e.Value)
	}
	return text
}
