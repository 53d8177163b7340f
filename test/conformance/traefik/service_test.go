package conformance

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/traefik/traefik/v3/pkg/config/dynamic"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/test/conformance/agree"
)

// hearService asks for the cookie that a Service's annotations make. An error
// takes the Service's routes away.
func hearService(a *dialect.Annotation, written map[string]string) (agree.Heard, error) {
	config, err := parseServiceConfig(written)
	if err != nil {
		return agree.Heard{}, err
	}
	sticky := config != nil && config.Service != nil && config.Service.Sticky != nil && config.Service.Sticky.Cookie != nil
	switch {
	case a.Setting == dialect.CookieAffinity:
		return agree.Switch(sticky), nil
	case !sticky:
		return agree.Heard{}, nil
	default:
		return attribute(a.Setting, config.Service.Sticky.Cookie)
	}
}

func attribute(setting dialect.Setting, c *dynamic.Cookie) (agree.Heard, error) {
	switch setting {
	case dialect.CookieMaxAge:
		return agree.Times(int64(c.MaxAge), time.Second), nil
	case dialect.CookieName:
		return agree.Text(c.Name), nil
	case dialect.CookiePath:
		return agree.Text(*c.Path), nil
	case dialect.CookieSameSite:
		return sameSite(c.SameSite), nil
	case dialect.CookieSecure:
		return agree.Switch(c.Secure), nil
	case dialect.CookieHTTPOnly:
		return agree.Switch(c.HTTPOnly), nil
	default:
		return agree.Heard{}, fmt.Errorf("%s: %w", setting, agree.ErrNotAsked)
	}
}

// sameSite is the attribute that Traefik sends for a word. It leaves an unknown
// one out (pkg/server/service/loadbalancer/sticky.go convertSameSite).
func sameSite(word string) agree.Heard {
	for _, known := range []string{"None", "Lax", "Strict"} {
		if strings.EqualFold(word, known) {
			return agree.Text(known)
		}
	}
	return agree.Heard{}
}

func TestHoldfastReadsAndWritesWhatTraefiksIngressProviderDoes(t *testing.T) {
	agree.Controller{Dialect: "traefik", Parser: hearService}.Test(t)
}
