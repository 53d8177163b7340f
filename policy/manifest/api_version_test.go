package manifest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestObjectsOfAnAPIVersionThatNobodyServes(t *testing.T) {
	const (
		ignored = ", so Holdfast ignores this object; write "
		changes = ", with service.name and service.port in each backend, a pathType for each path, and defaultBackend in place of spec.backend"
	)
	for text, want := range map[string]string{
		"apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: web}\n":              "in.yaml:1:13: Ingress web: apiVersion: extensions/v1beta1 was removed in Kubernetes 1.22" + ignored + "networking.k8s.io/v1" + changes,
		"kind: Ingress\napiVersion: 'networking.k8s.io/v1beta1'\n":                            "in.yaml:2:13: Ingress: apiVersion: networking.k8s.io/v1beta1 was removed in Kubernetes 1.22" + ignored + "networking.k8s.io/v1" + changes,
		"apiVersion: extensions/v1beta1\nkind: IngressList\nitems: [{metadata: {name: a}}]\n": "in.yaml:3:9: Ingress a: apiVersion: extensions/v1beta1 was removed in Kubernetes 1.22" + ignored + "networking.k8s.io/v1" + changes,
		"apiVersion: networking.k8s.io/v1beta1\nkind: IngressClass\n":                         "in.yaml:1:13: IngressClass: apiVersion: networking.k8s.io/v1beta1 was removed in Kubernetes 1.22" + ignored + "networking.k8s.io/v1",

		"apiVersion: v1\nkind: Ingress\n":                           "in.yaml:1:13: Ingress: apiVersion: v1 has no Ingress" + ignored + "networking.k8s.io/v1",
		"apiVersion: networking/v1\nkind: Ingress\n":                "in.yaml:1:13: Ingress: apiVersion: networking/v1 has no Ingress" + ignored + "networking.k8s.io/v1",
		"apiVersion: networking.k8s.io/v2\nkind: Ingress\n":         "in.yaml:1:13: Ingress: apiVersion: networking.k8s.io/v2 has no Ingress" + ignored + "networking.k8s.io/v1",
		"apiVersion: networking.k8s.io\nkind: Ingress\n":            "in.yaml:1:13: Ingress: apiVersion: networking.k8s.io has no Ingress" + ignored + "networking.k8s.io/v1",
		"apiVersion: extensions/v1beta1\nkind: Service\n":           "in.yaml:1:13: Service: apiVersion: extensions/v1beta1 has no Service" + ignored + "v1",
		"apiVersion: core/v1\nkind: Service\n":                      "in.yaml:1:13: Service: apiVersion: core/v1 has no Service" + ignored + "v1",
		"apiVersion: V1\nkind: Namespace\n":                         "in.yaml:1:13: Namespace: apiVersion: V1 has no Namespace" + ignored + "v1",
		"# c\nkind: Service\nmetadata: {name: web, namespace: a}\n": "in.yaml:2:1: Service a/web: apiVersion: missing" + ignored + "apiVersion: v1",

		// Custom resources and other API servers have such kinds too.
		"apiVersion: serving.knative.dev/v1\nkind: Service\n":                        "",
		"apiVersion: networking.internal.knative.dev/v1alpha1\nkind: Ingress\n":      "",
		"apiVersion: config.openshift.io/v1\nkind: Ingress\n":                        "",
		"apiVersion: example.com/v1\nkind: ServiceList\nitems: [{metadata: {}}]\n":   "",
		"apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {x: Ingress}\n": "",
		"Ingress: x\n": "",
		"- Ingress\n":  "",
		ingressType:    "",
	} {
		c := read(t, text)
		written, faults := c.Bytes()
		assert.Empty(t, faults)
		assert.Equal(t, text, string(written))
		var got []string
		for _, f := range c.Ignored {
			got = append(got, f.Error())
		}
		assert.Equal(t, want, strings.Join(got, "\n"), text)
	}
}
