// Package conformance holds Holdfast's dialect to Contour's own reading of an
// Ingress's annotations, and to what Contour then sends to Envoy.
package conformance

import (
	"fmt"
	"testing"
	"time"

	"github.com/projectcontour/contour/internal/annotation"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/test/conformance/agree"
	"github.com/holdfast-dev/holdfast/test/conformance/envoy"
)

func TestHoldfastFindsTheWebSocketRoutesThatContourFinds(t *testing.T) {
	routes := func(a *dialect.Annotation, text string) (map[string]string, error) {
		found := map[string]string{}
		for path := range annotation.WebsocketRoutes(&networking.Ingress{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{a.Key: text}}}) {
			found[path] = path
		}
		return found, nil
	}
	agree.Elements(t, "contour", "projectcontour.io/websocket-routes", routes,
		"", "/", "/ws", "/ws,/chat", "/ws, /chat", " /ws ", "/ws,", ",/ws", "/ws,,/chat", "/ws,/ws", "ws", "/a b", "/ws;/chat", "/ws\n,/chat")
}

func TestHoldfastReadsTheResponseTimeoutsThatContourSendsToEnvoy(t *testing.T) {
	sent := func(a *dialect.Annotation, annotations map[string]string) (agree.Heard, error) {
		if a.Setting != dialect.ResponseTimeout {
			return agree.Heard{}, fmt.Errorf("%s: %w", a.Setting, agree.ErrNotAsked)
		}
		application := envoy.ApplicationsIn(t, contour.Manifest("one-rule.yaml"))[0]
		application.Annotations = annotations
		return agree.Lasting(time.Duration(contour.Translate(t, application)[0].ResponseTimeout())), nil
	}
	agree.Controller{Dialect: "contour", Parser: sent}.Test(t)
}
