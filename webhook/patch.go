package webhook

import (
	"gomodules.xyz/jsonpatch/v2"

	"github.com/holdfast-dev/holdfast/policy"
)

// operations turns changes into an RFC 6902 patch that applies to the object:
// a parent that isn't there is created, and only what is there is removed.
func operations(o *reviewed, changes []policy.Change) []jsonpatch.Operation {
	ops := make([]jsonpatch.Operation, 0, len(changes)+1)
	annotated := o.annotated
	for _, c := range changes {
		switch {
		case c.Key == policy.SessionAffinity:
			ops = append(ops, affinityOperations(o, c)...)
		case c.To == nil:
			ops = append(ops, jsonpatch.NewOperation("remove", annotationPath(c.Key), nil))
		default:
			if !annotated {
				ops = append(ops, jsonpatch.NewOperation("add", "/metadata/annotations", map[string]string{}))
				annotated = true
			}
			// "add" replaces what is there (RFC 6902, section 4.1).
			ops = append(ops, jsonpatch.NewOperation("add", annotationPath(c.Key), *c.To))
		}
	}
	return ops
}

type affinityConfig struct {
	ClientIP clientIPConfig `json:"clientIP"`
}

type clientIPConfig struct {
	TimeoutSeconds int64 `json:"timeoutSeconds"`
}

// affinityOperations patches the affinity and its timeout together: the API
// server drops a timeout without ClientIP, and refuses one beside None.
func affinityOperations(o *reviewed, c policy.Change) []jsonpatch.Operation {
	const field, config = policy.SessionAffinity, policy.SessionAffinity + "Config"
	affinity := policy.Affinity{Type: policy.AffinityNone}
	if c.To != nil {
		// The engine writes nothing that can't be read back.
		affinity, _ = policy.ParseAffinity(*c.To)
	}
	ops := []jsonpatch.Operation{jsonpatch.NewOperation("add", field, affinity.Type)}
	switch {
	case affinity.Seconds > 0:
		ops = append(ops, jsonpatch.NewOperation("add", config, affinityConfig{clientIPConfig{affinity.Seconds}}))
	case o.affinityConfigured:
		ops = append(ops, jsonpatch.NewOperation("remove", config, nil))
	}
	return ops
}

func annotationPath(key string) string {
	b := append(make([]byte, 0, 128), "/metadata/annotations/"...)
	for i := range len(key) {
		switch key[i] {
		case '~':
			b = append(b, "~0"...)
		case '/':
			b = append(b, "~1"...)
		default:
			b = append(b, key[i])
		}
	}
	return string(b)
}
