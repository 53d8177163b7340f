package webhook

import (
	"context"
	"log/slog"
	"slices"
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

// CutHandler returns a log handler that cuts the texts and errors of a record, which
// may be from outside, before another handler writes them. It hands on most records
// as they are: replacing each attribute would take as long as writing it.
func CutHandler(next slog.Handler) slog.Handler { return cutHandler{next} }

type cutHandler struct{ slog.Handler }

// Handle cuts the record and hands it on.
func (h cutHandler) Handle(ctx context.Context, record slog.Record) error {
	long := false
	record.Attrs(func(a slog.Attr) bool {
		long = isLong(a)
		return !long
	})
	if long {
		short := slog.NewRecord(record.Time, record.Level, record.Message, record.PC)
		record.Attrs(func(a slog.Attr) bool {
			short.AddAttrs(cutAttr(a))
			return true
		})
		record = short
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs cuts attributes that all records of the returned handler have.
func (h cutHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return cutHandler{h.Handler.WithAttrs(cutAttrs(attributes))}
}

// WithGroup puts the attributes of the returned handler's records into a group.
func (h cutHandler) WithGroup(name string) slog.Handler { return cutHandler{h.Handler.WithGroup(name)} }

// isLong reports whether an attribute has to be cut.
func isLong(a slog.Attr) bool {
	switch a.Value.Kind() {
	case slog.KindString:
		return len(a.Value.String()) > maxText
	case slog.KindGroup:
		return slices.ContainsFunc(a.Value.Group(), isLong)
	case slog.KindAny:
		err, isError := a.Value.Any().(error)
		return isError && len(err.Error()) > maxText
	default:
		return false
	}
}

func cutAttr(a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(cut(a.Value.String()))
	case slog.KindGroup:
		a.Value = slog.GroupValue(cutAttrs(a.Value.Group())...)
	case slog.KindAny:
		if err, isError := a.Value.Any().(error); isError {
			a.Value = slog.StringValue(cut(err.Error()))
		}
	default: // All other kinds are short.
	}
	return a
}

func cutAttrs(attributes []slog.Attr) []slog.Attr {
	short := make([]slog.Attr, len(attributes))
	for i, a := range attributes {
		short[i] = cutAttr(a)
	}
	return short
}

// stackTrace is a text that isn't from outside. CutHandler doesn't cut it, since it is
// no string.
type stackTrace string
