package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// WriteWrapped writes a sentence and a line feed, broken between words so that no line is
// wider than width unless a single word is. What comes first begins the first line, indent
// the others.
func WriteWrapped(text *strings.Builder, width int, first, indent, sentence string) {
	text.WriteString(strings.TrimRight(first, " "))
	column, start := utf8.RuneCountInString(strings.TrimRight(first, " ")), true
	pad := strings.Repeat(" ", utf8.RuneCountInString(first)-column)
	for _, word := range strings.Fields(printable(sentence)) {
		length := utf8.RuneCountInString(word)
		switch {
		case start:
			text.WriteString(pad)
			column += len(pad)
		case column+1+length > width:
			text.WriteString("\n" + indent)
			column = utf8.RuneCountInString(indent)
		default:
			text.WriteByte(' ')
			column++
		}
		text.WriteString(word)
		column, start = column+length, false
	}
	text.WriteByte('\n')
}

// printable replaces the characters that a terminal takes for commands, such as escape.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}
