package dialect

import "github.com/holdfast-dev/holdfast/policy/duration"

// Setting is one thing that Holdfast sees to, whatever a controller calls it.
type Setting string

// The settings, in the order in which a reader thinks of them.
const (
	// Upgrade lets a WebSocket through.
	Upgrade Setting = "websocket-upgrade"
	// IdleTimeout is how long a silent socket lives, where a controller has one
	// timer for both directions.
	IdleTimeout Setting = "idle-timeout"
	// ReadTimeout is how long a socket lives while the pod is silent.
	ReadTimeout Setting = "read-timeout"
	// SendTimeout is how long a socket lives while the client is silent, or
	// while a write to the pod is stuck, as the controller has it.
	SendTimeout Setting = "send-timeout"
	// ConnectTimeout bounds the handshake with the pod.
	ConnectTimeout Setting = "connect-timeout"
	// FrontendTimeout is how long a silent socket lives before the controller.
	FrontendTimeout Setting = "frontend-timeout"
	// ResponseTimeout bounds a whole answer. Nobody's wish is about it, so it is
	// never injected: a text that its controller can't read is told of.
	ResponseTimeout Setting = "response-timeout"
	// Draining lets open sockets live on when the controller's configuration
	// changes.
	Draining Setting = "draining"
	// DrainTimeout is how long they do.
	DrainTimeout Setting = "drain-timeout"
	// ResponseBuffering is whether answers are collected before they are sent.
	ResponseBuffering Setting = "response-buffering"
	// RequestBuffering is whether requests are collected before they are sent.
	RequestBuffering Setting = "request-buffering"

	// CookieAffinity keeps a client on one pod by a cookie of the controller.
	CookieAffinity Setting = "cookie-affinity"
	// CookiePerService gives each Service a cookie of its own.
	CookiePerService Setting = "cookie-per-service"
	// CookieMode is what becomes of a client's pod when pods are added.
	CookieMode Setting = "cookie-mode"
	// CookieMaxAge is how long the cookie lives in the client.
	CookieMaxAge Setting = "cookie-max-age"
	// CookieName is the cookie's name.
	CookieName Setting = "cookie-name"
	// CookiePath is the path that the cookie is sent for.
	CookiePath Setting = "cookie-path"
	// CookieSameSite is the cookie's SameSite attribute.
	CookieSameSite Setting = "cookie-same-site"
	// CookieSecure keeps the cookie off plain HTTP.
	CookieSecure Setting = "cookie-secure"
	// CookieHTTPOnly keeps the cookie away from scripts.
	CookieHTTPOnly Setting = "cookie-http-only"

	// AddressAffinity keeps a client on one pod by the client's address.
	AddressAffinity Setting = "address-affinity"
	// SessionAffinity is the Service's own, which kube-proxy honours.
	SessionAffinity Setting = "session-affinity"
)

// Stickiness is a way to keep a client on one pod. Two ways on one object
// contradict each other.
type Stickiness string

// The ways that controllers have.
const (
	NotSticky       Stickiness = ""
	ByCookie        Stickiness = "cookie"
	ByClientAddress Stickiness = "client-address"
)

// Stickiness is the way that a setting belongs to.
func (s Setting) Stickiness() Stickiness {
	switch s {
	case CookieAffinity, CookiePerService, CookieMode, CookieMaxAge, CookieName, CookiePath, CookieSameSite, CookieSecure, CookieHTTPOnly:
		return ByCookie
	case AddressAffinity:
		return ByClientAddress
	default:
		return NotSticky
	}
}

// Decides tells whether the setting alone switches its way of stickiness on.
func (s Setting) Decides() bool {
	return s == CookieAffinity || s == AddressAffinity
}

// Timers are the settings that a timer of the setting's kind rules: itself, or
// both directions.
func (s Setting) Timers() []Setting {
	switch s {
	case IdleTimeout:
		return []Setting{ReadTimeout, SendTimeout}
	case ReadTimeout, SendTimeout, ConnectTimeout:
		return []Setting{s}
	default:
		return nil
	}
}

// Words that settings other than durations and free texts take.
const (
	Enabled    = "enabled"
	Disabled   = "disabled"
	Persistent = "persistent"
)

// Value is what a setting is to be: a duration, or a word.
type Value struct {
	Duration duration.Duration
	Word     string
}

// Unset is the value of a setting that nobody asked for.
func (v Value) Unset() bool { return v == Value{} }

// Never is the duration of what has no end.
const Never = duration.Duration(1<<63 - 1)

// String is the value as a reader would say it.
func (v Value) String() string {
	if v.Duration == Never {
		return "never"
	}
	if v.Duration > 0 {
		return v.Duration.String()
	}
	return v.Word
}
