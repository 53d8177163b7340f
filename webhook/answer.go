package webhook

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"gomodules.xyz/jsonpatch/v2"
	admissionv1 "k8s.io/api/admission/v1"
)

// appendAnswer writes the review that answers another one, as encoding/json
// would.
func appendAnswer(b []byte, r *admissionv1.AdmissionResponse) ([]byte, error) {
	b = append(b, `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":`...)
	b = appendText(b, string(r.UID))
	b = append(b, `,"allowed":`...)
	b = strconv.AppendBool(b, r.Allowed)
	if r.Result != nil {
		status, err := json.Marshal(r.Result)
		if err != nil {
			return nil, err
		}
		b = append(append(b, `,"status":`...), status...)
	}
	if r.Patch != nil {
		b = append(b, `,"patch":"`...)
		b = base64.StdEncoding.AppendEncode(b, r.Patch)
		b = append(append(b, `","patchType":"`...), *r.PatchType...)
		b = append(b, '"')
	}
	if len(r.AuditAnnotations) > 0 {
		b = append(b, `,"auditAnnotations":{`...)
		for i, key := range slices.Sorted(maps.Keys(r.AuditAnnotations)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendText(b, key), ':')
			b = appendText(b, r.AuditAnnotations[key])
		}
		b = append(b, '}')
	}
	if len(r.Warnings) > 0 {
		b = append(b, `,"warnings":[`...)
		for i, w := range r.Warnings {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendText(b, w)
		}
		b = append(b, ']')
	}
	return append(b, "}}"...), nil
}

// appendPatch writes a patch.
func appendPatch(b []byte, ops []jsonpatch.Operation) ([]byte, error) {
	b = append(b, '[')
	for i, op := range ops {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, `{"op":"`...), op.Operation...)
		b = appendText(append(b, `","path":`...), op.Path)
		switch value := op.Value.(type) {
		case nil:
		case string:
			b = appendText(append(b, `,"value":`...), value)
		default:
			written, err := json.Marshal(value)
			if err != nil {
				return nil, err
			}
			b = append(append(b, `,"value":`...), written...)
		}
		b = append(b, '}')
	}
	return append(b, ']'), nil
}

// appendText writes a JSON string. What was read as one is valid UTF-8; anything
// else is replaced as encoding/json does.
func appendText(b []byte, text string) []byte {
	b, _ = jsontext.AppendQuote(b, text)
	return b
}
