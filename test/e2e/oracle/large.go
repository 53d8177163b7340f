package oracle

import (
	"fmt"
	"strings"

	networking "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// The limits of the API server and of etcd.
const (
	// maxAnnotations is what all annotations may have, keys and values together.
	maxAnnotations = 256 * 1024
	// maxRequest is what etcd takes, the object in protobuf.
	maxRequest = 1536 * 1024
)

// padding is the annotation that makes the annotations large.
const padding = "example.com/padding"

// nearTheAnnotationLimit returns a scenario whose annotations leave little room or
// none: from the start, or after a change.
func (o *objects) nearTheAnnotationLimit() Scenario {
	o.inject()
	small := o.bare()
	large := small.DeepCopy()
	room := o.IntN(900) - 20
	size := 0
	for key, text := range large.GetAnnotations() {
		size += len(key) + len(text)
	}
	letter := pick(o.random, []string{"x", "<"})
	setAnnotation(large, padding, strings.Repeat(letter, maxAnnotations-room-size-len(padding)))
	if o.percent(50) {
		return Scenario{Ingress, []Step{{Write: create, Manifest: large}, {Write: replace, Manifest: large}}}
	}
	write := pick(o.random, []*Write{replace, mergePatch, update, edit, serverSideApply})
	return Scenario{Ingress, []Step{{Write: create, Manifest: small}, {Write: write, Manifest: large}, {Write: write, Manifest: small}}}
}

// nearTheObjectLimit returns a scenario whose object is as large as etcd takes, or a
// little larger.
func (o *objects) nearTheObjectLimit() Scenario {
	o.inject()
	small := o.bare()
	large := small.DeepCopy()
	// What the API server adds: a uid, a time, an owner.
	const added = 450
	fill(large, maxRequest-added-o.IntN(600))
	if o.percent(50) {
		return Scenario{Ingress, []Step{{Write: create, Manifest: large}, {Write: mergePatch, Manifest: o.sticky(large)}}}
	}
	return Scenario{Ingress, []Step{{Write: create, Manifest: small}, {Write: replace, Manifest: large}}}
}

// inject makes the object one that always gets something, if it isn't.
func (o *objects) inject() {
	for len(o.class.dialect.always()) == 0 {
		o.class = pick(o.random, o.table.classes())
	}
}

// sticky returns the manifest with the label.
func (o *objects) sticky(u *unstructured.Unstructured) *unstructured.Unstructured {
	u = u.DeepCopy()
	toggleLabel(u, stickyLabel, "true")
	return u
}

// bare returns an Ingress with one rule, and no annotation but its class.
func (o *objects) bare() *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "networking.k8s.io/v1", "kind": string(Ingress)}}
	u.SetName(o.name)
	backend := map[string]any{"service": map[string]any{"name": plainService, "port": map[string]any{"number": int64(80)}}}
	path := map[string]any{"path": "/chat", "pathType": "Prefix", "backend": backend}
	spec := map[string]any{"rules": []any{map[string]any{"http": map[string]any{"paths": []any{path}}}}}
	if o.class.field != "" {
		spec["ingressClassName"] = o.class.field
	} else {
		setAnnotation(u, legacyClass, o.class.legacy)
	}
	u.Object["spec"] = spec
	return u
}

// fill adds hosts until the object has a size in protobuf.
func fill(u *unstructured.Unstructured, size int) {
	label := strings.Repeat("x", 60)
	host := func(n int) string { return fmt.Sprintf("h%06d.%s.%s.%s", n, label, label, label) }
	left := size - protobufSize(u)
	// Each host costs a tag and two bytes of length.
	each := len(host(0)) + 3
	hosts := make([]any, 0, left/each+1)
	// The entry around them costs a tag and four bytes of length at most.
	for left -= 5; left > each; left -= each {
		hosts = append(hosts, host(len(hosts)))
	}
	spec, _ := u.Object["spec"].(map[string]any)
	spec["tls"] = []any{map[string]any{"hosts": hosts}}
	if rest := size - protobufSize(u) - len(padding) - 8; rest > 0 {
		setAnnotation(u, padding, strings.Repeat("x", rest))
	}
}

// protobufSize returns how many bytes etcd stores of a manifest.
func protobufSize(u *unstructured.Unstructured) int {
	var typed networking.Ingress
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, &typed); err != nil {
		return 0
	}
	return typed.Size()
}
