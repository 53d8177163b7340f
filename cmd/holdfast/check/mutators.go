package check

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// mutator is a kind of object that makes something else than Holdfast change objects.
type mutator struct {
	schema.GroupKind
	// product is what begins a sentence about it; empty if its kind says that.
	product string
	// path leads to what is changed. If it is a list, only the elements that have the
	// field element count.
	path    []string
	element string
}

// mutatingKinds are the kinds that are looked through, in whichever version the cluster
// serves. A cluster that doesn't serve one has nothing of it.
var mutatingKinds = [...]mutator{
	{kind("admissionregistration.k8s.io", "MutatingAdmissionPolicy"), "", []string{"spec", "mutations"}, ""},
	{kind("kyverno.io", "ClusterPolicy"), "a policy of Kyverno: ", []string{"spec", "rules"}, "mutate"},
	{kind("kyverno.io", "Policy"), "a policy of Kyverno: ", []string{"spec", "rules"}, "mutate"},
	{kind("policies.kyverno.io", "MutatingPolicy"), "a policy of Kyverno: ", []string{"spec", "mutations"}, ""},
	{kind("mutations.gatekeeper.sh", "Assign"), "a mutation of Gatekeeper: ", []string{"spec"}, ""},
	{kind("mutations.gatekeeper.sh", "AssignMetadata"), "a mutation of Gatekeeper: ", []string{"spec"}, ""},
	{kind("mutations.gatekeeper.sh", "ModifySet"), "a mutation of Gatekeeper: ", []string{"spec"}, ""},
}

func kind(group, name string) schema.GroupKind { return schema.GroupKind{Group: group, Kind: name} }

// otherMutators finds what else writes the keys that Holdfast injects.
func otherMutators(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	keys := injectedKeys()
	var unread error
	for _, each := range mutatingKinds {
		objects, err := c.list(ctx, each.GroupKind)
		if err != nil {
			unread = err
			continue
		}
		for _, object := range objects {
			if written := each.writes(&object, keys); written != "" {
				faults = append(faults, fault(policy.RuleOtherMutator, strings.ToLower(each.Kind)+"/"+object.GetName(),
					fmt.Sprintf("%ssets %s too; Holdfast keeps a value that it finds, so this one's usually wins", each.product, written),
					"remove that part of it, or don't label the namespaces that it is for"))
			}
		}
	}
	if unread != nil && len(faults) == 0 {
		return "", nil, unread
	}
	return "nothing else sets what Holdfast sets", faults, nil
}

// list returns the objects of a kind; none if the cluster doesn't serve it.
func (c *Cluster) list(ctx context.Context, k schema.GroupKind) ([]unstructured.Unstructured, error) {
	mapping, err := c.objects.RESTMapper().RESTMapping(k)
	if meta.IsNoMatchError(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found unstructured.UnstructuredList
	found.SetGroupVersionKind(mapping.GroupVersionKind)
	err = c.objects.List(ctx, &found)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return found.Items, err
}

// injectedKeys returns the annotations and fields that Holdfast sets for any controller.
func injectedKeys() []string {
	keys := []string{"sessionAffinity"}
	for _, d := range dialect.All() {
		for _, a := range d.Annotations {
			if !a.ReadOnly && !slices.Contains(keys, a.Key) {
				keys = append(keys, a.Key)
			}
		}
	}
	return keys
}

// writes returns the first of the keys that an object of this kind writes; empty if it
// writes none.
func (m mutator) writes(object *unstructured.Unstructured, keys []string) string {
	part, found, err := unstructured.NestedFieldNoCopy(object.Object, m.path...)
	if err != nil || !found {
		return ""
	}
	if m.element != "" {
		part = elements(part, m.element)
	}
	text, err := json.Marshal(part)
	if err != nil {
		return ""
	}
	for _, key := range keys {
		// A JSON pointer has ~1 for the slash.
		for _, spelling := range []string{key, strings.ReplaceAll(key, "/", "~1")} {
			if containsKey(string(text), spelling) {
				return key
			}
		}
	}
	return ""
}

// elements returns a field of each element of a list that has it.
func elements(list any, field string) []any {
	all, _ := list.([]any)
	var found []any
	for _, each := range all {
		if fields, isObject := each.(map[string]any); isObject && fields[field] != nil {
			found = append(found, fields[field])
		}
	}
	return found
}

// containsKey reports whether a text contains a key, and not only a longer one that
// begins with it.
func containsKey(text, key string) bool {
	for {
		_, rest, found := strings.Cut(text, key)
		if !found {
			return false
		}
		if rest == "" || !strings.ContainsAny(rest[:1], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") {
			return true
		}
		text = rest
	}
}
