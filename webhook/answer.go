package webhook

import (
	"encoding/base64"
	"encoding/json"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/policy"
)

// answer is an admissionv1.AdmissionResponse with the fields that Holdfast uses.
type answer struct {
	uid string
	// denial is the reason for a refusal; nil if the write is allowed.
	denial *metav1.Status
	// changes become the patch of object; without any there is no patch.
	changes []policy.Change
	object  *reviewed
	// audit are the annotations for the API server's audit log. Those without a
	// text are left out.
	audit [3]auditAnnotation
	// warnings are for the object's author.
	warnings []string
}

type auditAnnotation struct{ key, text string }

// appendTo appends the AdmissionReview that contains the answer and the patch.
func (a *answer) appendTo(b, patch []byte) ([]byte, error) {
	b = append(b, `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":`...)
	b = appendString(b, a.uid)
	b = append(b, `,"allowed":`...)
	b = strconv.AppendBool(b, a.denial == nil)
	if a.denial != nil {
		status, err := json.Marshal(a.denial)
		if err != nil {
			return nil, err
		}
		b = append(append(b, `,"status":`...), status...)
	}
	if len(patch) > 0 {
		b = append(b, `,"patch":"`...)
		b = base64.StdEncoding.AppendEncode(b, patch)
		b = append(b, `","patchType":"JSONPatch"`...)
	}
	return append(a.appendWarnings(a.appendAudit(b)), "}}"...), nil
}

func (a *answer) appendAudit(b []byte) []byte {
	before := len(b)
	b = append(b, `,"auditAnnotations":{`...)
	opened := len(b)
	for _, annotation := range a.audit {
		if annotation.text != "" {
			b = append(appendString(b, annotation.key), ':')
			b = append(appendString(b, annotation.text), ',')
		}
	}
	if len(b) == opened {
		return b[:before]
	}
	// Replace the trailing comma.
	b[len(b)-1] = '}'
	return b
}

func (a *answer) appendWarnings(b []byte) []byte {
	if len(a.warnings) == 0 {
		return b
	}
	b = append(b, `,"warnings":[`...)
	for i, w := range a.warnings {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, w)
	}
	return append(b, ']')
}

// appendString appends a JSON string. It escapes quotes and backslashes itself, and
// leaves strings with other special characters to the library, which replaces
// invalid UTF-8 as encoding/json does.
func appendString[T string | []byte](b []byte, text T) []byte {
	start, rest := len(b), text
	b = append(b, '"')
	for {
		n := unescapedPrefix(rest)
		b = append(b, rest[:n]...)
		if rest = rest[n:]; len(rest) == 0 {
			return append(b, '"')
		}
		if rest[0] != '"' && rest[0] != '\\' {
			b, _ = jsontext.AppendQuote(b[:start], text)
			return b
		}
		b = append(b, '\\', rest[0])
		rest = rest[1:]
	}
}
