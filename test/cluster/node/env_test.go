package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

func TestExpand(t *testing.T) {
	known := map[string]string{"A": "1", "EMPTY": ""}
	for text, want := range map[string]string{
		"plain":     "plain",
		"$(A)$(A)":  "11",
		"-$(EMPTY)": "-",
		"$(B)":      "$(B)",
		"$$(A)":     "$(A)",
		"$A":        "$A",
		"$(A":       "$(A",
		"100$":      "100$",
		"$$$(A)":    "$1",
	} {
		assert.Equal(t, want, expand(text, known), text)
	}
}

// oneOfEach has one ConfigMap and one Secret.
type oneOfEach struct{}

func (oneOfEach) ConfigMap(_, name string) (*corev1.ConfigMap, error) {
	if name != "settings" {
		return nil, apierrors.NewNotFound(corev1.Resource("configmaps"), name)
	}
	return &corev1.ConfigMap{Data: map[string]string{"level": "debug"}}, nil
}

func (oneOfEach) Secret(_, name string) (*corev1.Secret, error) {
	if name != "password" {
		return nil, apierrors.NewNotFound(corev1.Resource("secrets"), name)
	}
	return &corev1.Secret{Data: map[string][]byte{"word": []byte("sesame")}}, nil
}

func TestEnvironment(t *testing.T) {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "shop", Labels: map[string]string{"app": "web"}},
		Status:     corev1.PodStatus{PodIP: "10.244.0.7"},
	}
	whole := corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2")}
	resolve := func(text string) (map[string]string, error) {
		container := &corev1.Container{}
		require.NoError(t, yaml.UnmarshalStrict([]byte(text), container))
		return environment{pod: pod, container: container, objects: oneOfEach{}, whole: whole}.
			resolve(map[string]string{"HOME": "/"})
	}

	got, err := resolve(`
name: web
resources: {limits: {memory: 64Mi}}
envFrom:
- {prefix: CFG_, configMapRef: {name: settings}}
- {secretRef: {name: nothing, optional: true}}
env:
- {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
- {name: APP, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
- {name: URL, value: "http://$(IP):80"}
- {name: LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: level}}}
- {name: WORD, valueFrom: {secretKeyRef: {name: password, key: word}}}
- {name: NONE, valueFrom: {secretKeyRef: {name: password, key: other, optional: true}}}
- {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
- {name: CPUS, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
`)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		"HOME": "/", "CFG_level": "debug", "IP": "10.244.0.7", "APP": "web", "URL": "http://10.244.0.7:80",
		"LEVEL": "debug", "WORD": "sesame", "MEMORY": "64", "CPUS": "2",
	}, got)

	for text, want := range map[string]string{
		`{name: w, env: [{name: A, valueFrom: {secretKeyRef: {name: password, key: other}}}]}`: `Secret password has no key "other"`,
		`{name: w, env: [{name: A, valueFrom: {configMapKeyRef: {name: gone, key: k}}}]}`:      `configmaps "gone" not found`,
		`{name: w, env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.containers}}}]}`:     `fieldRef "spec.containers" is not one of`,
	} {
		_, err := resolve(text)
		assert.ErrorContains(t, err, want)
		assert.ErrorContains(t, err, "resolving variable A")
	}
}
