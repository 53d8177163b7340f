package probe

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// PodSign is where a connection shows which pod it reached. At most one field is set.
type PodSign struct {
	// Header and Cookie are names in the answer to the handshake.
	Header, Cookie string
	// Field is a field of the first message, which is JSON; Greeting is that message whole.
	Field    string
	Greeting bool
}

// podHeaders are the headers that are looked for if no sign is given.
var podHeaders = [...]string{"X-Pod", "X-Pod-Name", "X-Hostname"}

// String returns the sign as reports show it.
func (p PodSign) String() string {
	switch {
	case p.Header != "":
		return "header " + p.Header
	case p.Cookie != "":
		return "cookie " + p.Cookie
	case p.Field != "":
		return "field " + p.Field + " of the first message"
	case p.Greeting:
		return "the first message"
	default:
		return "header " + strings.Join(podHeaders[:], ", ")
	}
}

// inMessage reports whether the sign is in the first message.
func (p PodSign) inMessage() bool { return p.Greeting || p.Field != "" }

// read returns the pod of a connection; empty if it shows none.
func (p PodSign) read(response *http.Response, jar http.CookieJar, greeting []byte) string {
	switch {
	case p.Header != "":
		return firstLine(response.Header.Get(p.Header))
	case p.Cookie != "":
		return cookieValue(p.Cookie, response, jar)
	case p.Greeting:
		return firstLine(string(greeting))
	case p.Field != "":
		return firstLine(jsonField(greeting, p.Field))
	}
	for _, name := range podHeaders {
		if value := response.Header.Get(name); value != "" {
			return firstLine(value)
		}
	}
	return ""
}

// cookieValue returns a cookie that the answer sets, or else one that the client has.
func cookieValue(name string, response *http.Response, jar http.CookieJar) string {
	all := response.Cookies()
	if jar != nil && response.Request != nil {
		all = append(all, jar.Cookies(response.Request.URL)...)
	}
	if i := slices.IndexFunc(all, func(c *http.Cookie) bool { return c.Name == name }); i >= 0 {
		return firstLine(all[i].Value)
	}
	return ""
}

// jsonField returns a field of a JSON object as text; empty if there is none. The prefix
// that Socket.IO puts before JSON is skipped.
func jsonField(message []byte, name string) string {
	text := strings.TrimLeft(string(message), "0123456789")
	var fields map[string]any
	if json.Unmarshal([]byte(text), &fields) != nil {
		return ""
	}
	switch value := fields[name].(type) {
	case string:
		return value
	case nil:
		return ""
	default:
		out, _ := json.Marshal(value)
		return string(out)
	}
}
