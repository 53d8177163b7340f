package audit

import "strings"

// acceptPrefix is what the keys of annotations that accept findings begin with. The rule
// is behind it.
const acceptPrefix = "accept.holdfast.dev/"

// untilPrefix begins the last word of an acceptance that ends.
const untilPrefix = "until="

// parseAcceptance reads the value of an annotation that accepts findings. The date is
// that of its last word, unchecked.
func parseAcceptance(text string) Acceptance {
	text = strings.TrimSpace(text)
	reason, last := "", text
	if space := strings.LastIndexAny(text, " \t\n"); space >= 0 {
		reason, last = strings.TrimSpace(text[:space]), text[space+1:]
	}
	if until, found := strings.CutPrefix(last, untilPrefix); found {
		return Acceptance{Reason: reason, Until: until}
	}
	return Acceptance{Reason: text}
}

// holds reports whether an acceptance counts today.
func (a Acceptance) holds(today string) bool {
	return a.Reason != "" && (a.Until == "" || isDate(a.Until) && a.Until >= today)
}

// isDate reports whether a text has the form YYYY-MM-DD, which sorts as time does.
func isDate(text string) bool {
	const form = "0000-00-00"
	if len(text) != len(form) {
		return false
	}
	for i := range form {
		if isDigit := text[i] >= '0' && text[i] <= '9'; isDigit != (form[i] == '0') || !isDigit && text[i] != '-' {
			return false
		}
	}
	return true
}
