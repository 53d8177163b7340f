// Package webhook serves admission: it decodes an AdmissionReview, calls the
// engine in package policy and encodes the answer.
//
// An internal error is an HTTP error, never a denial: under failurePolicy
// Ignore the API server ignores the former, while the latter would fail a user's
// write.
package webhook

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	admissionv1 "k8s.io/api/admission/v1"

	"github.com/holdfast-dev/holdfast/policy"
)

// Options are the dependencies of a Handler.
type Options struct {
	Policies *Policies
	Cluster  Cluster
	Metrics  *Metrics
	Log      *slog.Logger
}

// Handler answers the admission reviews of one kind of object.
type Handler struct {
	Options
	kind     servedKind
	metrics  kindMetrics
	bodies   *bodies
	encoders *encoders
	notes    *noteSet
	// decisions logs them.
	decisions decisionLog
}

// Handlers returns a handler for each path. They share their limits.
func Handlers(o Options) map[string]http.Handler {
	bodies, encoders, notes := newBodies(o.Metrics), new(encoders), new(noteSet)
	handlers := make(map[string]http.Handler, len(servedKinds))
	log := o.Log
	for _, k := range servedKinds {
		o.Log = log.With("kind", k.kind)
		handlers[k.path] = &Handler{o, k, o.Metrics.forKind(k.kind), bodies, encoders, notes, decisionLog{handler: o.Log.Handler()}}
	}
	return handlers
}

// ServeHTTP answers one review.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	h.metrics.requests.Inc()
	defer h.metrics.requests.Dec()
	decision, err := h.serve(w, r, start)
	if err != nil {
		h.writeFailure(w, err)
		decision.outcome = outcomeFailed
	}
	h.metrics.observeDecision(decision, time.Since(start))
}

// serve writes the answer, or returns an error without writing. It turns a panic
// into an error.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, start time.Time) (d decision, err error) {
	defer func() {
		if p := recover(); p != nil {
			h.Log.Error("panic", "panic", fmt.Sprint(p), "stack", stackTrace(debug.Stack()))
			err = fail(http.StatusInternalServerError, "internal error in holdfast")
		}
	}()
	if err := checkRequest(r); err != nil {
		return d, err
	}
	deadline := start.Add(requestTimeout(r))
	if r.ContentLength > maxBody {
		return h.admitUnread(w, r, deadline)
	}
	encoded, d, err := h.read(w, r, deadline)
	if err != nil {
		return d, err
	}
	h.send(w, encoded)
	return d, nil
}

// read reads a body and returns its answer, for send. It returns the body's memory, since a
// client may take its time to read the answer.
func (h *Handler) read(w http.ResponseWriter, r *http.Request, deadline time.Time) (*encoder, decision, error) {
	body, err := h.bodies.read(&arrival{request: r, response: w, deadline: deadline}, r.ContentLength)
	defer h.bodies.release(body)
	if err != nil {
		return nil, decision{}, bodyFailure(err)
	}
	h.metrics.bytes.Add(float64(len(body.bytes)))
	if err := h.bodies.beginEvaluation(r.Context(), body, deadline); err != nil {
		return nil, decision{}, bodyFailure(err)
	}
	defer h.bodies.endEvaluation(body)
	review, err := readReview(body.bytes, &h.kind)
	if err != nil {
		return nil, decision{}, fail(http.StatusBadRequest, "this is not an admission review: %v", err)
	}
	if err := h.check(&review); err != nil {
		return nil, decision{}, err
	}
	return h.decide(deadlineContext{r.Context(), deadline}, &review)
}

// decide evaluates the object and returns the answer, for send.
func (h *Handler) decide(ctx context.Context, r *review) (*encoder, decision, error) {
	current, namespace, err := h.policyAndNamespace(ctx, r)
	if err != nil {
		return nil, decision{}, err
	}
	if namespace.Mode == "" {
		a, d := notCovered(r, current)
		encoded, err := h.encode(&a)
		return encoded, d, err
	}
	in := h.input(ctx, r, current.Policy, namespace)
	result := h.evaluate(ctx, r, in)
	d := decision{mode: namespace.Mode, outcome: outcomeOf(namespace.Mode, r.dryRun, in, result), digest: current.digest}
	if in.Controller.Dialect != nil {
		d.dialect = in.Controller.Dialect.Name
	}
	a := respond(r, d, result)
	encoded, err := h.encode(&a)
	if err != nil {
		return nil, d, err
	}
	// What isn't sent hasn't changed anything.
	h.logNotes(r, result)
	h.decisions.write(r, d, result)
	return encoded, d, nil
}

// policyAndNamespace returns the policy in force and the review's Namespace.
func (h *Handler) policyAndNamespace(ctx context.Context, r *review) (*loadedPolicy, Namespace, error) {
	current := h.Policies.Current()
	if current == nil {
		return nil, Namespace{}, unavailable("no policy is in force: %v", h.Policies.Ready())
	}
	namespace, err := h.Cluster.Namespace(ctx, r.namespace)
	if err != nil {
		return nil, Namespace{}, unavailable("%v", err)
	}
	return current, namespace, nil
}

// input returns the engine's input for a review. When an Ingress is created, it
// reads live the Services that the cache doesn't contain, since they may have been
// created just before.
func (h *Handler) input(ctx context.Context, r *review, p *policy.Policy, namespace Namespace) policy.Input {
	var old *policy.Object
	if r.old != nil {
		old = &r.old.Object
	}
	in := policy.Cluster{Policy: p, IngressClasses: h.Cluster.IngressClasses()}.Input(&r.object.Object, old, namespace.Namespace)
	if !in.NeedsServices() {
		return in
	}
	live := LiveNone
	if r.operation == string(admissionv1.Create) {
		live = LiveUnknown
	}
	in.Services = h.services(ctx, r, live)
	return in
}

// evaluate calls the engine. If the result removes stickiness from an Ingress, it
// reads the Services live and calls the engine again, since the cache may lag
// behind.
func (h *Handler) evaluate(ctx context.Context, r *review, in policy.Input) policy.Result {
	result := policy.Evaluate(in)
	if !result.EndsStickiness || !in.NeedsServices() {
		return result
	}
	in.Services = h.services(ctx, r, LiveNotSticky)
	return policy.Evaluate(in)
}

// services returns what is known of the Services that an Ingress sends to.
func (h *Handler) services(ctx context.Context, r *review, live Live) policy.Services {
	services, err := h.Cluster.Services(ctx, r.namespace, r.object.Backends, live)
	if err != nil {
		h.Log.Warn("can't read Services; existing stickiness is kept", "namespace", r.namespace, "name", r.name, "error", err)
	}
	services.Unknown = err != nil
	return services
}

// check returns an error unless the review is one that this path serves.
func (h *Handler) check(r *review) error {
	if err := h.checkHead(r); err != nil {
		return err
	}
	if r.object == nil {
		return fail(http.StatusBadRequest, "this admission review has no object")
	}
	return nil
}

// checkHead returns an error unless the path serves a review by what stands in front of its
// object. Of a review that is too large nothing else is read.
func (h *Handler) checkHead(r *review) error {
	switch want := h.kind; {
	case r.kind != "AdmissionReview" || r.apiVersion != admissionv1.SchemeGroupVersion.String():
		return fail(http.StatusBadRequest, "this is %q %q, not an AdmissionReview of %s", r.apiVersion, r.kind, admissionv1.SchemeGroupVersion)
	case !r.hasRequest || r.uid == "":
		return fail(http.StatusBadRequest, "this admission review has no request with a uid")
	case len(r.uid) > maxText:
		return fail(http.StatusBadRequest, "this admission review's uid has %d bytes", len(r.uid))
	case r.objectKind != want.kind || r.group != want.group || r.version != want.version || r.subResource != "":
		return fail(http.StatusBadRequest, "this path serves %s of %s/%s, not %s of %s/%s with subresource %q",
			want.kind, want.group, want.version, r.objectKind, r.group, r.version, r.subResource)
	case r.operation != string(admissionv1.Create) && r.operation != string(admissionv1.Update):
		return fail(http.StatusBadRequest, "this path serves CREATE and UPDATE, not %q", r.operation)
	}
	return nil
}

// jsonType is shared by all answers and must not be modified.
var jsonType = []string{"application/json"}

// encode encodes an answer and takes room for it if it is large. The caller must send it.
func (h *Handler) encode(a *answer) (*encoder, error) {
	e := h.encoders.get()
	if err := a.encode(e); err != nil {
		h.encoders.put(e)
		return nil, fail(http.StatusInternalServerError, "encoding the answer: %v", err)
	}
	if size := int64(len(e.answer)); size > firstBuffer {
		// The answer contains them.
		e.patch, e.changes = nil, nil
		if !h.bodies.answers.take(size) {
			return nil, unavailable("too many bytes of other answers are being sent")
		}
	}
	return e, nil
}

// send sends an answer, and returns its memory.
func (h *Handler) send(w http.ResponseWriter, e *encoder) {
	size := len(e.answer)
	if size > firstBuffer {
		defer h.bodies.answers.giveBack(int64(size))
	}
	header := w.Header()
	header["Content-Type"] = jsonType
	header["Content-Length"] = []string{strconv.Itoa(size)}
	// If the client has gone there is no one to report the error to.
	_, _ = w.Write(e.answer)
	h.encoders.put(e)
}
