package policy

import (
	"fmt"
	"iter"
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
	APIVersion        string                   `yaml:"apiVersion"`
	Kind              string                   `yaml:"kind"`
	Metadata          Metadata                 `yaml:"metadata,omitempty"`
	Timeouts          Timeouts                 `yaml:"timeouts"`
	Buffering         Buffering                `yaml:"buffering"`
	StickySessions    StickySessions           `yaml:"stickySessions"`
	IngressClasses    map[string]ClassOverride `yaml:"ingressClasses,omitempty"`
	SpecControllers   map[string]ClassOverride `yaml:"controllers,omitempty"`
	Cloud             Cloud                    `yaml:"cloud"`
	Corrections       Corrections              `yaml:"corrections"`
	ForeignDialects   ForeignDialects          `yaml:"foreignDialects"`
	UnknownController UnknownController        `yaml:"unknownController"`
	IgnoreLabel       IgnoreLabel              `yaml:"ignoreLabel"`
}

// Metadata names a policy for its readers; nothing depends on it.
type Metadata struct {
	Name        string            `yaml:"name,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty"`
}

// Timeout is the default of a duration, which may be none, and its limits for users; a
// zero end is open.
type Timeout struct {
	Default duration.Duration `yaml:"default,omitempty"`
	Minimum duration.Duration `yaml:"minimum,omitempty"`
	Maximum duration.Duration `yaml:"maximum,omitempty"`
}

func (t Timeout) limits() dialect.Limits {
	return dialect.Limits{Minimum: dialect.DurationOf(t.Minimum), Maximum: dialect.DurationOf(t.Maximum)}
}

// Timeouts are the three timers of a proxied socket.
type Timeouts struct {
	Read    Timeout `yaml:"read"`
	Send    Timeout `yaml:"send"`
	Connect Timeout `yaml:"connect"`
}

// Buffering switches a controller's buffers off; empty leaves them alone.
type Buffering struct {
	Response Switch `yaml:"response,omitempty"`
	Request  Switch `yaml:"request,omitempty"`
}

// StickySessions is what the sticky-session label brings.
type StickySessions struct {
	Timeout Timeout              `yaml:"timeout"`
	By      dialect.AffinityMode `yaml:"by"`
	Cookie  Cookie               `yaml:"cookie"`
	// FollowServices makes an Ingress sticky whose backend Service is sticky.
	FollowServices bool `yaml:"followServices"`
}

// Cookie is what the stickiness cookie is to look like; what is empty is left
// to the controller.
type Cookie struct {
	Name string `yaml:"name,omitempty"`
	// MaxAge is the cookie's age if no annotation asks for one; empty: the timeout
	// of StickySessions.
	MaxAge   duration.Duration `yaml:"maxAge,omitempty"`
	Path     string            `yaml:"path,omitempty"`
	SameSite SameSite          `yaml:"sameSite,omitempty"`
	Secure   *bool             `yaml:"secure,omitempty"`
	HTTPOnly *bool             `yaml:"httpOnly,omitempty"`
}

// ClassOverride says which controller serves a class whose IngressClass can't be
// read or doesn't tell, or which one an IngressClass's spec.controller means.
type ClassOverride struct {
	// Dialect is the name of one, or NoDialect.
	Dialect string `yaml:"dialect"`
	// Options are those that the dialect declares.
	Options dialect.Options `yaml:"options,omitempty"`
}

// NoDialect is the dialect of a class or a controller that is known and left alone.
const NoDialect = "none"

// The types of fields that take one of a few values.
type (
	// Switch switches something off.
	Switch string
	// SameSite is a cookie's attribute of that name.
	SameSite string
	// Cloud is what builds the cluster's load balancers.
	Cloud string
	// Corrections is what becomes of a user's value that its controller can't
	// read or that is outside of the policy's limits.
	Corrections string
	// ForeignDialects is which annotations of other controllers are used.
	ForeignDialects string
	// UnknownController is whether an author is warned that no controller is known
	// for the class.
	UnknownController string
	// IgnoreLabel is whether users may opt an object out.
	IgnoreLabel string
)

// The values, the default of each type first.
const (
	SwitchDisabled Switch = "disabled"

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

// UnmarshalText takes one of the values above.
func (w *Switch) UnmarshalText(text []byte) error { return oneOf(w, text, SwitchDisabled) }

// UnmarshalText takes one of the values above.
func (w *SameSite) UnmarshalText(text []byte) error {
	return oneOf(w, text, SameSiteLax, SameSiteStrict, SameSiteNone)
}

// UnmarshalText takes one of the values above.
func (w *Cloud) UnmarshalText(text []byte) error {
	return oneOf(w, text, CloudUnknown, CloudAlibaba, CloudAWS, CloudAzure, CloudDigitalOcean, CloudGoogle, CloudHetzner,
		CloudOpenStack, CloudOracle, CloudScaleway, CloudOther)
}

// UnmarshalText takes one of the values above.
func (w *Corrections) UnmarshalText(text []byte) error {
	return oneOf(w, text, CorrectionsWarn, CorrectionsApply)
}

// UnmarshalText takes one of the values above.
func (w *ForeignDialects) UnmarshalText(text []byte) error {
	return oneOf(w, text, ForeignTimeouts, ForeignAll, ForeignIgnore)
}

// UnmarshalText takes one of the values above.
func (w *UnknownController) UnmarshalText(text []byte) error {
	return oneOf(w, text, UnknownWarn, UnknownIgnore)
}

// UnmarshalText takes one of the values above.
func (w *IgnoreLabel) UnmarshalText(text []byte) error {
	return oneOf(w, text, IgnoreHonor, IgnoreWarn)
}

// oneOf reads one of a few values.
func oneOf[V ~string](value *V, text []byte, known ...V) error {
	*value = V(text)
	if slices.Contains(known, *value) {
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
			Read: Timeout{Default: duration.Hour},
			Send: Timeout{Default: duration.Hour},
		},
		StickySessions: StickySessions{
			Timeout:        Timeout{Default: 3 * duration.Hour},
			By:             dialect.ByCookie,
			FollowServices: true,
		},
		Corrections:       CorrectionsWarn,
		ForeignDialects:   ForeignTimeouts,
		UnknownController: UnknownWarn,
		IgnoreLabel:       IgnoreHonor,
	}
}

// settingField is the field of a policy that has the value of a setting.
type settingField struct {
	// path is the field's in the file.
	path []string
	// timeout returns the field of a duration, value that of any other kind.
	timeout func(*Policy) Timeout
	value   func(*Policy) dialect.Value
}

// settingFields are the fields by their settings. A setting without one is wanted
// always, or as another setting is (dialect.SettingInfo). Nothing writes to it.
var settingFields = [...]settingField{
	dialect.ReadTimeout:    {path: []string{"timeouts", "read"}, timeout: func(p *Policy) Timeout { return p.Timeouts.Read }},
	dialect.SendTimeout:    {path: []string{"timeouts", "send"}, timeout: func(p *Policy) Timeout { return p.Timeouts.Send }},
	dialect.ConnectTimeout: {path: []string{"timeouts", "connect"}, timeout: func(p *Policy) Timeout { return p.Timeouts.Connect }},

	dialect.ResponseBuffering: {path: []string{"buffering", "response"}, value: func(p *Policy) dialect.Value { return p.Buffering.Response.value() }},
	dialect.RequestBuffering:  {path: []string{"buffering", "request"}, value: func(p *Policy) dialect.Value { return p.Buffering.Request.value() }},

	dialect.SessionAffinity: {path: stickyTimeoutPath, timeout: func(p *Policy) Timeout { return p.StickySessions.Timeout }},
	dialect.CookieMaxAge:    {path: stickyTimeoutPath, timeout: (*Policy).cookieAge},
	dialect.CookieName:      {path: cookiePath("name"), value: func(p *Policy) dialect.Value { return dialect.TextOf(p.StickySessions.Cookie.Name) }},
	dialect.CookiePath:      {path: cookiePath("path"), value: func(p *Policy) dialect.Value { return dialect.TextOf(p.StickySessions.Cookie.Path) }},
	dialect.CookieSameSite: {
		path: cookiePath("sameSite"), value: func(p *Policy) dialect.Value { return dialect.TextOf(string(p.StickySessions.Cookie.SameSite)) },
	},
	dialect.CookieSecure:   {path: cookiePath("secure"), value: func(p *Policy) dialect.Value { return optionalSwitch(p.StickySessions.Cookie.Secure) }},
	dialect.CookieHTTPOnly: {path: cookiePath("httpOnly"), value: func(p *Policy) dialect.Value { return optionalSwitch(p.StickySessions.Cookie.HTTPOnly) }},
}

var stickyTimeoutPath = []string{"stickySessions", "timeout"}

// cookiePath returns the path of a field of StickySessions.Cookie.
func cookiePath(field string) []string { return []string{"stickySessions", "cookie", field} }

// timeoutFields returns the fields of durations, each once. CookieMaxAge is left out, because
// its limits are in the same field of the file as SessionAffinity's.
func timeoutFields() iter.Seq2[dialect.Setting, settingField] {
	return func(yield func(dialect.Setting, settingField) bool) {
		for i, field := range settingFields {
			s := dialect.Setting(i)
			if field.timeout != nil && s != dialect.CookieMaxAge && !yield(s, field) {
				return
			}
		}
	}
}

// fieldName returns the field that has the policy's value of a setting, with dots.
func (p *Policy) fieldName(s dialect.Setting) string {
	path := fieldOf(s).path
	if s == dialect.CookieMaxAge && p.StickySessions.Cookie.MaxAge > 0 {
		path = cookiePath("maxAge")
	}
	return strings.Join(path, ".")
}

// fieldOf returns the field of a setting; an empty one if it has none.
func fieldOf(s dialect.Setting) settingField {
	if int(s) >= len(settingFields) {
		return settingField{}
	}
	return settingFields[s]
}

// value returns what the policy itself wants a setting to be; unset for nothing.
func (p *Policy) value(s dialect.Setting) dialect.Value {
	switch field := fieldOf(s); {
	case field.timeout != nil:
		return dialect.DurationOf(field.timeout(p).Default)
	case field.value != nil:
		return field.value(p)
	default:
		return dialect.Value{}
	}
}

// limits returns a setting's limits for users. One timer for both directions
// has to be long enough for each.
func (p *Policy) limits(s dialect.Setting) dialect.Limits {
	if field := fieldOf(s); field.timeout != nil {
		return field.timeout(p).limits()
	}
	if directions := s.Directions(); len(directions) > 1 {
		return p.commonLimits(directions)
	}
	return dialect.Limits{}
}

// commonLimits returns the largest minimum, and the largest maximum if all of the
// settings have one.
func (p *Policy) commonLimits(settings []dialect.Setting) dialect.Limits {
	common := p.limits(settings[0])
	for _, s := range settings[1:] {
		limits := p.limits(s)
		if limits.Minimum.Compare(common.Minimum) > 0 {
			common.Minimum = limits.Minimum
		}
		switch {
		case limits.Maximum.Unset() || common.Maximum.Unset():
			common.Maximum = dialect.Value{}
		case limits.Maximum.Compare(common.Maximum) > 0:
			common.Maximum = limits.Maximum
		}
	}
	return common
}

// cookieAge returns the timeout of stickiness, with the cookie's own default if the
// policy has one.
func (p *Policy) cookieAge() Timeout {
	timeout := p.StickySessions.Timeout
	if age := p.StickySessions.Cookie.MaxAge; age > 0 {
		timeout.Default = age
	}
	return timeout
}

// value returns the switch as a value; unset if the policy leaves it alone.
func (w Switch) value() dialect.Value {
	if w == SwitchDisabled {
		return dialect.SwitchOf(false)
	}
	return dialect.Value{}
}

// optionalSwitch returns a switch as a value; unset for nil.
func optionalSwitch(on *bool) dialect.Value {
	if on == nil {
		return dialect.Value{}
	}
	return dialect.SwitchOf(*on)
}
