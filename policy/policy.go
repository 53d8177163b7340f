package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// The header of a policy file.
const (
	APIVersion = "config.holdfast.dev/v1alpha1"
	FileKind   = "WebSocketPolicy"
)

// Policy is what an admin wants for a whole cluster. Its fields are those of
// the policy file. The zero value is no policy: start from Default.
type Policy struct {
	APIVersion        string                  `yaml:"apiVersion"`
	Kind              string                  `yaml:"kind"`
	Metadata          Metadata                `yaml:"metadata,omitempty"`
	Timeouts          Timeouts                `yaml:"timeouts"`
	Buffering         Buffering               `yaml:"buffering"`
	StickySessions    StickySessions          `yaml:"stickySessions"`
	IngressClasses    map[string]IngressClass `yaml:"ingressClasses,omitempty"`
	Cloud             Cloud                   `yaml:"cloud"`
	Corrections       Corrections             `yaml:"corrections"`
	ForeignDialects   ForeignDialects         `yaml:"foreignDialects"`
	UnknownController UnknownController       `yaml:"unknownController"`
	IgnoreLabel       IgnoreLabel             `yaml:"ignoreLabel"`
}

// Metadata names a policy for its readers; nothing depends on it.
type Metadata struct {
	Name        string            `yaml:"name,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty"`
}

// Bounds are the default of a duration, which may be nothing, and how far users
// may go; a zero end is open.
type Bounds struct {
	Default duration.Duration `yaml:"default,omitempty"`
	Minimum duration.Duration `yaml:"minimum,omitempty"`
	Maximum duration.Duration `yaml:"maximum,omitempty"`
}

func (b Bounds) span() duration.Range {
	return duration.Range{Minimum: b.Minimum, Maximum: b.Maximum}
}

// Timeouts are the three timers of a proxied socket.
type Timeouts struct {
	Read    Bounds `yaml:"read"`
	Send    Bounds `yaml:"send"`
	Connect Bounds `yaml:"connect"`
}

// Buffering switches a controller's buffers off; empty leaves them alone.
type Buffering struct {
	Response Switch `yaml:"response,omitempty"`
	Request  Switch `yaml:"request,omitempty"`
}

// StickySessions is what the sticky-session label brings.
type StickySessions struct {
	Timeout Bounds `yaml:"timeout"`
	By      By     `yaml:"by"`
	Cookie  Cookie `yaml:"cookie"`
	// FollowServices makes an Ingress sticky whose backend Service is sticky.
	FollowServices bool `yaml:"followServices"`
}

// Cookie is what the stickiness cookie is to look like; what is empty is left
// to the controller.
type Cookie struct {
	Name string `yaml:"name,omitempty"`
	// MaxAge is the cookie's age where no annotation asks for one; empty: the
	// timeout of StickySessions.
	MaxAge   duration.Duration `yaml:"maxAge,omitempty"`
	Path     string            `yaml:"path,omitempty"`
	SameSite SameSite          `yaml:"sameSite,omitempty"`
	Secure   *bool             `yaml:"secure,omitempty"`
	HTTPOnly *bool             `yaml:"httpOnly,omitempty"`
}

// IngressClass says which controller stands behind a class, where the
// IngressClass object can't be read or doesn't tell.
type IngressClass struct {
	Dialect string `yaml:"dialect"`
	// Options are those that the dialect declares.
	Options dialect.Options `yaml:"options,omitempty"`
}

// The types of fields that take one word out of a few.
type (
	// Switch switches something off.
	Switch string
	// By is how clients are told apart.
	By string
	// SameSite is a cookie's attribute of that name.
	SameSite string
	// Cloud is what builds the cluster's load balancers.
	Cloud string
	// Corrections is what becomes of a user's value that its controller can't
	// read or that is out of bounds.
	Corrections string
	// ForeignDialects is what counts of another controller's words.
	ForeignDialects string
	// UnknownController is whether a writer hears that nobody knows the class.
	UnknownController string
	// IgnoreLabel is whether users may opt an object out.
	IgnoreLabel string
)

// The words, the default of each type first.
const (
	SwitchDisabled Switch = "disabled"

	ByCookie        By = "cookie"
	ByClientAddress By = "client-address"

	SameSiteLax    SameSite = "Lax"
	SameSiteStrict SameSite = "Strict"
	SameSiteNone   SameSite = "None"

	CloudUnknown      Cloud = ""
	CloudAlibaba      Cloud = "alibaba"
	CloudAWS          Cloud = "aws"
	CloudAzure        Cloud = "azure"
	CloudDigitalOcean Cloud = "digitalocean"
	CloudGoogle       Cloud = "gcp"
	CloudHetzner      Cloud = "hetzner"
	CloudOpenStack    Cloud = "openstack"
	CloudOracle       Cloud = "oci"
	CloudScaleway     Cloud = "scaleway"
	CloudOther        Cloud = "other"

	CorrectionsWarn  Corrections = "warn"
	CorrectionsApply Corrections = "apply"

	ForeignTimeouts ForeignDialects = "timeouts"
	ForeignAll      ForeignDialects = "all"
	ForeignIgnore   ForeignDialects = "ignore"

	UnknownWarn   UnknownController = "warn"
	UnknownIgnore UnknownController = "ignore"

	IgnoreHonor IgnoreLabel = "honor"
	IgnoreWarn  IgnoreLabel = "warn"
)

// UnmarshalText takes one of the words above.
func (w *Switch) UnmarshalText(text []byte) error { return oneOf(w, text, SwitchDisabled) }

// UnmarshalText takes one of the words above.
func (w *By) UnmarshalText(text []byte) error { return oneOf(w, text, ByCookie, ByClientAddress) }

// UnmarshalText takes one of the words above.
func (w *SameSite) UnmarshalText(text []byte) error {
	return oneOf(w, text, SameSiteLax, SameSiteStrict, SameSiteNone)
}

// UnmarshalText takes one of the words above.
func (w *Cloud) UnmarshalText(text []byte) error {
	return oneOf(w, text, CloudUnknown, CloudAlibaba, CloudAWS, CloudAzure, CloudDigitalOcean, CloudGoogle, CloudHetzner,
		CloudOpenStack, CloudOracle, CloudScaleway, CloudOther)
}

// UnmarshalText takes one of the words above.
func (w *Corrections) UnmarshalText(text []byte) error {
	return oneOf(w, text, CorrectionsWarn, CorrectionsApply)
}

// UnmarshalText takes one of the words above.
func (w *ForeignDialects) UnmarshalText(text []byte) error {
	return oneOf(w, text, ForeignTimeouts, ForeignAll, ForeignIgnore)
}

// UnmarshalText takes one of the words above.
func (w *UnknownController) UnmarshalText(text []byte) error {
	return oneOf(w, text, UnknownWarn, UnknownIgnore)
}

// UnmarshalText takes one of the words above.
func (w *IgnoreLabel) UnmarshalText(text []byte) error {
	return oneOf(w, text, IgnoreHonor, IgnoreWarn)
}

// oneOf reads one of a few words.
func oneOf[W ~string](word *W, text []byte, known ...W) error {
	*word = W(text)
	if slices.Contains(known, *word) {
		return nil
	}
	quoted := make([]string, len(known))
	for i, k := range known {
		quoted[i] = fmt.Sprintf("%q", string(k))
	}
	return fmt.Errorf("must be %s", strings.Join(quoted, " or "))
}

// Default is the policy without a file: read and send timeouts of an hour, and
// three hours of stickiness where it is asked for.
func Default() *Policy {
	return &Policy{
		APIVersion: APIVersion,
		Kind:       FileKind,
		Metadata:   Metadata{Name: "default"},
		Timeouts: Timeouts{
			Read: Bounds{Default: duration.Hour},
			Send: Bounds{Default: duration.Hour},
		},
		StickySessions: StickySessions{
			Timeout:        Bounds{Default: 3 * duration.Hour},
			By:             ByCookie,
			FollowServices: true,
		},
		Corrections:       CorrectionsWarn,
		ForeignDialects:   ForeignTimeouts,
		UnknownController: UnknownWarn,
		IgnoreLabel:       IgnoreHonor,
	}
}

// timer is what the policy says of a setting that is a duration.
func (p *Policy) timer(s dialect.Setting) Bounds {
	sticky := p.StickySessions
	switch s {
	case dialect.ReadTimeout:
		return p.Timeouts.Read
	case dialect.SendTimeout:
		return p.Timeouts.Send
	case dialect.ConnectTimeout:
		return p.Timeouts.Connect
	case dialect.SessionAffinity:
		return sticky.Timeout
	case dialect.CookieMaxAge:
		if sticky.Cookie.MaxAge > 0 {
			sticky.Timeout.Default = sticky.Cookie.MaxAge
		}
		return sticky.Timeout
	default:
		return Bounds{}
	}
}

// bounds are how far users may go with a setting. One timer for both directions
// has to be long enough for each.
func (p *Policy) bounds(s dialect.Setting) duration.Range {
	if s != dialect.IdleTimeout {
		return p.timer(s).span()
	}
	read, send := p.Timeouts.Read.span(), p.Timeouts.Send.span()
	both := duration.Range{Minimum: max(read.Minimum, send.Minimum)}
	if read.Maximum > 0 && send.Maximum > 0 {
		both.Maximum = max(read.Maximum, send.Maximum)
	}
	return both
}

// wish is what the policy itself wants a setting to be; unset for nothing.
func (p *Policy) wish(s dialect.Setting) dialect.Value {
	if d := p.timer(s).Default; d > 0 {
		return dialect.DurationOf(d)
	}
	text := p.word(s)
	if text != "" && s.Info().Kind == dialect.SwitchValue {
		return dialect.SwitchOf(text == dialect.Enabled)
	}
	return dialect.TextOf(text)
}

// word is what the policy says of a setting that is no duration.
func (p *Policy) word(s dialect.Setting) string {
	cookie := p.StickySessions.Cookie
	switch s {
	case dialect.ResponseBuffering:
		return string(p.Buffering.Response)
	case dialect.RequestBuffering:
		return string(p.Buffering.Request)
	case dialect.Upgrade, dialect.Draining, dialect.CookieAffinity, dialect.AddressAffinity, dialect.CookiePerService:
		return dialect.Enabled
	case dialect.CookieMode:
		return dialect.Persistent
	case dialect.CookieName:
		return cookie.Name
	case dialect.CookiePath:
		return cookie.Path
	case dialect.CookieSameSite:
		return string(cookie.SameSite)
	case dialect.CookieSecure:
		return switched(cookie.Secure)
	case dialect.CookieHTTPOnly:
		return switched(cookie.HTTPOnly)
	default:
		return ""
	}
}

// switched is the word for a switch that may be left alone.
func switched(on *bool) string {
	switch {
	case on == nil:
		return ""
	case *on:
		return dialect.Enabled
	default:
		return dialect.Disabled
	}
}
