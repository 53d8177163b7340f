package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The largest object that etcd takes without Holdfast is stored with it too. What
// would be injected has more bytes than are left.
func TestAnObjectThatFillsEtcdIsStoredUninjected(t *testing.T) {
	t.Parallel()
	const step = 50
	plain, size := newSpace(t), 1_572_800
	for plain.tryKubectl("create -f", file(t, ingressWithPath(size))).code != 0 {
		size -= step
	}
	// The names of Namespaces differ in their lengths.
	largest := file(t, ingressWithPath(size-step))

	s := enforced(t)
	answer := s.kubectl("create -f", largest)
	assert.Contains(t, answer.err, "metadata.annotations: nothing was injected, because the object would have about")
	assert.Empty(t, s.annotations("ingress/chat"))
	answer = s.kubectl("replace -f", largest)
	assert.Contains(t, answer.err, "nothing was injected")
}

// ingressWithPath is an Ingress with a path of a length.
func ingressWithPath(length int) string {
	return manifest("networking.k8s.io/v1", "Ingress", "chat", nil,
		"  ingressClassName: nginx\n  rules: [{http: {paths: [{path: /"+strings.Repeat("x", length-1)+
			", pathType: Prefix, backend: {service: {name: chat, port: {number: 80}}}}]}}]\n")
}
