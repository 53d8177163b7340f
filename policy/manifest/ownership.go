package manifest

import (
	"encoding/json"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy"
)

// ownership returns what an export says about the clients that wrote the object. Most
// manifests say nothing.
func (o *objectNode) ownership() policy.Ownership {
	var found policy.Ownership
	if managed := o.field("metadata", "managedFields"); managed != nil && !isNull(managed) {
		found.ManagedFields = jsonOf(managed)
	}
	if applied := o.field("metadata", "annotations", policy.LastAppliedAnnotation); applied != nil {
		found.LastApplied, _ = json.Marshal(scalarText(applied))
	}
	return found
}

// jsonOf returns a node in JSON, of a repeated key the last value; nil if it has none.
func jsonOf(n *yaml.Node) jsontext.Value {
	var value any
	if n.Load(&value, yaml.WithUniqueKeys(false)) != nil {
		return nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	return text
}
