package manifest

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// runeSpan is where a character of a scalar's value is in the text. It is longer
// than the character if that is written as an escape.
type runeSpan struct{ start, end int }

// offsetOfRune returns the offset behind the first n characters of a scalar's
// value; false if white space that YAML folds makes it ambiguous.
func (s *source) offsetOfRune(e entry, n int) (offset int, ok bool) {
	value := []rune(e.value.Value)
	spans, folded := s.runeSpans(e)
	blank := func(r rune) bool { return folded && isBlank(r) }
	before := 0
	for _, r := range value[:n] {
		if !blank(r) {
			before++
		}
	}
	quoted := e.value.Style&quotedStyle != 0
	switch {
	case before > len(spans):
		return 0, false
	case n == 0 && quoted:
		return s.content(e.value) + 1, true
	case n > 0 && !blank(value[n-1]):
		return spans[before-1].end, true
	case n == len(value) && quoted:
		return s.entryEnd(e) - 1, true
	case before < len(spans) && !blank(value[n]):
		return spans[before].start, true
	default:
		return 0, false
	}
}

// runeSpans returns the characters of an entry's value. If the value has several
// lines it is folded: its white space is left out, since line breaks and indents
// in the text don't correspond to characters of the value.
func (s *source) runeSpans(e entry) (all []runeSpan, folded bool) {
	start, end := s.content(e.value), s.entryEnd(e)
	switch {
	case e.value.Style&quotedStyle != 0:
		start, end = start+1, end-1
	case e.value.Style&blockStyle != 0:
		start, folded = s.nextLine(start), true
	}
	folded = folded || bytes.ContainsAny(s.text[start:max(start, end)], "\r\n\u0085\u2028\u2029")
	for at := start; at < end; {
		width, blank := character(s.text[at:end], e.value.Style)
		if !folded || !blank {
			all = append(all, runeSpan{at, at + width})
		}
		at += width
	}
	return all, folded
}

// character returns the width of the first character of a scalar's text in a
// style, and reports whether the character is white space.
func character(text []byte, style yaml.Style) (width int, blank bool) {
	switch {
	case style&yaml.DoubleQuotedStyle != 0 && text[0] == '\\' && len(text) > 1:
		return escape(text)
	case style&yaml.SingleQuotedStyle != 0 && bytes.HasPrefix(text, []byte("''")):
		return len("''"), false
	default:
		r, width := utf8.DecodeRune(text)
		return width, isBlank(r)
	}
}

// escape returns the width of the escape that a text begins with, and reports
// whether it stands for white space.
func escape(text []byte) (width int, blank bool) {
	if digits := escapeDigits(text[1]); digits > 0 {
		width = min(len(`\x`)+digits, len(text))
		code, err := strconv.ParseInt(string(text[len(`\x`):width]), 16, 32)
		return width, err == nil && isBlank(rune(code))
	}
	if line := newlineWidth(text[1:]); line > 0 {
		return 1 + line, true
	}
	r, width := utf8.DecodeRune(text[1:])
	return 1 + width, isBlank(r) || strings.ContainsRune("nrtNLP", r)
}

// escapeDigits returns how many hexadecimal digits follow \x, \u and \U; zero for
// any other escape.
func escapeDigits(c byte) int {
	switch c {
	case 'x':
		return 2
	case 'u':
		return 4
	case 'U':
		return 8
	default:
		return 0
	}
}

func isBlank(r rune) bool { return strings.ContainsRune(" \t\r\n\u0085\u2028\u2029", r) }
