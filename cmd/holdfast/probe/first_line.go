package probe

import (
	"strings"
	"unicode"
)

// maxShown is how many characters of a text from the server are shown.
const maxShown = 120

// firstLine returns the first line of a text from the server, without what a terminal
// would take for a command, and cut if it is long.
func firstLine(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	var shown strings.Builder
	length := 0
	for _, r := range strings.ToValidUTF8(text, "\ufffd") {
		if !unicode.IsPrint(r) {
			r = ' '
		}
		if length++; length > maxShown {
			shown.WriteString("…")
			break
		}
		shown.WriteRune(r)
	}
	return strings.TrimSpace(shown.String())
}
