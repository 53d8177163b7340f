package policy

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// maxValue is how many characters of a value a sentence shows, so that a long
	// value doesn't hide the remedy.
	maxValue = 48
	// maxContext is how many characters are shown at least before the first difference
	// of two long values.
	maxContext = 16
)

// quote returns a value as a user wrote it, on one line. What has to be escaped
// counts as long as it is shown.
func quote(value string) string { return quoteFrom(value, 0) }

// quotePair returns two values that a sentence shows side by side. If one of them is
// too long to be shown whole, both begin shortly before their first difference. So
// two values that differ are never shown as the same text.
func quotePair(a, b string) (shownA, shownB string) {
	if fits(a) && fits(b) {
		return quote(a), quote(b)
	}
	difference := commonPrefix(a, b)
	// A difference at the end leaves room for more of what is before it.
	room := maxValue - 1 - max(width(a[difference:]), width(b[difference:]))
	from := contextBefore(a, difference, max(room, maxContext))
	return quoteFrom(a, from), quoteFrom(b, from)
}

// quoteFrom returns a value from an offset on, with an ellipsis for what is left out
// on either side.
func quoteFrom(value string, from int) string {
	var shown strings.Builder
	shown.WriteByte('"')
	room := maxValue
	if from > 0 {
		shown.WriteString("…")
		room--
	}
	rest := value[from:]
	whole := width(rest) <= room
	if !whole {
		room--
	}
	for len(rest) > 0 {
		escaped, size := firstEscaped(rest)
		if room -= utf8.RuneCountInString(escaped); room < 0 {
			break
		}
		shown.WriteString(escaped)
		rest = rest[size:]
	}
	if !whole {
		shown.WriteString("…")
	}
	shown.WriteByte('"')
	return shown.String()
}

// fits reports whether a value can be shown whole.
func fits(value string) bool { return width(value) <= maxValue }

// width returns how many characters a text takes when it is shown, or a number above
// maxValue.
func width(text string) int {
	shown := 0
	for len(text) > 0 && shown <= maxValue {
		escaped, size := firstEscaped(text)
		shown += utf8.RuneCountInString(escaped)
		text = text[size:]
	}
	return shown
}

// firstEscaped returns the first character of a text as it is shown within quotes,
// and its size in bytes. A byte that isn't UTF-8 counts as a character.
func firstEscaped(text string) (escaped string, size int) {
	r, size := utf8.DecodeRuneInString(text)
	if r == utf8.RuneError && size > 1 {
		// A warning can't hold it: see line.
		return `\ufffd`, size
	}
	quoted := strconv.Quote(text[:size])
	return quoted[1 : len(quoted)-1], size
}

// commonPrefix returns the length in bytes of the characters that two texts begin
// with.
func commonPrefix(a, b string) int {
	length := 0
	for length < len(a) {
		_, size := utf8.DecodeRuneInString(a[length:])
		if !strings.HasPrefix(b[length:], a[length:length+size]) {
			break
		}
		length += size
	}
	return length
}

// contextBefore returns the offset from which a text is shown for a difference at an
// offset to be seen, with at most a number of characters before it.
func contextBefore(text string, difference, room int) int {
	from := difference
	for from > 0 {
		_, size := utf8.DecodeLastRuneInString(text[:from])
		escaped, _ := firstEscaped(text[from-size : from])
		if room -= utf8.RuneCountInString(escaped); room < 0 {
			return from
		}
		from -= size
	}
	return 0
}
