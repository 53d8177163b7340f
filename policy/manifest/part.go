package manifest

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// part finds what makes one text of another and leaves all else of it as it is
// written: quotes, escapes, line breaks. It is false where nothing does.
//
// A plain text that can't hold what is added gets quotes. So that it can lose
// them again, the addition begins with an escape, which nobody else puts there.
func (s *splicer) part(at place, found entry, to string) (splice, bool) {
	d := differ(found.value.Value, to)
	start, startOK := s.source.within(found, d.start)
	end, endOK := s.source.within(found, d.end)
	if !startOK || !endOK || end < start {
		return splice{}, false
	}
	for _, way := range []func(entry, difference, splice) (splice, bool){s.unquoted, s.inPlace, s.quoted} {
		sp, possible := way(found, d, splice{start, end, ""})
		if possible && s.reads(at, found, sp, to) {
			return sp, true
		}
	}
	return splice{}, false
}

// difference is where a text differs from another one: what stands between two
// of its characters is to become added.
type difference struct {
	start, end int
	added      string
}

// differ finds the difference between two texts. From the second to the first it
// is at the same place.
func differ(from, to string) difference {
	a, b := []rune(from), []rune(to)
	shorter := min(len(a), len(b))
	start, behind := 0, 0
	for start < shorter && a[start] == b[start] {
		start++
	}
	for behind < shorter-start && a[len(a)-1-behind] == b[len(b)-1-behind] {
		behind++
	}
	return difference{start, len(a) - behind, string(b[start : len(b)-behind])}
}

// inPlace writes what is added as the text is written.
func (s *splicer) inPlace(found entry, d difference, sp splice) (splice, bool) {
	switch style := found.value.Style; {
	case style&yaml.DoubleQuotedStyle != 0:
		sp.text = escaped(d.added)
	case style&yaml.SingleQuotedStyle != 0:
		sp.text = strings.ReplaceAll(d.added, "'", "''")
	default:
		sp.text = d.added
	}
	return sp, true
}

// quoted puts a plain text into quotes, together with what is added.
func (s *splicer) quoted(found entry, d difference, sp splice) (splice, bool) {
	if quotesOf(found.value).plain && sp.start == sp.end && d.added != "" {
		first, width := utf8.DecodeRuneInString(d.added)
		start, end := s.source.content(found.value), s.source.entryEnd(found)
		text := `"` + bareEscapes.Replace(string(s.source.text[start:sp.start])) +
			escapeOf(first) + escaped(d.added[width:]) +
			bareEscapes.Replace(string(s.source.text[sp.end:end])) + `"`
		return splice{start, end, text}, true
	}
	return splice{}, false
}

// unquoted takes what is added, and quotes that came with it, away again.
func (s *splicer) unquoted(found entry, d difference, sp splice) (splice, bool) {
	gone := string(s.source.text[sp.start:sp.end])
	first, width := utf8.DecodeRuneInString(string([]rune(found.value.Value)[d.start:d.end]))
	if width == 0 || d.added != "" || !strings.HasPrefix(gone, escapeOf(first)) {
		return splice{}, false
	}
	start, end := s.source.content(found.value), s.source.entryEnd(found)
	rest := string(s.source.text[start+1:sp.start]) + string(s.source.text[sp.end:end-1])
	return splice{start, end, bareUnescapes.Replace(rest)}, true
}

// bareEscapes are those that a plain text needs within quotes.
var (
	bareEscapes   = strings.NewReplacer(`"`, `\"`, `\`, `\\`)
	bareUnescapes = strings.NewReplacer(`\"`, `"`, `\\`, `\`)
)

// escaped is a text as it is written within double quotes.
func escaped(text string) string {
	quoted := doubleQuoted(text)
	return quoted[1 : len(quoted)-1]
}

// escapeOf is the escape of a character that needs none.
func escapeOf(r rune) string {
	if r > 0xffff {
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// reads tells whether an entry holds a text once it is spliced.
func (s *splicer) reads(at place, found entry, sp splice, want string) bool {
	start, end := s.source.start(found.key), s.source.entryEnd(found)
	text := string(s.source.text[start:sp.start]) + sp.text + string(s.source.text[sp.end:end])
	if !s.open || s.source.nextLine(end) < len(s.source.text) {
		text += "\n"
	}
	if at.mapping.Style&yaml.FlowStyle != 0 {
		text = "{" + text + "}"
	} else {
		text = spaces(found.key.Column-1) + text
	}
	root, err := parse(newSource(s.source.file, 1, []byte(text)))
	all := entries(root)
	return err == nil && len(all) == 1 && all[0].value.Kind == yaml.ScalarNode && all[0].value.Value == want && isText(all[0].value)
}
