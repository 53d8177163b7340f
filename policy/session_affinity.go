package policy

import (
	"fmt"
	"strconv"
)

// sessionAffinityCodec writes spec.sessionAffinity and its timeout as one value:
// the API server drops a timeout without ClientIP, refuses one beside None, and
// fills in a timeout of its own if there is none.
type sessionAffinityCodec struct{}

// SessionAffinity is the JSON pointer of a Service's session affinity.
const SessionAffinity = "/spec/sessionAffinity"

// SessionAffinityConfig is the JSON pointer of the field that holds the timeout
// of ClientIP.
const SessionAffinityConfig = "/spec/sessionAffinityConfig"

// Valid reports whether text is what Affinity.String writes, with a timeout that the
// API server accepts.
func (sessionAffinityCodec) Valid(text string) bool {
	affinity, ok := ParseAffinity(text)
	return ok && (affinity.Seconds == 0 || affinity.timeoutInRange())
}

// affinityType returns the type of an affinity's text.
func affinityType(text string) string {
	affinity, _ := ParseAffinity(text)
	return affinity.Type
}

// Members returns the affinity and its timeout.
func (sessionAffinityCodec) Members(text *string) []Member {
	kind, config := Member{Pointer: SessionAffinity}, Member{Pointer: SessionAffinityConfig}
	if text != nil {
		affinity, _ := ParseAffinity(*text)
		if affinity.Type != "" {
			kind.JSON = strconv.Quote(affinity.Type)
		}
		if affinity.Seconds > 0 {
			config.JSON = fmt.Sprintf(`{"clientIP":{"timeoutSeconds":%d}}`, affinity.Seconds)
		}
	}
	return []Member{kind, config}
}

// Display returns "ClientIP with 10800 s".
func (sessionAffinityCodec) Display(text string) string {
	affinity, ok := ParseAffinity(text)
	switch {
	case !ok || affinity.Seconds == 0:
		return text
	case affinity.Type == "":
		return fmt.Sprintf("a timeout of %d s", affinity.Seconds)
	}
	return fmt.Sprintf("%s with %d s", affinity.Type, affinity.Seconds)
}

// SessionAffinityField returns a Service's session affinity as a field.
func SessionAffinityField(now Affinity) Field {
	f := Field{Target: FieldTarget(SessionAffinity), Codec: sessionAffinityCodec{}}
	if now != (Affinity{}) {
		text := now.String()
		f.Value = &text
	}
	return f
}
