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
	schema.GroupVersionKind
	// product is what its users call it.
	product string
	// path leads to what is changed. If it is a list, only the elements that have the
	// field element count.
	path    []string
	element string
}

// mutatingKinds are the kinds that are looked through. A cluster that doesn't have one
// has nothing of it.
var mutatingKinds = [...]mutator{
	{v1("admissionregistration.k8s.io", "MutatingAdmissionPolicy"), "MutatingAdmissionPolicy", []string{"spec", "mutations"}, ""},
	{v1("kyverno.io", "ClusterPolicy"), "Kyverno", []string{"spec", "rules"}, "mutate"},
	{v1("kyverno.io", "Policy"), "Kyverno", []string{"spec", "rules"}, "mutate"},
	{v1("policies.kyverno.io", "MutatingPolicy"), "Kyverno", []string{"spec", "mutations"}, ""},
	{v1("mutations.gatekeeper.sh", "Assign"), "Gatekeeper", []string{"spec"}, ""},
	{v1("mutations.gatekeeper.sh", "AssignMetadata"), "Gatekeeper", []string{"spec"}, ""},
	{v1("mutations.gatekeeper.sh", "ModifySet"), "Gatekeeper", []string{"spec"}, ""},
}

func v1(group, kind string) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: group, Version: "v1", Kind: kind}
}

// otherMutators finds what else writes the keys that Holdfast injects.
func otherMutators(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	keys := injectedKeys()
	for _, each := range mutatingKinds {
		list := unstructured.UnstructuredList{}
		list.SetGroupVersionKind(each.GroupVersionKind)
		err := c.objects.List(ctx, &list)
		if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return "", nil, err
		}
		for _, object := range list.Items {
			if written := each.writes(&object, keys); written != "" {
				faults = append(faults, fault(policy.RuleOtherMutator, strings.ToLower(each.Kind)+"/"+object.GetName(),
					fmt.Sprintf("this policy of %s sets %s, as Holdfast does; what is there first is kept", each.product, written),
					"remove that part of it, or don't label the namespaces that it is for"))
			}
		}
	}
	return "nothing else sets what Holdfast sets", faults, nil
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
	if list, isList := part.([]any); isList && m.element != "" {
		part = slices.DeleteFunc(slices.Clone(list), func(each any) bool {
			fields, isObject := each.(map[string]any)
			return !isObject || fields[m.element] == nil
		})
	}
	text, err := json.Marshal(part)
	if err != nil {
		return ""
	}
	for _, key := range keys {
		// A JSON pointer has ~1 for the slash.
		for _, spelling := range []string{key, strings.ReplaceAll(key, "/", "~1")} {
			if strings.Contains(string(text), spelling) {
				return key
			}
		}
	}
	return ""
}
