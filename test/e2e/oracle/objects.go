package oracle

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// objects makes the manifests of one object.
type objects struct {
	*random
	name  string
	class class
}

// The Services that are in each Namespace beside the object, and one that isn't.
const (
	plainService   = "web"
	stickyService  = "rooms"
	timedService   = "lobby"
	missingService = "absent"
)

var backends = []string{plainService, plainService, stickyService, timedService, missingService}

// Services returns those that are in each Namespace beside the object.
func Services() []*unstructured.Unstructured {
	service := func(name string, labels, annotations map[string]any) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": string(Service),
			"metadata": map[string]any{"name": name, "labels": labels, "annotations": annotations},
			"spec":     map[string]any{"ports": []any{map[string]any{"port": int64(80)}}},
		}}
	}
	sticky := map[string]any{stickyLabel: "true"}
	return []*unstructured.Unstructured{
		service(plainService, nil, nil), service(stickyService, sticky, nil), service(timedService, sticky, map[string]any{stickyTimeout: "20m"}),
	}
}

// object returns a manifest.
func (o *objects) object(kind Kind) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{"kind": string(kind)}}
	u.SetName(o.name)
	if kind == Ingress {
		u.SetAPIVersion("networking.k8s.io/v1")
		u.Object["spec"] = o.ingressSpec()
	} else {
		u.SetAPIVersion("v1")
		u.Object["spec"] = o.serviceSpec()
	}
	if labels := o.labels(kind); len(labels) > 0 {
		u.SetLabels(labels)
	}
	if annotations := o.annotations(kind); len(annotations) > 0 {
		u.SetAnnotations(annotations)
	}
	if kind == Ingress && o.class.legacy != "" {
		setAnnotation(u, legacyClass, o.class.legacy)
	}
	return u
}

func setAnnotation(u *unstructured.Unstructured, key, text string) {
	annotations := u.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[key] = text
	u.SetAnnotations(annotations)
}

// labels returns the user's labels. Bad values of Holdfast's own are among them.
func (o *objects) labels(kind Kind) map[string]string {
	labels := map[string]string{}
	if o.percent(50) {
		labels["app"] = "chat"
	}
	sticky := 35
	if kind == Service {
		sticky = 70
	}
	switch {
	case o.percent(sticky):
		labels[stickyLabel] = "true"
	case o.percent(10):
		labels[stickyLabel] = pick(o.random, []string{"false", "false", "yes", ""})
	}
	switch {
	case o.percent(5):
		labels[policyLabel] = ignore
	case o.percent(2):
		labels[policyLabel] = pick(o.random, []string{"enforce", "Ignore", ""})
	}
	return labels
}

// ingressSpec returns a spec. A few are refused by the API server itself.
func (o *objects) ingressSpec() map[string]any {
	spec := map[string]any{}
	if o.class.field != "" {
		spec["ingressClassName"] = o.class.field
	}
	if o.percent(4) {
		spec["ingressClassName"] = "unheard-of"
	}
	var rules []any
	for range o.IntN(4) {
		rules = append(rules, o.rule())
	}
	if len(rules) > 0 {
		spec["rules"] = rules
	}
	if len(rules) == 0 || o.percent(20) {
		spec["defaultBackend"] = o.backend()
	}
	if o.percent(30) {
		spec["tls"] = []any{map[string]any{"hosts": []any{"chat.example.com"}, "secretName": "chat-tls"}}
	}
	return spec
}

func (o *objects) rule() map[string]any {
	rule := map[string]any{}
	if o.percent(75) {
		rule["host"] = pick(o.random, []string{"chat.example.com", "rooms.example.com", "*.example.com"})
	}
	if o.percent(5) {
		return rule
	}
	var paths []any
	for range 1 + o.IntN(3) {
		path := map[string]any{"pathType": "ImplementationSpecific", "backend": o.backend()}
		if o.percent(85) {
			path["path"] = pick(o.random, pathTexts)
			path["pathType"] = pick(o.random, []string{"Prefix", "Exact", "ImplementationSpecific"})
		}
		paths = append(paths, path)
	}
	rule["http"] = map[string]any{"paths": paths}
	return rule
}

// pathTexts are paths. The API server refuses a few of them.
var pathTexts = []string{
	"/", "/chat", "/chat/", "/a/b", "/chat(/|$)(.*)", "/räume", "/a,b", "/<b>", "/世界", "/a%20b", "/ws", "//", "chat",
}

func (o *objects) backend() map[string]any {
	if o.percent(4) {
		return map[string]any{"resource": map[string]any{"apiGroup": "example.com", "kind": "Bucket", "name": "static"}}
	}
	port := map[string]any{"number": int64(80)}
	if o.percent(20) {
		port = map[string]any{"name": "http"}
	}
	return map[string]any{"service": map[string]any{"name": pick(o.random, backends), "port": port}}
}

// serviceSpec returns a spec of one of the types.
func (o *objects) serviceSpec() map[string]any {
	spec := map[string]any{
		"selector": map[string]any{"app": "chat"},
		"ports":    []any{map[string]any{"name": "http", "port": int64(80), "protocol": "TCP"}},
	}
	switch o.IntN(10) {
	case 0:
		spec["type"] = "NodePort"
	case 1:
		spec["type"] = "LoadBalancer"
		if o.percent(50) {
			spec["loadBalancerClass"] = "example.com/balancer"
		}
	case 2:
		spec["type"], spec["externalName"] = "ExternalName", "chat.example.com"
		delete(spec, "ports")
	case 3:
		spec["clusterIP"] = "None"
	case 4:
		spec["type"] = "ClusterIP"
	}
	setAffinity(spec, o)
	return spec
}

// affinity gives a Service another session affinity.
func (o *objects) affinity(u *unstructured.Unstructured) {
	if spec, _, _ := unstructured.NestedMap(u.Object, "spec"); spec != nil {
		setAffinity(spec, o)
		u.Object["spec"] = spec
	}
}

// setAffinity sets each of the fields, or leaves it out.
func setAffinity(spec map[string]any, o *objects) {
	delete(spec, "sessionAffinity")
	delete(spec, "sessionAffinityConfig")
	if kind := pick(o.random, []string{"", "", "", "None", "ClientIP", "ClientIP", "clientip"}); kind != "" && (kind != "clientip" || o.percent(20)) {
		spec["sessionAffinity"] = kind
	}
	switch o.IntN(12) {
	case 0:
		spec["sessionAffinityConfig"] = map[string]any{}
	case 1:
		spec["sessionAffinityConfig"] = map[string]any{"clientIP": map[string]any{}}
	case 2, 3, 4, 5:
		seconds := pick(o.random, []int64{60, 60, 10800, 86400, 0, 86401})
		spec["sessionAffinityConfig"] = map[string]any{"clientIP": map[string]any{"timeoutSeconds": seconds}}
	}
}
