package contestant

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/holdfast-dev/holdfast/webhook"
)

// empty is the least that a webhook can do with the standard library: it reads
// who asks, and allows.
func empty() (map[string]http.Handler, error) {
	return map[string]http.Handler{webhook.IngressPath: always(""), webhook.ServicePath: always("")}, nil
}

// constant sends the same patch whatever the object is, which has to have an
// annotation: the least that a webhook can do that changes something.
func constant() (map[string]http.Handler, error) {
	return map[string]http.Handler{
		webhook.IngressPath: always(`[` + annotate(readTimeout) + `,` + annotate(sendTimeout) + `]`),
		webhook.ServicePath: always(`[{"op":"add","path":"/spec/sessionAffinity","value":"ClientIP"}]`),
	}, nil
}

func annotate(key string) string {
	return `{"op":"add","path":"/metadata/annotations/` + strings.ReplaceAll(key, "/", "~1") + `","value":"` + timeoutSeconds + `"}`
}

// always answers every review with one patch; none where that is empty.
type always string

// asked is all that has to be known of a review.
type asked struct {
	Request struct {
		UID string `json:"uid"`
	} `json:"request"`
}

type answer struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Response   response `json:"response"`
}

type response struct {
	UID       string `json:"uid"`
	Allowed   bool   `json:"allowed"`
	PatchType string `json:"patchType,omitempty"`
	Patch     []byte `json:"patch,omitempty"`
}

func (patch always) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := make([]byte, r.ContentLength)
	var review asked
	if _, err := io.ReadFull(r.Body, body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := json.Unmarshal(body, &review); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	allowed := answer{"admission.k8s.io/v1", "AdmissionReview", response{UID: review.Request.UID, Allowed: true}}
	if patch != "" {
		allowed.Response.PatchType, allowed.Response.Patch = "JSONPatch", []byte(patch)
	}
	w.Header().Set("Content-Type", "application/json")
	// The client may be gone.
	_ = json.NewEncoder(w).Encode(allowed)
}
