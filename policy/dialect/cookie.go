package dialect

import (
	"cmp"
	"regexp"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Cookie is what a stickiness cookie is to be, for annotations that hold more than
// one of its attributes.
type Cookie struct {
	// Service is the Service whose clients the cookie keeps on one pod; empty if the
	// annotation is for several.
	Service string
	// Name is the policy's name for cookies; empty if it has none.
	Name     string
	MaxAge   duration.Duration
	Path     string
	SameSite string
	Secure   bool
	HTTPOnly bool
}

// defaultCookie is the name of a cookie that needs one and was given none.
const defaultCookie = "holdfast"

// uniqueCookieName returns a name that no other Service's cookie has. Two Services
// of one host that share a name and a path overwrite each other's cookie. If the
// annotation is for several Services, only the policy's name is written.
func uniqueCookieName(c Cookie) (string, bool) {
	if c.Service == "" {
		return c.Name, c.Name != ""
	}
	return cmp.Or(c.Name, defaultCookie) + "-" + c.Service, true
}

// cookieOfSeveral is the hint for a controller whose default cookie has the same
// name and path for every Service.
const cookieOfSeveral = "several Services share the cookie INGRESSCOOKIE and overwrite it; give each Service its own Ingress"

// sameSite is the format of the attribute SameSite.
var sameSite = Text{Pattern: regexp.MustCompile(`^(?i:none|lax|strict)$`), Example: "Lax"}

// anyPath is the format of a cookie's path that the controller doesn't check.
var anyPath = Text{Pattern: anyText.Pattern, Example: "/chat"}
