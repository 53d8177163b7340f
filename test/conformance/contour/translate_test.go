package conformance

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"slices"
	"strings"
	"testing"

	contour_v1alpha1 "github.com/projectcontour/contour/apis/projectcontour/v1alpha1"
	"github.com/projectcontour/contour/internal/contourconfig"
	"github.com/projectcontour/contour/internal/dag"
	envoy_v3 "github.com/projectcontour/contour/internal/envoy/v3"
	xdscache_v3 "github.com/projectcontour/contour/internal/xdscache/v3"
	"github.com/projectcontour/contour/pkg/config"
	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/test/conformance/envoy"
)

// translate returns the routes that Contour, with a configuration file, has Envoy serve
// for an application whose Secrets all exist.
func translate(t testing.TB, a envoy.Application, configuration string) []envoy.Route {
	t.Helper()
	objects := []any{a.Ingress}
	for _, tls := range a.Spec.TLS {
		objects = append(objects, secret(t, a.Namespace, tls))
	}
	for _, service := range a.Services {
		objects = append(objects, service)
	}
	return translateObjects(t, objects, configuration)
}

// translateObjects returns the routes that Contour has Envoy serve for objects.
func translateObjects(t testing.TB, objects []any, configuration string) []envoy.Route {
	t.Helper()
	log := logrus.New()
	log.SetOutput(io.Discard)
	builder := dag.Builder{
		Source:     dag.KubernetesCache{FieldLogger: log},
		Processors: []dag.Processor{&dag.ListenerProcessor{}, &dag.IngressProcessor{FieldLogger: log}, &dag.HTTPProxyProcessor{}},
	}
	for _, object := range objects {
		builder.Source.Insert(object)
	}
	graph := builder.Build()

	generator := envoy_v3.NewEnvoyGen(envoy_v3.EnvoyGenOpt{XDSClusterName: envoy_v3.DefaultXDSClusterName})
	listeners := xdscache_v3.NewListenerCache(xdscache_v3.ListenerConfig{Timeouts: timeouts(t, configuration)},
		contour_v1alpha1.MetricsConfig{}, contour_v1alpha1.HealthConfig{}, nil, 0, generator)
	var routes xdscache_v3.RouteCache
	clusters := xdscache_v3.NewClusterCache(generator)
	listeners.OnChange(graph)
	routes.OnChange(graph)
	clusters.OnChange(graph)
	return envoy.Routes(t, slices.Concat(listeners.Contents(), routes.Contents(), clusters.Contents()))
}

// secret returns a Secret with a certificate.
func secret(t testing.TB, namespace string, tls networking.IngressTLS) *core.Secret {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: tls.Hosts}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return &core.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: tls.SecretName},
		Type:       core.SecretTypeTLS,
		Data: map[string][]byte{
			core.TLSCertKey:       pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
			core.TLSPrivateKeyKey: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		},
	}
}

// timeouts returns the timeouts of a configuration file. What copies them in Contour
// (cmd/contour/servecontext.go) can't be imported.
func timeouts(t testing.TB, configuration string) contourconfig.Timeouts {
	t.Helper()
	parameters, err := config.Parse(strings.NewReader(configuration))
	require.NoError(t, err)
	file, copied := parameters.Timeouts, contour_v1alpha1.TimeoutParameters{}
	for to, text := range map[**string]string{
		&copied.RequestTimeout: file.RequestTimeout, &copied.ConnectionIdleTimeout: file.ConnectionIdleTimeout,
		&copied.StreamIdleTimeout: file.StreamIdleTimeout, &copied.MaxConnectionDuration: file.MaxConnectionDuration,
	} {
		if text != "" {
			*to = &text
		}
	}
	parsed, err := contourconfig.ParseTimeoutPolicy(&copied)
	require.NoError(t, err)
	return parsed
}
