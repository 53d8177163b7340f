package manifest

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// inlineEdit returns the smallest splice that turns a scalar's value into `to` and
// keeps its quotes, escapes and line breaks; false if there is none.
//
// A plain scalar that must be quoted gets double quotes, and the inserted text
// begins with a \u escape as a marker, by which removing that text recognises the
// quotes and removes them as well.
func (s *splicer) inlineEdit(at *mappingPlace, found entry, to string) (splice, bool) {
	d := differ(found.value.Value, to)
	start, startOK := s.source.offsetOfRune(found, d.start)
	end, endOK := s.source.offsetOfRune(found, d.end)
	if !startOK || !endOK || end < start {
		return splice{}, false
	}
	for _, write := range []func(entry, difference, splice) (splice, bool){s.removeWithQuotes, s.inSameQuotes, s.insertWithQuotes} {
		sp, possible := write(found, d, splice{start, end, ""})
		if possible && s.reads(at, found, sp, to) {
			return sp, true
		}
	}
	return splice{}, false
}

// difference is a range of a text, in characters, and the text that replaces it.
type difference struct {
	start, end int
	added      string
}

// differ returns the difference between two texts. differ(to, from) has the same
// start, so a removal finds what was inserted.
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

// inSameQuotes writes the added text in the style of the scalar.
func (s *splicer) inSameQuotes(found entry, d difference, sp splice) (splice, bool) {
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

// insertWithQuotes puts a plain scalar and the added text into double quotes.
func (s *splicer) insertWithQuotes(found entry, d difference, sp splice) (splice, bool) {
	if !quotesOf(found.value).plain || sp.start != sp.end || d.added == "" {
		return splice{}, false
	}
	first, width := utf8.DecodeRuneInString(d.added)
	start, end := s.source.content(found.value), s.source.entryEnd(found)
	text := `"` + escapeQuotes.Replace(string(s.source.text[start:sp.start])) +
		unicodeEscape(first) + escaped(d.added[width:]) +
		escapeQuotes.Replace(string(s.source.text[sp.end:end])) + `"`
	return splice{start, end, text}, true
}

// removeWithQuotes removes a text that insertWithQuotes has added, and the quotes
// around the scalar.
func (s *splicer) removeWithQuotes(found entry, d difference, sp splice) (splice, bool) {
	removed := string(s.source.text[sp.start:sp.end])
	first, width := utf8.DecodeRuneInString(string([]rune(found.value.Value)[d.start:d.end]))
	if width == 0 || d.added != "" || !strings.HasPrefix(removed, unicodeEscape(first)) {
		return splice{}, false
	}
	start, end := s.source.content(found.value), s.source.entryEnd(found)
	rest := string(s.source.text[start+1:sp.start]) + string(s.source.text[sp.end:end-1])
	return splice{start, end, unescapeQuotes.Replace(rest)}, true
}

// escapeQuotes escapes what a plain scalar may hold and double quotes may not.
var (
	escapeQuotes   = strings.NewReplacer(`"`, `\"`, `\`, `\\`)
	unescapeQuotes = strings.NewReplacer(`\"`, `"`, `\\`, `\`)
)

// escaped returns a text as it is written within double quotes.
func escaped(text string) string {
	quoted := doubleQuoted(text)
	return quoted[1 : len(quoted)-1]
}

// unicodeEscape returns the numeric escape of a character.
func unicodeEscape(r rune) string {
	if r > 0xffff {
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// reads reports whether an entry has a text as its value once it is spliced.
func (s *splicer) reads(at *mappingPlace, found entry, sp splice, want string) bool {
	start, end := s.source.start(found.key), s.source.entryEnd(found)
	text := string(s.source.text[start:sp.start]) + sp.text + string(s.source.text[sp.end:end])
	if !s.open || s.source.nextLine(end) < len(s.source.text) {
		text += "\n"
	}
	if at.flow() {
		text = "{" + text + "}"
	} else {
		text = spaces(found.key.Column-1) + text
	}
	root, err := parse(newSource(s.source.file, 1, []byte(text)))
	all := entries(root)
	return err == nil && len(all) == 1 && all[0].value.Kind == yaml.ScalarNode && all[0].value.Value == want && isString(all[0].value)
}
