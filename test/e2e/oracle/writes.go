package oracle

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// Write is a way of writing an object, as some client does it.
type Write struct {
	Name string
	// Creates says that it also creates an object, NeedsName that it can't without a
	// name.
	Creates, NeedsName bool
	// Applier is the server-side applier; empty for other writes.
	Applier string
	// Partial says that it sends only what differs between what the user wrote and wants.
	Partial bool
	// Forces says that an applier takes what others own.
	Forces   bool
	requests func(change) ([]Request, error)
}

// untraced reports whether nothing shows that the user wrote a value that was there.
func (w *Write) untraced() bool { return w != apply && w.Applier == "" }

// change is what a write is made of: what is stored, what the user wrote before, and
// what the user wants.
type change struct {
	kind                Kind
	live, before, after *unstructured.Unstructured
}

// Request is a request to the API server.
type Request struct {
	Method      string
	Kind        Kind
	Name        string
	ContentType string
	Query       url.Values
	Body        []byte
}

// The ways of writing. helm 3 merged on the client; helm 4 applies on the server.
var (
	create = &Write{Name: "kubectl create", Creates: true, requests: func(c change) ([]Request, error) {
		return c.post(c.after, "kubectl-create")
	}}
	apply   = &Write{Name: "kubectl apply", Creates: true, NeedsName: true, requests: change.apply}
	replace = &Write{Name: "kubectl replace", requests: func(c change) ([]Request, error) {
		return c.put(c.after, "kubectl-replace")
	}}
	update          = &Write{Name: "a client that reads, changes and updates", Partial: true, requests: change.update}
	edit            = &Write{Name: "kubectl edit (a strategic merge patch)", Partial: true, requests: change.edit}
	mergePatch      = &Write{Name: "kubectl patch --type=merge", Partial: true, requests: change.mergePatch}
	jsonPatch       = &Write{Name: "kubectl patch --type=json, of all labels, annotations and the spec", requests: change.jsonPatch}
	helmMerge       = &Write{Name: "helm upgrade, merging on the client", requests: change.helmMerge}
	export          = &Write{Name: "an export that is deleted and created again", requests: change.export}
	serverSideApply = serverSide("one", true)
	secondApply     = serverSide("two", true)
	// politeApply and secondPoliteApply are appliers that give way.
	politeApply       = serverSide("one", false)
	secondPoliteApply = serverSide("two", false)
)

// mixed are the writes that may follow each other. An applier that gives way would
// meet what the others own, so appliers are also mixed with each other only. habits
// are what a scenario keeps to most of the time.
var (
	mixed    = []*Write{apply, apply, replace, update, edit, mergePatch, jsonPatch, helmMerge, export, serverSideApply, secondApply}
	appliers = []*Write{politeApply, secondPoliteApply, secondApply}
	habits   = append([]*Write{serverSideApply, politeApply, politeApply}, mixed...)
)

func serverSide(manager string, force bool) *Write {
	name := "kubectl apply --server-side --field-manager=" + manager
	if force {
		name += " --force-conflicts"
	}
	return &Write{
		Name: name, Creates: true, NeedsName: true, Applier: manager, Forces: force,
		requests: func(c change) ([]Request, error) {
			query := url.Values{"fieldManager": {manager}}
			if force {
				query.Set("force", "true")
			}
			return c.send(http.MethodPatch, string(types.ApplyPatchType), query, c.after)
		},
	}
}

// send returns one request about the object.
func (c change) send(method, contentType string, query url.Values, body any) ([]Request, error) {
	text, err := json.Marshal(body)
	r := Request{Method: method, Kind: c.kind, ContentType: contentType, Query: query, Body: text}
	if method != http.MethodPost {
		r.Name = c.name()
	}
	return []Request{r}, err
}

func (c change) name() string {
	if c.live != nil {
		return c.live.GetName()
	}
	return c.after.GetName()
}

const jsonType = "application/json"

func (c change) post(u *unstructured.Unstructured, manager string) ([]Request, error) {
	return c.send(http.MethodPost, jsonType, url.Values{"fieldManager": {manager}}, u)
}

func (c change) put(u *unstructured.Unstructured, manager string) ([]Request, error) {
	u = u.DeepCopy()
	u.SetName(c.name())
	return c.send(http.MethodPut, jsonType, url.Values{"fieldManager": {manager}}, u)
}

func (c change) patch(of types.PatchType, manager string, body any) ([]Request, error) {
	return c.send(http.MethodPatch, string(of), url.Values{"fieldManager": {manager}}, body)
}

// apply does as kubectl does: it keeps the manifest in an annotation, and sends what
// differs between that, the new manifest and what is stored.
func (c change) apply() ([]Request, error) {
	const manager = "kubectl-client-side-apply"
	manifest, err := json.Marshal(c.after)
	if err != nil {
		return nil, err
	}
	applied := c.after.DeepCopy()
	setAnnotation(applied, lastApplied, string(manifest)+"\n")
	if c.live == nil {
		return c.post(applied, manager)
	}
	return c.threeWay([]byte(c.live.GetAnnotations()[lastApplied]), applied, manager)
}

// threeWay sends a strategic merge patch of what was wanted, what is wanted and what
// is stored; nothing if that changes nothing.
func (c change) threeWay(original []byte, modified *unstructured.Unstructured, manager string) ([]Request, error) {
	modified = modified.DeepCopy()
	modified.SetName(c.name())
	meta, err := strategicpatch.NewPatchMetaFromStruct(c.typed())
	if err != nil {
		return nil, err
	}
	wanted, err := json.Marshal(modified)
	if err != nil {
		return nil, err
	}
	stored, err := json.Marshal(c.live)
	if err != nil {
		return nil, err
	}
	patch, err := strategicpatch.CreateThreeWayMergePatch(original, wanted, stored, meta, true)
	if err != nil || string(patch) == "{}" {
		return nil, err
	}
	return c.patch(types.StrategicMergePatchType, manager, json.RawMessage(patch))
}

// typed returns the API's type of the object.
func (c change) typed() any {
	if c.kind == Service {
		return &core.Service{}
	}
	return &networking.Ingress{}
}

func (c change) helmMerge() ([]Request, error) {
	before, err := json.Marshal(named(c.before, c.name()))
	if err != nil {
		return nil, err
	}
	return c.threeWay(before, c.after, "helm")
}

func (c change) edit() ([]Request, error) {
	before, err := json.Marshal(named(c.before, c.name()))
	if err != nil {
		return nil, err
	}
	after, err := json.Marshal(named(c.after, c.name()))
	if err != nil {
		return nil, err
	}
	patch, err := strategicpatch.CreateTwoWayMergePatch(before, after, c.typed())
	if err != nil {
		return nil, err
	}
	return c.patch(types.StrategicMergePatchType, "kubectl-edit", json.RawMessage(patch))
}

func named(u *unstructured.Unstructured, name string) *unstructured.Unstructured {
	u = u.DeepCopy()
	u.SetName(name)
	return u
}

func (c change) mergePatch() ([]Request, error) {
	return c.patch(types.MergePatchType, "kubectl-patch", c.difference())
}

// difference returns what differs between the user's manifests (RFC 7396).
func (c change) difference() map[string]any {
	return difference(named(c.before, c.name()).Object, named(c.after, c.name()).Object)
}

func (c change) update() ([]Request, error) {
	changed := c.live.DeepCopy()
	merge(changed.Object, c.difference())
	return c.put(changed, "client")
}

func (c change) jsonPatch() ([]Request, error) {
	operation := func(path string, value any) map[string]any {
		return map[string]any{"op": "add", "path": path, "value": value}
	}
	labels, annotations := c.after.GetLabels(), c.after.GetAnnotations()
	if labels == nil {
		labels = map[string]string{}
	}
	if annotations == nil {
		annotations = map[string]string{}
	}
	return c.patch(types.JSONPatchType, "kubectl-patch", []any{
		operation("/metadata/labels", labels), operation("/metadata/annotations", annotations), operation("/spec", c.after.Object["spec"]),
	})
}

// export deletes the object and creates it again as it is stored, Holdfast's values
// and record included.
func (c change) export() ([]Request, error) {
	remove, err := c.send(http.MethodDelete, jsonType, nil, map[string]any{})
	if err != nil {
		return nil, err
	}
	u := usersView(c.live)
	u.SetName(c.name())
	again, err := c.post(u, "kubectl-create")
	return slices.Concat(remove, again), err
}

// usersView returns an object without what the API server draws or keeps for itself.
func usersView(u *unstructured.Unstructured) *unstructured.Unstructured {
	u = u.DeepCopy()
	metadata, _ := u.Object["metadata"].(map[string]any)
	for _, drawn := range []string{"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "namespace", "selfLink", "name"} {
		delete(metadata, drawn)
	}
	delete(u.Object, "status")
	spec, _ := u.Object["spec"].(map[string]any)
	if spec["clusterIP"] != "None" {
		delete(spec, "clusterIP")
		delete(spec, "clusterIPs")
	}
	delete(spec, "healthCheckNodePort")
	ports, _ := spec["ports"].([]any)
	for _, port := range ports {
		if port, ok := port.(map[string]any); ok && u.GetKind() == string(Service) {
			delete(port, "nodePort")
		}
	}
	return u
}

// adopted returns a manifest with all that the record of a stored object names, as a
// user would write it.
func adopted(manifest, stored *unstructured.Unstructured) *unstructured.Unstructured {
	manifest = manifest.DeepCopy()
	if stored == nil {
		return manifest
	}
	injected, _ := readRecord(stored)
	texts := stored.GetAnnotations()
	for _, key := range slices.Sorted(maps.Keys(injected)) {
		target := parseKey(key)
		if target.affinity {
			spec, _ := manifest.Object["spec"].(map[string]any)
			for _, field := range []string{"sessionAffinity", "sessionAffinityConfig"} {
				value, _, _ := unstructured.NestedFieldCopy(stored.Object, "spec", field)
				spec[field] = value
			}
			continue
		}
		if text, there := texts[target.annotation]; there {
			setAnnotation(manifest, target.annotation, text)
		}
	}
	return manifest
}
