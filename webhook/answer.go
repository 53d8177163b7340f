package webhook

import (
	"encoding/json"

	"github.com/go-json-experiment/json/jsontext"
	"gomodules.xyz/jsonpatch/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/policy"
)

// answer is an admissionv1.AdmissionResponse with the fields that Holdfast uses.
type answer struct {
	uid string
	// denial is the reason for a refusal; nil if the write is allowed.
	denial *metav1.Status
	// patch changes the object; without any operation the answer has no patch.
	patch []jsonpatch.Operation
	audit auditAnnotations
	// warnings are for the object's author.
	warnings []string
}

// auditAnnotations are the annotations for the API server's audit log: the decision,
// the changes, of which a refused write has none, and the rules with findings. Empty
// ones are left out.
type auditAnnotations struct {
	decision
	changes  []policy.Change
	findings string
}

// encode returns the AdmissionReview that contains the answer. The bytes belong to
// the encoder.
func (a *answer) encode(e *encoder) ([]byte, error) {
	changes := encodeChanges(e, a.audit.changes)
	e.write(jsontext.BeginObject)
	e.writeMember("kind", "AdmissionReview")
	e.writeMember("apiVersion", "admission.k8s.io/v1")
	e.write(jsontext.String("response"), jsontext.BeginObject)
	e.writeMember("uid", a.uid)
	e.write(jsontext.String("allowed"), jsontext.Bool(a.denial == nil))
	a.writeStatus(e)
	if len(a.patch) > 0 {
		e.patch = appendOperations(e.patch[:0], a.patch)
		e.write(jsontext.String("patch"))
		e.writeBase64(e.patch)
		e.writeMember("patchType", "JSONPatch")
	}
	a.audit.write(e, changes)
	a.writeWarnings(e)
	e.write(jsontext.EndObject, jsontext.EndObject)
	return e.take(), e.err
}

func (a *answer) writeStatus(e *encoder) {
	if a.denial == nil {
		return
	}
	status, err := json.Marshal(a.denial)
	e.keep(err)
	e.write(jsontext.String("status"))
	e.writeValue(status)
}

// write writes the annotations that aren't empty, with the encoded changes. The API
// server prefixes a key with the webhook's name and a slash, so the keys have no
// slash.
func (a *auditAnnotations) write(e *encoder, changes []byte) {
	if a.outcome == "" {
		return
	}
	e.write(jsontext.String("auditAnnotations"), jsontext.BeginObject)
	if len(changes) > 0 {
		e.write(jsontext.String(a.changesKey()))
		e.writeQuoted(changes)
	}
	e.writeNonEmpty("findings", a.findings)
	e.writeNonEmpty("mode", string(a.mode))
	e.writeNonEmpty("outcome", string(a.outcome))
	e.writeNonEmpty("policy", a.digest)
	e.write(jsontext.EndObject)
}

// changesKey returns the key of the changes, which says whether the answer makes
// them. Whether the write then succeeds no webhook can know.
func (a *auditAnnotations) changesKey() string {
	if a.outcome == outcomeChanged {
		return "changes"
	}
	return "would-change"
}

func (a *answer) writeWarnings(e *encoder) {
	if len(a.warnings) == 0 {
		return
	}
	e.write(jsontext.String("warnings"), jsontext.BeginArray)
	for _, warning := range a.warnings {
		e.write(jsontext.String(warning))
	}
	e.write(jsontext.EndArray)
}

// encodeChanges returns a JSON object with the new value of each changed key, null
// if it is removed. It leaves out the record, and returns nothing if there are no
// changes.
func encodeChanges(e *encoder, changes []policy.Change) []byte {
	if len(changes) == 0 {
		return nil
	}
	e.write(jsontext.BeginObject)
	for _, c := range changes {
		if c.IsRecord() {
			continue
		}
		e.write(jsontext.String(c.Target.Key()))
		if c.To == nil {
			e.write(jsontext.Null)
		} else {
			e.write(jsontext.String(*c.To))
		}
	}
	e.write(jsontext.EndObject)
	return e.take()
}
