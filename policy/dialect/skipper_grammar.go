package dialect

import (
	"regexp"
	"strings"
)

// Filters is the codec of a chain of filters: calls with arrows between them
// (zalando/skipper eskip lexer.go, parser.y).
type Filters struct{}

const (
	arrow = "->"
	// blank is what may stand between the tokens of a chain: spaces and comments.
	blank = `(?:[\s\v]|//[^\n]*(?:\n|$))*`
	// quoted is a text.
	quoted = `"(?:[^"\\]|\\.)*"|` + "`(?:[^`\\\\]|\\\\.)*`"
	// argument is a text, a regular expression or a number.
	argument = `(?:` + quoted + `|/(?:[^/\\\[]|\\.|\[(?:[^\]\\]|\\.)*\])+/|-?(?:\d+(?:\.\d+)?|\.\d+))`
)

var (
	onlyBlank = regexp.MustCompile(`^` + blank + `$`)
	filter    = regexp.MustCompile(`(?s)^` + blank + `(([A-Za-z_]\w*)` + blank +
		`\((` + blank + `(?:` + argument + blank + `(?:,` + blank + argument + blank + `)*)?)\))` + blank)
)

// Split cuts at each arrow outside of quotes. An element's name is the filter's, and
// its value is what stands between the parentheses.
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
	return nil, &CodecProblem{Problem: "isn't a valid chain of filters, so none of them applies"}
}

// Join returns a call.
func (Filters) Join(name, value string) string { return name + "(" + value + ")" }

// Separator is an arrow.
func (Filters) Separator() string { return " " + arrow + " " }
