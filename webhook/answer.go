package webhook

import (
	"encoding/base64"
	"encoding/json"
	"strconv"

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
func (a *answer) encode(e *encoder) error {
	b := e.answer[:0]
	b = append(b, `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":`...)
	b = appendString(b, a.uid)
	b = strconv.AppendBool(append(b, `,"allowed":`...), a.denial == nil)
	b, err := a.appendStatus(b)
	b = a.appendPatch(b, e)
	b = a.audit.append(b, e)
	b = a.appendWarnings(b)
	b = append(b, "}}"...)
	e.answer = b
	return err
}

func (a *answer) appendStatus(b []byte) ([]byte, error) {
	if a.denial == nil {
		return b, nil
	}
	status, err := json.Marshal(a.denial)
	return append(append(b, `,"status":`...), status...), err
}

// appendPatch appends the patch as the base64 encoding of its JSON.
func (a *answer) appendPatch(b []byte, e *encoder) []byte {
	if len(a.patch) == 0 {
		return b
	}
	e.patch = appendOperations(e.patch[:0], a.patch)
	b = base64.StdEncoding.AppendEncode(append(b, `,"patchType":"JSONPatch","patch":"`...), e.patch)
	return append(b, '"')
}

// append appends the annotations that aren't empty. The API server prefixes a key
// with the webhook's name and a slash, so the keys have no slash.
func (a *auditAnnotations) append(b []byte, e *encoder) []byte {
	b = appendString(append(b, `,"auditAnnotations":{"outcome":`...), a.outcome)
	b = appendMember(b, "mode", a.mode)
	e.changes = appendChanges(e.changes[:0], a.changes)
	b = appendMember(b, a.changesKey(), e.changes)
	b = appendMember(b, "findings", a.findings)
	b = appendMember(b, "policy", a.digest)
	return append(b, '}')
}

// changesKey returns the key of the changes, which says whether the answer makes
// them. Whether the write then succeeds no webhook can know.
func (a *auditAnnotations) changesKey() string {
	if a.outcome == outcomeChanged {
		return "changes"
	}
	return "would-change"
}

// appendChanges appends a JSON object with the new value of each changed key, null
// if it is removed. It leaves out the record, and appends nothing if there are no
// changes.
func appendChanges(b []byte, changes []policy.Change) []byte {
	separator := byte('{')
	for _, c := range changes {
		if c.IsRecord() {
			continue
		}
		b = appendString(append(b, separator), c.Target.Key())
		b = append(b, ':')
		if c.To == nil {
			b = append(b, "null"...)
		} else {
			b = appendString(b, cut(*c.To))
		}
		separator = ','
	}
	if separator == '{' {
		return b
	}
	return append(b, '}')
}

func (a *answer) appendWarnings(b []byte) []byte {
	if len(a.warnings) == 0 {
		return b
	}
	b = append(b, `,"warnings":[`...)
	for i, warning := range a.warnings {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, warning)
	}
	return append(b, ']')
}
