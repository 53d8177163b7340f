package webhook

import (
	"io"
	"net/http"
	"time"

	"github.com/holdfast-dev/holdfast/policy"
)

const (
	// headSize is how much is read of a review that is too large to be evaluated. In an
	// API server's review all that is read of it stands before the user and the objects.
	// dryRun stands behind them, so it isn't known.
	headSize = 64 << 10

	// maxUnread limits the size of a review that isn't evaluated. An object that etcd
	// stores has 1.5 MiB, each byte is at most six in JSON, and a review has it three
	// times: as new and as old object, and the names of its fields in managedFields.
	maxUnread = 28<<20 + headSize
)

// admitUnread answers a review that is too large to be evaluated: the object is
// admitted as it is, since it may be one that the API server stores. It reads past it
// in constant memory.
func (h *Handler) admitUnread(w http.ResponseWriter, r *http.Request, deadline time.Time) (d decision, err error) {
	if r.ContentLength > maxUnread {
		return d, bodyFailure(errBodyTooLarge)
	}
	from := &arrival{request: r, response: w, deadline: deadline}
	head, err := h.bodies.read(from, headSize)
	defer h.bodies.release(head)
	if err != nil {
		return d, bodyFailure(err)
	}
	review := readHead(head.bytes, &h.kind)
	if review.uid == "" {
		return d, bodyFailure(errBodyTooLarge)
	}
	if err := h.checkHead(&review); err != nil {
		return d, err
	}
	current, namespace, err := h.policyAndNamespace(deadlineContext{r.Context(), deadline}, &review)
	if err != nil {
		return d, err
	}
	if _, err := io.CopyN(io.Discard, from, r.ContentLength-headSize); err != nil {
		return d, bodyFailure(err)
	}
	h.metrics.bytes.Add(float64(r.ContentLength))
	if namespace.Mode == "" {
		a, d := notCovered(&review, current)
		return d, h.encodeAndSend(w, &a)
	}
	d = decision{mode: namespace.Mode, outcome: outcomeTooLarge, digest: current.digest}
	h.decisions.write(&review, d, policy.Result{})
	a := answerUnread(&review, h.kind.kind, d, r.ContentLength)
	return d, h.encodeAndSend(w, &a)
}

func (h *Handler) encodeAndSend(w http.ResponseWriter, a *answer) error {
	encoded, err := h.encode(a)
	if err == nil {
		h.send(w, encoded)
	}
	return err
}

// answerUnread returns the answer to a review of a size that isn't evaluated.
func answerUnread(r *review, kind policy.Kind, d decision, size int64) answer {
	finding := policy.ReviewTooLarge(size, maxBody)
	a := answer{uid: r.uid, audit: auditAnnotations{decision: d, findings: string(finding.Rule)}}
	if d.mode != policy.Audit {
		a.warnings = []string{finding.WarningFor(&policy.Object{Kind: kind, Name: r.name})}
	}
	return a
}
