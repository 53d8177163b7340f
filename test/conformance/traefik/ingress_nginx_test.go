package conformance

import (
	"fmt"
	"testing"
	"time"

	ingressnginx "github.com/traefik/traefik/v3/pkg/provider/kubernetes/ingress-nginx"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/test/conformance/agree"
)

// hearIngress asks what the ingress-nginx provider finds on an Ingress. Where it
// finds nothing, its options hold, or what is written here beside a key as the
// default of its translator.
func hearIngress(a *dialect.Annotation, written map[string]string) (agree.Heard, error) {
	found := parseIngressConfig(&networking.Ingress{ObjectMeta: metav1.ObjectMeta{Annotations: written}})
	var options ingressnginx.Provider
	options.SetDefaults()
	switch a.Setting {
	case dialect.ReadTimeout:
		return silence(or(found.ProxyReadTimeout, options.ProxyReadTimeout)), nil
	case dialect.SendTimeout:
		return silence(or(found.ProxySendTimeout, options.ProxySendTimeout)), nil
	case dialect.ConnectTimeout:
		return dial(or(found.ProxyConnectTimeout, options.ProxyConnectTimeout)), nil
	case dialect.ResponseBuffering:
		return buffer(found.ProxyBuffering, options.ProxyBuffering), nil
	case dialect.RequestBuffering:
		return buffer(found.ProxyRequestBuffering, options.ProxyRequestBuffering), nil
	case dialect.CookieAffinity:
		if or(found.Affinity, "") != "cookie" {
			return agree.Heard{}, nil
		}
		return agree.Switch(true), nil
	case dialect.CookieMaxAge:
		if found.SessionCookieMaxAge == nil {
			return agree.Heard{}, nil
		}
		return agree.Times(int64(*found.SessionCookieMaxAge), time.Second), nil
	case dialect.CookieName:
		return agree.Text(or(found.SessionCookieName, "INGRESSCOOKIE")), nil
	case dialect.CookiePath:
		return agree.Text(or(found.SessionCookiePath, "/")), nil
	case dialect.CookieSameSite:
		word := or(found.SessionCookieSameSite, "")
		if !sameSite(word).Set {
			return agree.Heard{}, nil
		}
		return agree.Text(word), nil
	case dialect.CookieSecure:
		return agree.Switch(or(found.SessionCookieSecure, false)), nil
	case dialect.AddressAffinity:
		if or(found.UpstreamHashBy, "") == "" {
			return agree.Heard{}, nil
		}
		return agree.Switch(true), nil
	default:
		return agree.Heard{}, fmt.Errorf("%s: %w", a.Setting, agree.ErrNotAsked)
	}
}

func or[T any](found *T, otherwise T) T {
	if found == nil {
		return otherwise
	}
	return *found
}

// silence is a deadline that is set anew for each byte, and only where it is
// more than zero (pkg/server/service/transport.go connWithTimeouts).
func silence(seconds int) agree.Heard {
	if seconds <= 0 {
		return agree.Lasting(time.Duration(dialect.Never))
	}
	return agree.Times(int64(seconds), time.Second)
}

// dial is net.Dialer's Timeout, of which only zero is none.
func dial(seconds int) agree.Heard {
	if seconds == 0 {
		return agree.Lasting(time.Duration(dialect.Never))
	}
	return agree.Times(int64(seconds), time.Second)
}

// buffer takes exactly "on" (pkg/provider/kubernetes/ingress-nginx
// middleware.go buildBuffering).
func buffer(found *string, otherwise bool) agree.Heard {
	if found == nil {
		return agree.Switch(otherwise)
	}
	return agree.Switch(*found == "on")
}

func TestHoldfastReadsAndWritesWhatTraefiksIngressNginxProviderDoes(t *testing.T) {
	agree.Controller{Dialect: "traefik-nginx", Parser: hearIngress}.Test(t)
}
