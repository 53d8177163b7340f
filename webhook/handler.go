// Package webhook serves admission: the bytes of an AdmissionReview come in,
// the engine in package policy is asked, the bytes of the answer go out.
//
// A fault of Holdfast's own leaves as an HTTP error and never as a denial.
// Under failurePolicy Ignore the API server passes over the first, while the
// second would fail a user's write.
package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	admissionv1 "k8s.io/api/admission/v1"

	"github.com/holdfast-dev/holdfast/policy"
)

// Options are what a Handler works with.
type Options struct {
	Policies *Policies
	Cluster  Cluster
	Metrics  *Metrics
	Log      *slog.Logger
}

// Handler answers the admission reviews of one kind of object.
type Handler struct {
	Options
	kind   target
	counts kindMetrics
	bodies *bodies
	noted  *onceEach
}

// target is a kind of object that a path serves.
type target struct {
	group, version string
	kind           policy.Kind
}

// The targets. A path's meaning never changes: a registration may be older or
// newer than the server that it calls.
const (
	IngressPath = "/mutate/ingress"
	ServicePath = "/mutate/service"
)

// Handlers are the handlers of every path. They share their limits.
func Handlers(o Options) map[string]http.Handler {
	bodies, noted := &bodies{metrics: o.Metrics}, new(onceEach)
	handler := func(t target) *Handler {
		return &Handler{o, t, o.Metrics.of(t.kind), bodies, noted}
	}
	return map[string]http.Handler{
		IngressPath: handler(target{"networking.k8s.io", "v1", policy.Ingress}),
		ServicePath: handler(target{"", "v1", policy.Service}),
	}
}

// ServeHTTP answers one review.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	h.counts.requests.Inc()
	defer h.counts.requests.Dec()
	decision, err := h.serve(w, r, start)
	if err != nil {
		h.fail(w, err)
		decision.outcome = outcomeFailed
	}
	h.counts.decided(decision, time.Since(start))
}

// decision is what metrics and logs tell of an answer.
type decision struct {
	dialect string
	outcome outcome
}

// serve writes the answer, unless it returns an error. A panic is an error.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, start time.Time) (made decision, err error) {
	defer func() {
		if p := recover(); p != nil {
			h.Log.Error("panic", "kind", h.kind.kind, "panic", p, "stack", string(debug.Stack()))
			err = fail(http.StatusInternalServerError, "holdfast met a fault of its own")
		}
	}()
	if err := checkRequest(r); err != nil {
		return made, err
	}
	body, err := h.bodies.read(r)
	defer h.bodies.release(body)
	if err != nil {
		return made, bodyFailure(err)
	}
	h.counts.bytes.Add(float64(len(body.bytes)))
	review, err := readReview(body.bytes)
	if err != nil {
		return made, fail(http.StatusBadRequest, "this is no admission review: %v", err)
	}
	if err := h.check(review); err != nil {
		return made, err
	}
	answer, made, err := h.decide(patience{r.Context(), start.Add(timeoutOf(r))}, review)
	if err != nil {
		return made, err
	}
	return made, h.write(w, &answer)
}

// decide asks the engine and words what it says.
func (h *Handler) decide(ctx context.Context, r *review) (answer, decision, error) {
	inForce := h.Policies.Current()
	if inForce == nil {
		return answer{}, decision{}, unavailable("no policy is in force: %v", h.Policies.Ready())
	}
	namespace, err := h.Cluster.Namespace(ctx, r.namespace)
	if err != nil {
		return answer{}, decision{}, unavailable("%v", err)
	}
	if namespace.Mode == "" {
		return answer{uid: r.uid}, decision{outcome: outcomeNotCovered}, nil
	}
	in := h.input(ctx, r, inForce.Policy, namespace)
	result := h.evaluate(ctx, r, in)
	made := decision{outcome: outcomeOf(namespace.Mode, result)}
	if in.Serving.Dialect != nil {
		made.dialect = in.Serving.Dialect.Name
	}
	h.tell(r, made, result)
	return respond(r, namespace.Mode, made.outcome, result, inForce.digest), made, nil
}

// input is what the engine has to know of a review. Before an Ingress is created
// the Services that are new to the cache are read live: they may have been
// written just before.
func (h *Handler) input(ctx context.Context, r *review, p *policy.Policy, namespace Namespace) policy.Input {
	in := policy.Input{Object: &r.object.Object, Namespace: namespace.Namespace, Policy: p}
	if r.old != nil {
		in.Old = &r.old.Object
	}
	classes := h.Cluster.IngressClasses()
	if h.kind.kind == policy.Service {
		in.Controllers = p.Controllers(classes)
		return in
	}
	in.Serving = p.Serving(in.Object, classes)
	if p.Follows(in.Object, in.Serving) {
		live := LiveNone
		if r.operation == string(admissionv1.Create) {
			live = LiveUnknown
		}
		in.Services = h.services(ctx, r, live)
	}
	return in
}

// evaluate asks the engine. Before stickiness is taken back from an Ingress its
// Services are read live, and the engine is asked once more.
func (h *Handler) evaluate(ctx context.Context, r *review, in policy.Input) policy.Result {
	result := policy.Evaluate(in)
	if !result.EndsStickiness || !in.Policy.Follows(in.Object, in.Serving) {
		return result
	}
	in.Services = h.services(ctx, r, LiveNotSticky)
	return policy.Evaluate(in)
}

// services are the sticky ones among those that an Ingress sends to.
func (h *Handler) services(ctx context.Context, r *review, live Live) policy.Services {
	sticky, err := h.Cluster.Services(ctx, r.namespace, r.object.Backends, live)
	if err != nil {
		h.Log.Warn("services not read, stickiness that is there stays", "namespace", r.namespace, "name", r.name, "error", err)
	}
	return policy.Services{Sticky: sticky, Unknown: err != nil}
}

// tell logs the decision, and each note once.
func (h *Handler) tell(r *review, made decision, result policy.Result) {
	for _, n := range result.Notes {
		h.Metrics.noted(n.Rule, made.dialect)
		if h.noted.first(n) {
			h.Log.Warn("note", "rule", n.Rule, "note", n.String())
		}
	}
	ctx := context.Background()
	if !h.Log.Enabled(ctx, made.outcome.level()) {
		return
	}
	h.Log.LogAttrs(ctx, made.outcome.level(), "decision",
		slog.String("kind", string(h.kind.kind)), slog.String("namespace", r.namespace), slog.String("name", r.name),
		slog.String("uid", r.uid), slog.String("operation", r.operation), slog.Bool("dryRun", r.dryRun),
		slog.String("dialect", made.dialect), slog.String("outcome", string(made.outcome)),
		slog.Int("changes", len(result.Changes)), slog.String("rules", rulesOf(result)))
}

// onceEach tells whether a note is new.
type onceEach struct {
	mutex sync.RWMutex
	seen  map[policy.Note]struct{}
}

// mostNotes bounds the memory for texts that quote what users wrote.
const mostNotes = 1000

func (o *onceEach) first(note policy.Note) bool {
	if o.alreadyTold(note) {
		return false
	}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if o.told(note) {
		return false
	}
	if o.seen == nil {
		o.seen = make(map[policy.Note]struct{})
	}
	o.seen[note] = struct{}{}
	return true
}

// alreadyTold answers almost every note, and stops nobody else who asks.
func (o *onceEach) alreadyTold(note policy.Note) bool {
	o.mutex.RLock()
	defer o.mutex.RUnlock()
	return o.told(note)
}

// told says that a note isn't new, or that there are too many.
func (o *onceEach) told(note policy.Note) bool {
	_, known := o.seen[note]
	return known || len(o.seen) >= mostNotes
}

// check holds a review to what this path serves.
func (h *Handler) check(r *review) error {
	switch want := h.kind; {
	case r.kind != "AdmissionReview" || r.apiVersion != admissionv1.SchemeGroupVersion.String():
		return fail(http.StatusBadRequest, "this is %q %q, not an AdmissionReview of %s", r.apiVersion, r.kind, admissionv1.SchemeGroupVersion)
	case !r.hasRequest || r.uid == "":
		return fail(http.StatusBadRequest, "this admission review has no request with a uid")
	case r.objectKind != want.kind || r.group != want.group || r.version != want.version || r.subResource != "":
		return fail(http.StatusBadRequest, "this path serves %s of %s/%s, not %s of %s/%s with subresource %q",
			want.kind, want.group, want.version, r.objectKind, r.group, r.version, r.subResource)
	case r.operation != string(admissionv1.Create) && r.operation != string(admissionv1.Update):
		return fail(http.StatusBadRequest, "this path serves CREATE and UPDATE, not %q", r.operation)
	case r.object == nil:
		return fail(http.StatusBadRequest, "this admission review has no object")
	}
	return nil
}

// checkRequest holds an HTTP request to what an API server sends.
func checkRequest(r *http.Request) error {
	if r.Method != http.MethodPost {
		return fail(http.StatusMethodNotAllowed, "admission reviews come by POST, not by %s", r.Method)
	}
	written := r.Header.Get("Content-Type")
	if written == jsonType[0] {
		return nil
	}
	if media, _, err := mime.ParseMediaType(written); err != nil || media != jsonType[0] {
		return fail(http.StatusUnsupportedMediaType, "admission reviews are application/json, not %q", written)
	}
	return nil
}

// patience is a request's context with the API server's deadline. It doesn't end
// by itself, as a timer is worth its cost only to those who wait: they make a
// context of their own from it.
type patience struct {
	context.Context
	deadline time.Time
}

// Deadline is when the API server waits no longer.
func (p patience) Deadline() (time.Time, bool) { return p.deadline, true }

// timeoutOf is the API server's, which it names in whole seconds.
func timeoutOf(r *http.Request) time.Duration {
	text, only := strings.CutPrefix(r.URL.RawQuery, "timeout=")
	if !only || strings.ContainsAny(text, "&;%+") {
		text = r.URL.Query().Get("timeout")
	}
	timeout, err := time.ParseDuration(text)
	if err != nil || timeout <= 0 || timeout > longestTimeout {
		return longestTimeout
	}
	return timeout
}

// longestTimeout is the most that a registration can ask for.
const longestTimeout = 30 * time.Second

// jsonType is shared by all answers; nobody writes to it.
var jsonType = []string{"application/json"}

func (h *Handler) write(w http.ResponseWriter, a *answer) error {
	buffer := h.bodies.buffers.get()
	// The patch goes ahead of the answer, which quotes it in another form.
	patch := appendPatch((*buffer)[:0], a.object, a.changes)
	all, err := a.appendTo(patch, patch)
	*buffer = all
	if err != nil {
		return fail(http.StatusInternalServerError, "writing the answer: %v", err)
	}
	body := all[len(patch):]
	header := w.Header()
	header["Content-Type"] = jsonType
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	// Whoever asked may be gone; there is nobody else to tell. What HTTP/2 then
	// was about to send it may still be reading, so nobody else gets the buffer.
	if _, err := w.Write(body); err == nil {
		h.bodies.buffers.put(buffer)
	}
	return nil
}

// failure is an error that leaves as an HTTP status.
type failure struct {
	status int
	text   string
}

func (f failure) Error() string { return f.text }

func fail(status int, format string, args ...any) error {
	return failure{status, fmt.Sprintf(format, args...)}
}

// unavailable is a failure that is worth a second try at once. The API server
// tries again within its timeout when it is told after how many seconds
// (client-go rest/with_retry.go), on a new connection and so maybe elsewhere.
func unavailable(format string, args ...any) error {
	return fail(http.StatusServiceUnavailable, format, args...)
}

func bodyFailure(err error) error {
	switch {
	case errors.Is(err, errBodyTooLarge):
		return fail(http.StatusRequestEntityTooLarge, "%v", err)
	case errors.Is(err, errBusy):
		return unavailable("%v", err)
	default:
		return fail(http.StatusBadRequest, "reading the body: %v", err)
	}
}

func (h *Handler) fail(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	var f failure
	if errors.As(err, &f) {
		status = f.status
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
		w.Header().Set("Connection", "close")
	}
	h.Log.Warn("request failed", "kind", h.kind.kind, "status", status, "error", err)
	http.Error(w, err.Error(), status)
}
