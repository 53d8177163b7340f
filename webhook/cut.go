package webhook

import (
	"log/slog"
	"unicode/utf8"
)

// maxText limits each text from outside that is logged or answered. A review is up to
// 7 MiB, and any of its texts may be as long.
const maxText = 1 << 10

// cut shortens a text to maxText, and shows that it did.
func cut(text string) string {
	const ellipsis = "…"
	if len(text) <= maxText {
		return text
	}
	end := maxText - len(ellipsis)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + ellipsis
}

// CutAttr cuts a log attribute that is a text or an error, which may be from outside.
// It is for slog.HandlerOptions.ReplaceAttr, where it sees all attributes.
func CutAttr(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(cut(a.Value.String()))
	case slog.KindAny:
		if err, isError := a.Value.Any().(error); isError {
			a.Value = slog.StringValue(cut(err.Error()))
		}
	}
	return a
}

// stackTrace is a text that isn't from outside. CutAttr doesn't cut it, since it is no
// string.
type stackTrace string
