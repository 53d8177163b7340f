// Package conformance holds Holdfast's dialect to what ingress-gce makes of a
// Service's annotations.
package conformance

import (
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/ingress-gce/pkg/annotations"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/test/conformance/agree"
)

// hear asks for the BackendConfigs that a Service names. Every setting that GKE
// has is in one of those.
func hear(_ *dialect.Annotation, written map[string]string) (agree.Heard, error) {
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Annotations: written}}
	_, err := annotations.FromService(service).GetBackendConfigs()
	switch {
	case errors.Is(err, annotations.ErrBackendConfigAnnotationMissing):
		return agree.Heard{}, nil
	case err != nil:
		return agree.Heard{}, err
	default:
		return agree.Switch(true), nil
	}
}

func TestHoldfastReadsAndWritesWhatGKEDoes(t *testing.T) {
	agree.Controller{Dialect: "gke", Parser: hear, More: []string{
		`{"default":"holdfast"}`, ` {"default":"holdfast"} `, `{"DEFAULT":"holdfast"}`, `{"default":"holdfast","ports":{"80":"other"}}`, `{"ports":{"http":"other"}}`,
		`{}`, `{"default":""}`, `{"ports":{}}`, `{"other":"holdfast"}`, `{"default":1}`, `{"ports":{"80":80}}`, `{"default":"holdfast"`, `{'default':'holdfast'}`, `{default: holdfast}`, `["holdfast"]`, `"holdfast"`,
	}}.Test(t)
}

func TestWhatHoldfastNamesIsTheDefaultOfAllPorts(t *testing.T) {
	for _, a := range dialect.ByName("gke").Annotations {
		text, ok := a.Format.Write(dialect.TextOf("holdfast"))
		if !ok {
			t.Fatalf("%s: %s has no words for a name", a.Setting, a.Key)
		}
		service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{a.Key: text}}}
		named, err := annotations.FromService(service).GetBackendConfigs()
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if named.Default != "holdfast" || len(named.Ports) > 0 {
			t.Errorf("%q: got %+v", text, named)
		}
	}
}
