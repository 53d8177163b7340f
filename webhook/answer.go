package webhook

import (
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

// auditAnnotations are the annotations for the API server's audit log: the changes,
// made or not, the rules with findings, and the policy's digest. Empty ones are
// left out.
type auditAnnotations struct {
	changes          []policy.Change
	findings, policy string
}

// encode returns the AdmissionReview that contains the answer. The bytes belong to
// the encoder.
func (a *answer) encode(e *encoder) ([]byte, error) {
	b := append(e.answer[:0], `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{`...)
	b = appendMember(b, "uid", a.uid)
	b = append(b, `,"allowed":`...)
	b = strconv.AppendBool(b, a.denial == nil)
	b, err := a.appendStatus(b)
	if len(a.patch) > 0 {
		e.inner = appendOperations(e.inner[:0], a.patch)
		b = append(b, `,"patchType":"JSONPatch","patch":`...)
		b = appendBase64(b, e.inner)
	}
	e.inner = appendChanges(e.inner[:0], a.audit.changes)
	b = a.audit.append(b, e.inner)
	b = a.appendWarnings(b)
	e.answer = append(b, "}}"...)
	return e.answer, err
}

func (a *answer) appendStatus(b []byte) ([]byte, error) {
	if a.denial == nil {
		return b, nil
	}
	status, err := json.Marshal(a.denial)
	return append(append(b, `,"status":`...), status...), err
}

// append appends the annotations that aren't empty, with the encoded changes. The
// API server prefixes a key with the webhook's name and a slash, so the keys have
// no slash.
func (a *auditAnnotations) append(b, changes []byte) []byte {
	if len(changes) == 0 && a.findings == "" && a.policy == "" {
		return b
	}
	b = append(b, `,"auditAnnotations":{`...)
	if len(changes) > 0 {
		b = append(b, `"changes":`...)
		b = appendString(b, changes)
	}
	if a.findings != "" {
		b = appendMember(appendSeparator(b), "findings", a.findings)
	}
	if a.policy != "" {
		b = appendMember(appendSeparator(b), "policy", a.policy)
	}
	return append(b, '}')
}

func (a *answer) appendWarnings(b []byte) []byte {
	if len(a.warnings) == 0 {
		return b
	}
	b = append(b, `,"warnings":[`...)
	for _, warning := range a.warnings {
		b = appendString(appendSeparator(b), warning)
	}
	return append(b, ']')
}

// appendChanges appends a JSON object with the new value of each changed key, null
// if it is removed. It leaves out the record, and appends nothing if there are no
// changes.
func appendChanges(b []byte, changes []policy.Change) []byte {
	if len(changes) == 0 {
		return b
	}
	b = append(b, '{')
	for _, c := range changes {
		if c.IsRecord() {
			continue
		}
		b = append(appendString(appendSeparator(b), c.Target.Key()), ':')
		if c.To == nil {
			b = append(b, "null"...)
		} else {
			b = appendString(b, *c.To)
		}
	}
	return append(b, '}')
}
