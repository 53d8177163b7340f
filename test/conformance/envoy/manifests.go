package envoy

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// Application is an Ingress and the Services to which it sends.
type Application struct {
	*networking.Ingress
	Services []*core.Service
}

// ApplicationsIn returns the applications in a file. A Service that isn't there is made up.
func ApplicationsIn(t testing.TB, file string) []Application {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var ingresses []*networking.Ingress
	var services []*core.Service
	for documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text))); ; {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		var object metav1.TypeMeta
		require.NoError(t, yaml.Unmarshal(document, &object))
		switch object.Kind {
		case "Ingress":
			ingresses = append(ingresses, &networking.Ingress{})
			require.NoError(t, yaml.Unmarshal(document, ingresses[len(ingresses)-1]))
		case "Service":
			services = append(services, &core.Service{})
			require.NoError(t, yaml.Unmarshal(document, services[len(services)-1]))
		}
	}
	var all []Application
	for _, ingress := range ingresses {
		all = append(all, Application{ingress, servicesOf(ingress, services)})
	}
	return all
}

// servicesOf returns the Services to which an Ingress sends.
func servicesOf(ingress *networking.Ingress, known []*core.Service) []*core.Service {
	var services []*core.Service
	for _, backend := range backendsOf(ingress) {
		is := func(s *core.Service) bool { return s.Namespace == ingress.Namespace && s.Name == backend.Name }
		if slices.ContainsFunc(services, is) {
			continue
		}
		if i := slices.IndexFunc(known, is); i >= 0 {
			services = append(services, known[i])
		} else {
			services = append(services, NewService(ingress.Namespace, backend))
		}
	}
	return services
}

// backendsOf returns what an Ingress sends to.
func backendsOf(ingress *networking.Ingress) []*networking.IngressServiceBackend {
	var backends []*networking.IngressServiceBackend
	if backend := ingress.Spec.DefaultBackend; backend != nil {
		backends = append(backends, backend.Service)
	}
	for _, rule := range ingress.Spec.Rules {
		for _, path := range rule.HTTP.Paths {
			backends = append(backends, path.Backend.Service)
		}
	}
	return backends
}

// NewService returns a Service that a backend can be.
func NewService(namespace string, backend *networking.IngressServiceBackend) *core.Service {
	return &core.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: backend.Name},
		Spec: core.ServiceSpec{Ports: []core.ServicePort{
			{Name: backend.Port.Name, Port: max(backend.Port.Number, 1), Protocol: core.ProtocolTCP},
		}},
	}
}
