package conformance

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"istio.io/istio/pilot/pkg/config/kube/ingress"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/core"
	"istio.io/istio/pilot/pkg/serviceregistry/kube"
	"istio.io/istio/pilot/pkg/serviceregistry/kube/controller"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/mesh/meshwatcher"
	kubeclient "istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/kube/krt"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/holdfast-dev/holdfast/test/conformance/envoy"
)

const domain = "cluster.local"

// configuration is what an admin of Istio configures beside its defaults.
type configuration struct {
	// mesh is YAML of the key mesh in the ConfigMap istio.
	mesh string
	// objects are Istio's own, as YAML.
	objects string
}

// translate returns the routes that Istio has the Envoy of its ingress gateway serve for
// an application.
func translate(t testing.TB, a envoy.Application, c configuration) []envoy.Route {
	t.Helper()
	// DEFAULT serves an Ingress without an IngressClass object.
	meshConfig, err := mesh.ApplyMeshConfigDefaults(strings.Join([]string{"ingressControllerMode: DEFAULT", c.mesh}, "\n"))
	require.NoError(t, err)

	objects, services := []runtime.Object{a.Ingress}, []*model.Service(nil)
	for _, service := range a.Services {
		objects = append(objects, service)
		services = append(services, kube.ConvertService(*service, nil, domain, "Kubernetes", domain))
	}
	client := kubeclient.NewFakeClient(objects...)
	ingresses := ingress.NewController(client, meshwatcher.NewTestWatcher(meshConfig),
		controller.Options{DomainSuffix: domain, KrtDebugger: krt.GlobalDebugHandler}, nil)
	client.RunAndWait(t.Context().Done())

	generator := core.NewConfigGenTest(t, core.TestOptions{
		ConfigStoreCaches: []model.ConfigStoreController{ingresses},
		ConfigString:      c.objects, Services: services, MeshConfig: meshConfig,
	})
	labels := map[string]string{"istio": "ingressgateway"}
	gateway := generator.SetupProxy(&model.Proxy{
		Type: model.Router, ConfigNamespace: ingress.IngressNamespace, Labels: labels,
		Metadata: &model.NodeMetadata{Namespace: ingress.IngressNamespace, Labels: labels, IstioVersion: "1.31.0"},
	})

	var messages []proto.Message
	for _, listener := range generator.Listeners(gateway) {
		messages = append(messages, listener)
	}
	for _, routes := range generator.Routes(gateway) {
		messages = append(messages, routes)
	}
	for _, cluster := range generator.Clusters(gateway) {
		messages = append(messages, cluster)
	}
	return envoy.Routes(t, messages)
}
