// Package conformance holds Holdfast's dialect to what the Kong Ingress
// Controller fills into Kong's configuration.
package conformance

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/kong/go-kong/kong"
	configuration "github.com/kong/kubernetes-configuration/api/configuration/v1beta1"
	"github.com/kong/kubernetes-ingress-controller/v3/internal/dataplane/kongstate"
	"github.com/kong/kubernetes-ingress-controller/v3/internal/store"
	"github.com/kong/kubernetes-ingress-controller/v3/internal/util"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/test/conformance/agree"
)

// fill gives Kong's service and route for a Service and for the Ingress that
// leads to it, both with the annotations.
func fill(written map[string]string) (kong.Service, kong.Route) {
	state := kongstate.KongState{Services: []kongstate.Service{{
		K8sServices: map[string]*corev1.Service{"web": service(written)},
		Routes:      []kongstate.Route{{Ingress: util.K8sObjectInfo{Namespace: "chat", Name: "web", Annotations: written}}},
	}}}
	state.FillOverrides(logr.Discard(), nil, nil)
	return state.Services[0].Service, state.Services[0].Routes[0].Route
}

func service(written map[string]string) *corev1.Service {
	return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "chat", Name: "web", Annotations: written}}
}

func hear(a *dialect.Annotation, written map[string]string) (agree.Heard, error) {
	service, route := fill(written)
	switch a.Setting {
	case dialect.ReadTimeout:
		return timer(service.ReadTimeout), nil
	case dialect.SendTimeout:
		return timer(service.WriteTimeout), nil
	case dialect.ConnectTimeout:
		return timer(service.ConnectTimeout), nil
	case dialect.ResponseBuffering:
		return buffer(route.ResponseBuffering), nil
	case dialect.RequestBuffering:
		return buffer(route.RequestBuffering), nil
	case dialect.CookieAffinity:
		return policy(written[a.Key], written)
	default:
		return agree.Heard{}, fmt.Errorf("%s: %w", a.Setting, agree.ErrNotAsked)
	}
}

func timer(milliseconds *int) agree.Heard {
	if milliseconds == nil {
		return agree.Heard{}
	}
	return agree.Times(int64(*milliseconds), time.Millisecond)
}

// buffer is what Kong's route has; where the controller leaves it out, Kong
// buffers.
func buffer(on *bool) agree.Heard { return agree.Switch(on == nil || *on) }

// policy asks for the KongUpstreamPolicy that a Service names, in a namespace
// that has one of every name that Kubernetes takes. Where it finds none, the
// controller reports that and goes on without.
func policy(name string, written map[string]string) (agree.Heard, error) {
	var there store.FakeObjects
	if len(validation.IsDNS1123Subdomain(name)) == 0 {
		there.KongUpstreamPolicies = append(there.KongUpstreamPolicies, &configuration.KongUpstreamPolicy{
			ObjectMeta: metav1.ObjectMeta{Namespace: "chat", Name: name},
		})
	}
	objects, err := store.NewFakeStore(there)
	if err != nil {
		return agree.Heard{}, fmt.Errorf("the controller's store: %w", err)
	}
	found, err := kongstate.GetKongUpstreamPolicyForServices(objects, []*corev1.Service{service(written)})
	if err == nil && found != nil {
		return agree.Switch(true), nil
	}
	return agree.Heard{}, nil
}

func TestHoldfastReadsAndWritesWhatKongDoes(t *testing.T) {
	kongs := "Kong's schema"
	agree.Controller{Dialect: "kong", Parser: hear, Forwards: map[dialect.Setting]string{
		dialect.ReadTimeout:    kongs,
		dialect.SendTimeout:    kongs,
		dialect.ConnectTimeout: kongs,
	}}.Test(t)
}
