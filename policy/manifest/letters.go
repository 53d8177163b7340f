package manifest

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// letter is where a character of a scalar's value stands in the text.
type letter struct{ start, end int }

const (
	quotedStyle = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle
	blockStyle  = yaml.LiteralStyle | yaml.FoldedStyle
)

// within is the offset behind the first n characters of a scalar's value. It is
// false where that can't be told.
func (s *source) within(e entry, n int) (offset int, ok bool) {
	value := []rune(e.value.Value)
	letters, broken := s.letters(e)
	blank := func(r rune) bool { return broken && isBlank(r) }
	before := 0
	for _, r := range value[:n] {
		if !blank(r) {
			before++
		}
	}
	quoted := e.value.Style&quotedStyle != 0
	switch {
	case before > len(letters):
		return 0, false
	case n == 0 && quoted:
		return s.content(e.value) + 1, true
	case n > 0 && !blank(value[n-1]):
		return letters[before-1].end, true
	case n == len(value) && quoted:
		return s.entryEnd(e) - 1, true
	case before < len(letters) && !blank(value[n]):
		return letters[before].start, true
	default:
		return 0, false
	}
}

// letters are the characters of an entry's value. Of one that is broken into
// lines, white space counts for none: line breaks and indents come and go there.
func (s *source) letters(e entry) (all []letter, broken bool) {
	start, end := s.content(e.value), s.entryEnd(e)
	switch {
	case e.value.Style&quotedStyle != 0:
		start, end = start+1, end-1
	case e.value.Style&blockStyle != 0:
		start, broken = s.nextLine(start), true
	}
	broken = broken || bytes.ContainsAny(s.text[start:max(start, end)], "\r\n\u0085\u2028\u2029")
	for at := start; at < end; {
		width, blank := character(s.text[at:end], e.value.Style)
		if !broken || !blank {
			all = append(all, letter{at, at + width})
		}
		at += width
	}
	return all, broken
}

// character is the width of the character that a text begins with, as it is
// written in a scalar of some style, and whether it is white space.
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

// escape is the same for what begins with a backslash.
func escape(text []byte) (width int, blank bool) {
	if digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[text[1]]; digits > 0 {
		width = min(len(`\x`)+digits, len(text))
		code, err := strconv.ParseUint(string(text[len(`\x`):width]), 16, 32)
		return width, err == nil && isBlank(rune(code))
	}
	if line := newlineWidth(text[1:]); line > 0 {
		return 1 + line, true
	}
	r, width := utf8.DecodeRune(text[1:])
	return 1 + width, isBlank(r) || strings.ContainsRune("nrtNLP", r)
}

func isBlank(r rune) bool { return strings.ContainsRune(" \t\r\n\u0085\u2028\u2029", r) }
