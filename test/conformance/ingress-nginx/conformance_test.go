// Package conformance holds Holdfast's dialect to ingress-nginx's own
// annotation extractor.
package conformance

import (
	"fmt"
	"maps"
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/go-logr/logr"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/ingress-nginx/internal/ingress/annotations"
	"k8s.io/ingress-nginx/internal/ingress/annotations/parser"
	"k8s.io/ingress-nginx/internal/ingress/controller/config"
	"k8s.io/ingress-nginx/internal/ingress/defaults"
	"k8s.io/ingress-nginx/internal/ingress/resolver"
	"k8s.io/klog/v2"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/test/conformance/agree"
)

// installation is one with the controller's own ConfigMap defaults.
type installation struct{ resolver.Mock }

func (installation) GetDefaultBackend() defaults.Backend { return config.NewDefault().Backend }

// hear asks the extractor. What a cookie is like, it reads of sticky Ingresses
// only.
func hear(a *dialect.Annotation, written map[string]string) (agree.Heard, error) {
	ingress := networking.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: "chat", Name: "web", Annotations: map[string]string{}}}
	if a.Setting != dialect.CookieAffinity && a.Setting.AffinityMode() == dialect.ByCookie {
		ingress.Annotations[parser.GetAnnotationWithPrefix("affinity")] = "cookie"
	}
	maps.Copy(ingress.Annotations, written)
	heard, err := annotations.NewAnnotationExtractor(installation{}).Extract(&ingress)
	if err != nil {
		return agree.Heard{}, err
	}
	cookie := heard.SessionAffinity.Cookie
	switch a.Setting {
	case dialect.ReadTimeout:
		return seconds(heard.Proxy.ReadTimeout), nil
	case dialect.SendTimeout:
		return seconds(heard.Proxy.SendTimeout), nil
	case dialect.ConnectTimeout:
		return seconds(heard.Proxy.ConnectTimeout), nil
	case dialect.ResponseBuffering:
		return onOff(heard.Proxy.ProxyBuffering), nil
	case dialect.RequestBuffering:
		return onOff(heard.Proxy.RequestBuffering), nil
	case dialect.CookieAffinity:
		return enabledBy("cookie", heard.SessionAffinity.Type), nil
	case dialect.CookieMode:
		return agree.Text(heard.SessionAffinity.Mode), nil
	case dialect.CookieName:
		return agree.Text(cookie.Name), nil
	case dialect.CookiePath:
		return agree.Text(cookie.Path), nil
	case dialect.CookieMaxAge:
		return luaSeconds(cookie.MaxAge), nil
	case dialect.CookieSameSite:
		return agree.Text(cookie.SameSite), nil
	case dialect.CookieSecure:
		return agree.Switch(cookie.Secure), nil
	case dialect.AddressAffinity:
		return enabledBy(heard.UpstreamHashBy.UpstreamHashBy, heard.UpstreamHashBy.UpstreamHashBy), nil
	default:
		return agree.Heard{}, fmt.Errorf("%s: %w", a.Setting, agree.ErrNotAsked)
	}
}

func seconds(n int) agree.Heard { return agree.Times(int64(n), time.Second) }

func onOff(word string) agree.Heard {
	switch word {
	case "on":
		return agree.Switch(true)
	case "off":
		return agree.Switch(false)
	default:
		return agree.Text(word)
	}
}

// enabledBy is a setting that one word switches on.
func enabledBy(on, word string) agree.Heard {
	if word != "" && word == on {
		return agree.Switch(true)
	}
	return agree.Text(word)
}

// luaSeconds is a number that the balancer reads with Lua's tonumber, which
// takes fractions too (rootfs/etc/nginx/lua/balancer/sticky.lua).
func luaSeconds(text string) agree.Heard {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return agree.Times(n, time.Second)
	}
	if n, err := strconv.ParseFloat(text, 32); err == nil && n < math.MaxInt32 {
		return agree.Lasting(time.Duration(n * float64(time.Second)))
	}
	return agree.Heard{}
}

func TestMain(m *testing.M) {
	klog.SetLogger(logr.Discard())
	parser.EnableAnnotationValidation = true // from 1.12 on the flag's default
	m.Run()
}

func TestHoldfastReadsAndWritesWhatIngressNginxDoes(t *testing.T) {
	agree.Controller{Dialect: "ingress-nginx", Parser: hear, Forwards: map[dialect.Setting]string{
		dialect.ReadTimeout:    "nginx",
		dialect.SendTimeout:    "nginx",
		dialect.ConnectTimeout: "nginx",
	}, Apart: map[dialect.Setting]map[string]string{
		// What Lua's tonumber makes of them isn't worth a grammar.
		dialect.CookieMaxAge: {"1.5": "no whole seconds", "1e3": "no whole seconds"},
	}}.Test(t)
}
