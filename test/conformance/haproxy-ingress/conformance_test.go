// Package conformance holds Holdfast's dialect to what haproxy-ingress makes of
// an Ingress and its Service.
package conformance

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"

	convhelper "github.com/jcmoraisjr/haproxy-ingress/pkg/converters/helper_test"
	"github.com/jcmoraisjr/haproxy-ingress/pkg/converters/ingress"
	"github.com/jcmoraisjr/haproxy-ingress/pkg/converters/tracker"
	convtypes "github.com/jcmoraisjr/haproxy-ingress/pkg/converters/types"
	"github.com/jcmoraisjr/haproxy-ingress/pkg/haproxy"
	hatypes "github.com/jcmoraisjr/haproxy-ingress/pkg/haproxy/types"
	loghelper "github.com/jcmoraisjr/haproxy-ingress/pkg/types/helper_test"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/test/conformance/agree"
)

// convert gives HAProxy's backend for the only Service of an Ingress, each with
// annotations of its own.
func convert(ingressWrites, serviceWrites map[string]string) (*hatypes.Backend, error) {
	tracking := tracker.NewTracker()
	cache := convhelper.NewCacheMock(tracking)
	service, endpoints := convhelper.CreateService("chat/web", "8080", "172.17.0.11")
	service.Annotations = serviceWrites
	cache.SvcList = append(cache.SvcList, service)
	cache.EpsList["chat/web"] = endpoints
	cache.IngList = []*networking.Ingress{{
		ObjectMeta: metav1.ObjectMeta{Namespace: "chat", Name: "web", Annotations: ingressWrites},
		Spec: networking.IngressSpec{DefaultBackend: &networking.IngressBackend{
			Service: &networking.IngressServiceBackend{Name: "web", Port: networking.ServiceBackendPort{Number: 8080}},
		}},
	}}
	cache.Changed.GlobalConfigMapDataNew = map[string]string{}
	logger := &loghelper.LoggerMock{}
	config := haproxy.CreateInstance(logger, haproxy.InstanceOptions{}).Config()
	ingress.NewIngressConverter(&convtypes.ConverterOptions{
		Cache:            cache,
		Logger:           logger,
		Tracker:          tracking,
		DynamicConfig:    &convtypes.DynamicConfig{},
		DefaultCrtSecret: "system/ingress-default",
		AnnotationPrefix: []string{"haproxy-ingress.github.io", "ingress.kubernetes.io"},
	}, config, cache.SwapChangedObjects()).Sync(true)
	backend := config.Backends().FindBackend("chat", "web", "8080")
	if backend == nil {
		return nil, fmt.Errorf("no backend: %q", logger.Logging)
	}
	return backend, nil
}

// hear asks the converter. What a cookie is like, it reads of sticky backends
// only.
func hear(a *dialect.Annotation, written map[string]string) (agree.Heard, error) {
	ingressWrites, serviceWrites := map[string]string{}, map[string]string{}
	if a.Setting != dialect.CookieAffinity && a.Setting.AffinityMode() == dialect.ByCookie {
		ingressWrites["haproxy-ingress.github.io/affinity"] = "cookie"
	}
	on := map[dialect.Kind]map[string]string{dialect.Ingress: ingressWrites, dialect.Service: serviceWrites}[a.On]
	for key, text := range written {
		on[key] = text
	}
	backend, err := convert(ingressWrites, serviceWrites)
	if err != nil {
		return agree.Heard{}, err
	}
	switch a.Setting {
	case dialect.IdleTimeout:
		return timer(backend.Timeout.Tunnel), nil
	case dialect.ReadTimeout:
		return timer(backend.Timeout.Server), nil
	case dialect.ConnectTimeout:
		return timer(backend.Timeout.Connect), nil
	case dialect.CookieAffinity:
		if backend.Cookie.Name == "" {
			return agree.Heard{}, nil
		}
		return agree.Switch(true), nil
	case dialect.CookieName:
		return agree.Text(backend.Cookie.Name), nil
	case dialect.CookieMaxAge:
		return agree.Text(backend.Cookie.Keywords), nil
	case dialect.AddressAffinity:
		if backend.BalanceAlgorithm == "source" {
			return agree.Switch(true), nil
		}
		return agree.Text(backend.BalanceAlgorithm), nil
	default:
		return agree.Heard{}, fmt.Errorf("%s: %w", a.Setting, agree.ErrNotAsked)
	}
}

var (
	timerText = regexp.MustCompile(`^(\d+)(us|ms|s|m|h|d)$`)
	units     = map[string]time.Duration{
		"us": time.Microsecond, "ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
	}
)

// timer is what the controller writes into HAProxy's configuration, as HAProxy
// counts it: with zero there is no timer.
func timer(text string) agree.Heard {
	parts := timerText.FindStringSubmatch(text)
	if parts == nil {
		return agree.Text(text)
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	switch {
	case err != nil:
		return agree.Text(text)
	case n == 0:
		return agree.Lasting(time.Duration(dialect.Never))
	}
	return agree.Times(n, units[parts[2]])
}

func TestHoldfastReadsAndWritesWhatHAProxyIngressDoes(t *testing.T) {
	agree.Controller{Dialect: "haproxy-ingress", Parser: hear, Forwards: map[dialect.Setting]string{
		dialect.IdleTimeout:     "HAProxy",
		dialect.ReadTimeout:     "HAProxy",
		dialect.ConnectTimeout:  "HAProxy",
		dialect.CookieName:      "HAProxy",
		dialect.CookieMaxAge:    "HAProxy",
		dialect.AddressAffinity: "HAProxy",
	}}.Test(t)
}

func TestTheServicesWordBeatsTheIngresss(t *testing.T) {
	const key = "haproxy-ingress.github.io/timeout-tunnel"
	backend, err := convert(map[string]string{key: "1h"}, map[string]string{key: "2h"})
	if err != nil {
		t.Fatal(err)
	}
	if backend.Timeout.Tunnel != "2h" {
		t.Errorf("got %s", backend.Timeout.Tunnel)
	}
}
