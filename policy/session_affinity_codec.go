package policy

import (
	"fmt"
	"strconv"
	"strings"
)

// Affinity is a Service's session affinity. The zero value is a Service without
// one, which means None. The API server writes that None out; what comes from there
// is read as the zero value, because nothing tells who wrote it.
type Affinity struct {
	// Type is "", "None" or "ClientIP".
	Type string
	// Seconds is the timeout of ClientIP; zero if none is given. A manifest may have it
	// without a type, though the API server then drops it.
	Seconds int64
}

// The types of affinity.
const (
	AffinityNone     = "None"
	AffinityClientIP = "ClientIP"
)

// String returns the affinity as changes and records write it: "ClientIP/10800", or
// "/60" for a timeout without a type.
func (a Affinity) String() string {
	if a.Seconds == 0 {
		return a.Type
	}
	return a.Type + "/" + strconv.FormatInt(a.Seconds, 10)
}

// ParseAffinity reads what String writes; it returns false for anything else.
func ParseAffinity(text string) (Affinity, bool) {
	kind, timeout, hasTimeout := strings.Cut(text, "/")
	affinity := Affinity{Type: kind}
	if hasTimeout {
		seconds, err := strconv.ParseInt(timeout, 10, 32)
		if err != nil {
			return Affinity{}, false
		}
		affinity.Seconds = seconds
	}
	known := kind == AffinityNone || kind == AffinityClientIP || kind == "" && affinity.Seconds > 0
	return affinity, known && affinity.String() == text
}

// Affinity returns the session affinity that a Service is stored with.
func (o *Object) Affinity() Affinity {
	for _, f := range o.Fields {
		if f.Target == sessionAffinityTarget {
			now, _ := affinityOf(&f)
			return now
		}
	}
	return Affinity{}
}

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
	return ok && (affinity.Seconds == 0 || affinity.TimeoutWithinLimits())
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
