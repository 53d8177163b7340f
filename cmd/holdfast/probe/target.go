// Package probe opens real WebSockets, holds them without sending anything, and reports
// how long they lived, how they ended, and what most likely ended them.
package probe

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// Target is the server that is probed, and how it is reached.
type Target struct {
	// URL has the scheme ws or wss.
	URL *url.URL
	// Host is the name in the Host header and in the TLS handshake; empty for the URL's.
	Host   string
	Header http.Header
	// Subprotocols are offered in the handshake.
	Subprotocols []string
	// Insecure accepts any certificate.
	Insecure bool
	// KeepCookies says that a client sends back the cookies that it got, as a browser
	// does.
	KeepCookies bool
	// ConnectTimeout limits a handshake, and how long the server has to answer at the end.
	ConnectTimeout time.Duration
	// TCPKeepAlive is the interval of TCP's own keepalive, which resets the timers of NAT and
	// of some load balancers; zero for none.
	TCPKeepAlive time.Duration
}

// schemes are what a URL may begin with, and what it is taken as.
var schemes = map[string]string{"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}

// ParseURL parses the URL of a WebSocket. One of HTTP is taken as the WebSocket's.
func ParseURL(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		return nil, fmt.Errorf("%q has no scheme; write wss://%s", text, text)
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("reading the URL: %w", err)
	}
	scheme, known := schemes[strings.ToLower(u.Scheme)]
	switch {
	case !known:
		return nil, fmt.Errorf("%q isn't the scheme of a WebSocket; write wss:// or ws://", u.Scheme)
	case u.Hostname() == "":
		return nil, errors.New("the URL has no host")
	}
	u.Scheme, u.Fragment = scheme, ""
	return u, nil
}

// ParseHeader parses a header that is written as NAME=VALUE or as NAME: VALUE.
func ParseHeader(text string) (name, value string, err error) {
	at := strings.IndexAny(text, "=:")
	if at < 0 {
		return "", "", errors.New("must be NAME=VALUE")
	}
	name, value = strings.TrimSpace(text[:at]), strings.TrimSpace(text[at+1:])
	if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
		return "", "", fmt.Errorf("%q can't be sent as a header", text)
	}
	return http.CanonicalHeaderKey(name), value, nil
}
