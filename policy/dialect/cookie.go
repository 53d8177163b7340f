package dialect

import (
	"cmp"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Cookie is what a stickiness cookie is to be, for words that are made of more
// than one of its attributes.
type Cookie struct {
	// Service is the one Service that the cookie keeps its clients on; empty
	// where the word speaks for several.
	Service string
	// Name is the policy's name for cookies; empty where it has none.
	Name     string
	MaxAge   duration.Duration
	Path     string
	SameSite string
	Secure   bool
	HTTPOnly bool
}

// defaultCookie is the name of a cookie that needs one and was given none.
const defaultCookie = "holdfast"

// nameOfItsOwn is a cookie's name that no other Service has. Two Services of one
// host that share a name and a path overwrite each other's cookie. Where the
// word speaks for several, only a name of the policy's is written.
func nameOfItsOwn(c Cookie) (string, bool) {
	if c.Service == "" {
		return c.Name, c.Name != ""
	}
	return cmp.Or(c.Name, defaultCookie) + "-" + c.Service, true
}
