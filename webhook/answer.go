package webhook

import (
	"encoding/base64"
	"encoding/json"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/policy"
)

// answer is what the API server gets to read: of an
// admissionv1.AdmissionResponse what Holdfast has to say.
type answer struct {
	uid string
	// denial is why the write is refused; nil where it is allowed.
	denial *metav1.Status
	// changes are what object is patched with; none where it stays as it is.
	changes []policy.Change
	object  *reviewed
	// audit are the annotations for the API server's own log, but those without a
	// text.
	audit [3]auditAnnotation
	// warnings are for whoever writes the object.
	warnings []string
}

type auditAnnotation struct{ key, text string }

// appendTo writes the review that answers another one, and quotes the patch.
func (a *answer) appendTo(b, patch []byte) ([]byte, error) {
	b = append(b, `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":`...)
	b = appendText(b, a.uid)
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
			b = append(appendText(b, annotation.key), ':')
			b = append(appendText(b, annotation.text), ',')
		}
	}
	if len(b) == opened {
		return b[:before]
	}
	// The last comma is one too many.
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
		b = appendText(b, w)
	}
	return append(b, ']')
}

// appendText writes a JSON string. What was read as one is valid UTF-8; anything
// else is replaced as encoding/json does. Quotes and backslashes are escaped here,
// and what is rarer by the library.
func appendText[T string | []byte](b []byte, text T) []byte {
	start, rest := len(b), text
	b = append(b, '"')
	for {
		n := ordinary(rest)
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
