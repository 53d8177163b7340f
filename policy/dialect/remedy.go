package dialect

import "strings"

// ValuePlace stands for the desired value in a remedy.
const ValuePlace = "{value}"

// The formats of values outside of annotations: a number of seconds, and one with its
// unit, as Go's durations and the proxies' own configurations have it.
var (
	plainSeconds    = Timer{Parser: atoi(second), Unit: second}
	secondsWithUnit = Timer{Parser: goDuration, Unit: second, Suffix: "s"}
)

// remedyWith puts the text of a value, or of an example if the value can't be
// written, into a remedy. Without a format the remedy has no place for one.
func remedyWith(remedy string, format Format, v, example Value) string {
	if format == nil {
		return remedy
	}
	text, ok := format.Write(v)
	if !ok {
		text, _ = format.Write(example)
	}
	return FillIn(remedy, text)
}

// FillIn puts the text of a value into a remedy.
func FillIn(remedy, text string) string { return strings.ReplaceAll(remedy, ValuePlace, text) }
