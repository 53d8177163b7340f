package oracle

import (
	"encoding/json"
	"strings"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// owner is a field manager, with what it owns of that which Holdfast may change.
type owner struct {
	name string
	// applied says that it is a server-side applier.
	applied     bool
	annotations map[string]bool
	affinity    bool
}

// ownersOf returns the field managers of an object.
func ownersOf(u *unstructured.Unstructured) []owner {
	var all []owner
	for _, m := range u.GetManagedFields() {
		var fields struct {
			Metadata struct {
				Annotations map[string]any `json:"f:annotations"`
			} `json:"f:metadata"`
			Spec map[string]any `json:"f:spec"`
		}
		if m.FieldsV1 == nil || json.Unmarshal(m.FieldsV1.GetRawBytes(), &fields) != nil {
			continue
		}
		o := owner{
			name: m.Manager, applied: m.Operation == meta.ManagedFieldsOperationApply,
			annotations: map[string]bool{}, affinity: has(fields.Spec, "f:sessionAffinity"),
		}
		for field := range fields.Metadata.Annotations {
			o.annotations[strings.TrimPrefix(field, "f:")] = true
		}
		all = append(all, o)
	}
	return all
}
