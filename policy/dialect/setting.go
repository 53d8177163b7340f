package dialect

import (
	"iter"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Setting is one thing that Holdfast configures, under whatever name a
// controller has for it. To add one, add a constant and its row in settings.
type Setting uint8

// The settings.
const (
	NoSetting Setting = iota

	// Upgrade lets a WebSocket through.
	Upgrade
	// IdleTimeout is how long an idle connection stays open, if a controller has
	// one timer for both directions.
	IdleTimeout
	// ReadTimeout is how long a connection stays open while the pod sends nothing.
	ReadTimeout
	// SendTimeout is how long a connection stays open while the client sends
	// nothing, or while a write to the pod is blocked, depending on the controller.
	SendTimeout
	// ConnectTimeout limits the handshake with the pod.
	ConnectTimeout
	// FrontendTimeout is how long an idle connection to the controller stays open.
	FrontendTimeout
	// ResponseTimeout limits a whole response. Holdfast never injects it; it only
	// reports values that the controller can't parse.
	ResponseTimeout
	// Draining keeps open connections alive when the controller's configuration
	// changes.
	Draining
	// DrainTimeout is how long Draining keeps them alive.
	DrainTimeout
	// ResponseBuffering is whether responses are collected before they are sent.
	ResponseBuffering
	// RequestBuffering is whether requests are collected before they are sent.
	RequestBuffering

	// CookieAffinity keeps a client on one pod by a cookie of the controller.
	CookieAffinity
	// CookiePerService gives each Service a different cookie.
	CookiePerService
	// CookieMode is what happens to a client's pod when pods are added.
	CookieMode
	// CookieMaxAge is how long the client keeps the cookie.
	CookieMaxAge
	// CookieName is the cookie's name.
	CookieName
	// CookiePath is the path that the cookie is sent for.
	CookiePath
	// CookieSameSite is the cookie's SameSite attribute.
	CookieSameSite
	// CookieSecure keeps the cookie off unencrypted HTTP.
	CookieSecure
	// CookieHTTPOnly hides the cookie from scripts.
	CookieHTTPOnly

	// AddressAffinity keeps a client on one pod by the client's address.
	AddressAffinity
	// SessionAffinity is the Service's spec.sessionAffinity, which kube-proxy
	// implements.
	SessionAffinity
)

// SettingInfo describes a setting.
type SettingInfo struct {
	Name string
	// Kind is the kind of the setting's values.
	Kind ValueKind
	// Directions are the directional timeouts that a timer of this setting covers;
	// nil if it is no such timer.
	Directions []Setting
	// Annotation is Holdfast's annotation that sets exactly this setting, without
	// its prefix; empty for none.
	Annotation string
	// Limits are how far the value of Annotation may go.
	Limits Limits
	// Affinity is the affinity mode that the setting belongs to; NoAffinity for
	// none.
	Affinity AffinityMode
	// Enables says that the setting alone switches its affinity mode on.
	Enables bool
	// DesiredAs is the setting whose desired value this one takes; NoSetting if it
	// has its own.
	DesiredAs Setting
	// Always is the value that is wanted wherever a controller has the setting;
	// unset if that depends on the policy.
	Always Value
	// Example is a value that documentation shows.
	Example Value
}

// The limits of Holdfast's annotations. An idle timer of more than 24 days doesn't
// fit into 32 bits of milliseconds; the API server allows a day of stickiness
// (core/v1 MaxClientIPServiceAffinitySeconds).
var (
	timeoutLimits = between(duration.Second, 24*duration.Day)
	stickyLimits  = between(duration.Second, duration.Day)
)

// settings describes each setting, at the index of its constant.
var settings = [...]SettingInfo{
	Upgrade: {Name: "websocket-upgrade", Kind: SwitchValue, Always: SwitchOf(true), Example: SwitchOf(true)},
	IdleTimeout: {
		Name: "idle-timeout", Kind: DurationValue, Annotation: "idle-timeout", Limits: timeoutLimits, Example: DurationOf(duration.Hour),
		Directions: []Setting{ReadTimeout, SendTimeout},
	},
	ReadTimeout: {
		Name: "read-timeout", Kind: DurationValue, Annotation: "read-timeout", Limits: timeoutLimits, Example: DurationOf(duration.Hour),
		Directions: []Setting{ReadTimeout},
	},
	SendTimeout: {
		Name: "send-timeout", Kind: DurationValue, Annotation: "send-timeout", Limits: timeoutLimits, Example: DurationOf(duration.Hour),
		Directions: []Setting{SendTimeout},
	},
	ConnectTimeout: {
		Name: "connect-timeout", Kind: DurationValue, Annotation: "connect-timeout", Limits: timeoutLimits, Example: DurationOf(duration.Hour),
		Directions: []Setting{ConnectTimeout},
	},
	FrontendTimeout:   {Name: "frontend-timeout", Kind: DurationValue, DesiredAs: IdleTimeout, Example: DurationOf(duration.Hour)},
	ResponseTimeout:   {Name: "response-timeout", Kind: DurationValue, Example: DurationOf(duration.Hour)},
	Draining:          {Name: "draining", Kind: SwitchValue, Always: SwitchOf(true), Example: SwitchOf(true)},
	DrainTimeout:      {Name: "drain-timeout", Kind: DurationValue, DesiredAs: IdleTimeout, Example: DurationOf(duration.Hour)},
	ResponseBuffering: {Name: "response-buffering", Kind: SwitchValue, Example: SwitchOf(false)},
	RequestBuffering:  {Name: "request-buffering", Kind: SwitchValue, Example: SwitchOf(false)},

	CookieAffinity: {
		Name: "cookie-affinity", Kind: SwitchValue, Affinity: ByCookie, Enables: true,
		Always: SwitchOf(true), Example: SwitchOf(true),
	},
	CookiePerService: {Name: "cookie-per-service", Kind: SwitchValue, Affinity: ByCookie, Always: SwitchOf(true), Example: SwitchOf(true)},
	CookieMode:       {Name: "cookie-mode", Kind: TextValue, Affinity: ByCookie, Always: TextOf(Persistent), Example: TextOf(Persistent)},
	CookieMaxAge: {
		Name: "cookie-max-age", Kind: DurationValue, Annotation: "sticky-session-timeout", Limits: stickyLimits, Affinity: ByCookie,
		Example: DurationOf(duration.Hour),
	},
	CookieName:     {Name: "cookie-name", Kind: TextValue, Affinity: ByCookie, Example: TextOf("route")},
	CookiePath:     {Name: "cookie-path", Kind: TextValue, Affinity: ByCookie, Example: TextOf("/")},
	CookieSameSite: {Name: "cookie-same-site", Kind: TextValue, Affinity: ByCookie, Example: TextOf("Lax")},
	CookieSecure:   {Name: "cookie-secure", Kind: SwitchValue, Affinity: ByCookie, Example: SwitchOf(true)},
	CookieHTTPOnly: {Name: "cookie-http-only", Kind: SwitchValue, Affinity: ByCookie, Example: SwitchOf(true)},

	AddressAffinity: {
		Name: "address-affinity", Kind: SwitchValue, Affinity: ByClientAddress, Enables: true,
		Always: SwitchOf(true), Example: SwitchOf(true),
	},
	SessionAffinity: {
		Name: "session-affinity", Kind: DurationValue, Annotation: "sticky-session-timeout", Limits: stickyLimits,
		Example: DurationOf(duration.Hour),
	},
}

// Settings returns all settings, in the order of their table.
func Settings() iter.Seq2[Setting, SettingInfo] {
	return func(yield func(Setting, SettingInfo) bool) {
		for i := range settings {
			if s := Setting(i); s != NoSetting && !yield(s, settings[i]) {
				return
			}
		}
	}
}

// Info describes the setting. Nothing may write to what it returns.
func (s Setting) Info() *SettingInfo { return &settings[s] }

// Directions returns the directional timeouts that a timer of this setting
// covers; nil if it is no such timer.
func (s Setting) Directions() []Setting { return settings[s].Directions }

// AffinityMode returns the affinity mode that the setting belongs to.
func (s Setting) AffinityMode() AffinityMode { return settings[s].Affinity }

// EnablesAffinity reports whether the setting alone switches its affinity mode
// on.
func (s Setting) EnablesAffinity() bool { return settings[s].Enables }

// String returns the setting's name, such as "read-timeout"; empty for
// NoSetting.
func (s Setting) String() string { return settings[s].Name }

// MarshalText returns the setting's name.
func (s Setting) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
