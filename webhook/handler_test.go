package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	gomodules "gomodules.xyz/jsonpatch/v2"
	admissionv1 "k8s.io/api/admission/v1"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// fixedCluster is a Cluster with fixed content.
type fixedCluster struct {
	namespaces map[string]Namespace
	classes    []policy.IngressClass
	err        error
}

func (c fixedCluster) Namespace(_ context.Context, name string) (Namespace, error) {
	if namespace, ok := c.namespaces[name]; ok {
		return namespace, nil
	}
	if c.err != nil {
		return Namespace{}, c.err
	}
	return Namespace{}, ErrUnknownNamespace
}

func (c fixedCluster) Services(context.Context, string, []string, Live) (policy.Services, error) {
	return policy.Services{}, nil
}

func (c fixedCluster) IngressClasses() []policy.IngressClass { return c.classes }

func inMode(mode policy.Mode) Namespace {
	return Namespace{policy.Namespace{Name: "shop"}, mode}
}

// newHandlers returns the handlers of a webhook with the built-in policy.
func newHandlers(tb testing.TB, cluster Cluster) map[string]http.Handler {
	tb.Helper()
	return handlersOf(tb, cluster, "")
}

func handlersOf(tb testing.TB, cluster Cluster, policyFile string) map[string]http.Handler {
	tb.Helper()
	return newHandlersFor(tb, cluster, policyFile, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
}

// newHandlersFor returns handlers that use the registry and the log.
func newHandlersFor(tb testing.TB, cluster Cluster, policyFile string, registry *prometheus.Registry, log *slog.Logger) map[string]http.Handler {
	tb.Helper()
	metrics, err := NewMetrics(registry, func() time.Time { return time.Time{} })
	require.NoError(tb, err)
	return Handlers(Options{Policies: NewPolicies(policyFile, log, metrics), Cluster: cluster, Metrics: metrics, Log: log})
}

// post sends a body in the way of an API server.
func post(handler http.Handler, path, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, path+"?timeout=3s", strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

func answerOf(t *testing.T, recorder *httptest.ResponseRecorder) *admissionv1.AdmissionResponse {
	t.Helper()
	require.Equal(t, http.StatusOK, recorder.Code, recorder.Body.String())
	var review admissionv1.AdmissionReview
	require.NoError(t, json.Unmarshal(recorder.Body.Bytes(), &review))
	return review.Response
}

const (
	anIngress = `{"group":"networking.k8s.io","version":"v1","kind":"Ingress"}`
	aService  = `{"group":"","version":"v1","kind":"Service"}`
)

// reviewOf returns an admission review in the form that an API server sends.
func reviewOf(kind, operation, object, old string) string {
	return `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"7f3c","kind":` + kind +
		`,"name":"chat","namespace":"shop","operation":"` + operation + `","object":` + object + `,"oldObject":` + old + `,"dryRun":false}}`
}

const chatIngress = `{"kind":"Ingress","apiVersion":"networking.k8s.io/v1",` +
	`"metadata":{"name":"chat","namespace":"shop","managedFields":[{"fieldsV1":{"f:spec":{}}}]},` +
	`"spec":{"ingressClassName":"nginx","rules":[{"host":"chat.example.com","http":{"paths":[` +
	`{"path":"/","pathType":"Prefix","backend":{"service":{"name":"chat","port":{"number":80}}}}]}}]},"status":{"loadBalancer":{}}}`

const stickyService = `{"kind":"Service","apiVersion":"v1",` +
	`"metadata":{"name":"chat","namespace":"shop","labels":{"holdfast.dev/sticky-session":"true"},"annotations":{"team":"chat"}},` +
	`"spec":{"ports":[{"port":80}],"type":"ClusterIP","sessionAffinity":"None"}}`

func TestAnIngressIsPatched(t *testing.T) {
	handlers := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}})
	response := answerOf(t, post(handlers[IngressPath], IngressPath, reviewOf(anIngress, "CREATE", chatIngress, "null")))
	assert.True(t, response.Allowed)
	assert.EqualValues(t, "7f3c", response.UID)
	assert.Empty(t, response.Warnings, "an injection alone causes no warning")
	assert.JSONEq(t, `[
		{"op":"add","path":"/metadata/annotations","value":{}},
		{"op":"add","path":"/metadata/annotations/nginx.ingress.kubernetes.io~1proxy-read-timeout","value":"3600"},
		{"op":"add","path":"/metadata/annotations/nginx.ingress.kubernetes.io~1proxy-send-timeout","value":"3600"},
		{"op":"add","path":"/metadata/annotations/holdfast.dev~1injected",
			"value":"{\"nginx.ingress.kubernetes.io/proxy-read-timeout\":\"3600\",\"nginx.ingress.kubernetes.io/proxy-send-timeout\":\"3600\"}"}
	]`, string(response.Patch))
	assert.Equal(t, `{"nginx.ingress.kubernetes.io/proxy-read-timeout":"3600","nginx.ingress.kubernetes.io/proxy-send-timeout":"3600"}`,
		response.AuditAnnotations["changes"])
	assert.Len(t, response.AuditAnnotations["policy"], 64)
}

func TestAStickyServiceIsPatchedAndLaterReset(t *testing.T) {
	handler := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}})[ServicePath]
	response := answerOf(t, post(handler, ServicePath, reviewOf(aService, "CREATE", stickyService, "null")))
	assert.JSONEq(t, `[
		{"op":"add","path":"/spec/sessionAffinity","value":"ClientIP"},
		{"op":"add","path":"/spec/sessionAffinityConfig","value":{"clientIP":{"timeoutSeconds":10800}}},
		{"op":"add","path":"/metadata/annotations/holdfast.dev~1injected","value":"{\"/spec/sessionAffinity\":\"ClientIP/10800\"}"}
	]`, string(response.Patch))

	injected := applyPatch(t, stickyService, response.Patch)
	unlabelled := strings.Replace(injected, `"holdfast.dev/sticky-session":"true"`, `"app":"chat"`, 1)
	response = answerOf(t, post(handler, ServicePath, reviewOf(aService, "UPDATE", unlabelled, injected)))
	assert.JSONEq(t, `[
		{"op":"remove","path":"/spec/sessionAffinity"},
		{"op":"remove","path":"/spec/sessionAffinityConfig"},
		{"op":"remove","path":"/metadata/annotations/holdfast.dev~1injected"}
	]`, string(response.Patch))
}

func applyPatch(t *testing.T, object string, patch []byte) string {
	t.Helper()
	decoded, err := jsonpatch.DecodePatch(patch)
	require.NoError(t, err)
	out, err := decoded.Apply([]byte(object))
	require.NoError(t, err, "every patch applies: %s", patch)
	return string(out)
}

// An independent diff of the object and the patched object must have the same
// paths and values as the patch.
func TestThePatchAgreesWithAnIndependentDiff(t *testing.T) {
	handlers := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}})
	annotated := strings.Replace(chatIngress, `"managedFields"`, `"annotations":{"a~b/c":"\"<&>\u2028"},"managedFields"`, 1)
	for name, c := range map[string]struct{ path, kind, object string }{
		"an Ingress with annotations": {IngressPath, anIngress, annotated},
		"a sticky Ingress":            {IngressPath, anIngress, withLabel(annotated, "true")},
		"a sticky Service":            {ServicePath, aService, stickyService},
	} {
		t.Run(name, func(t *testing.T) {
			patch := answerOf(t, post(handlers[c.path], c.path, reviewOf(c.kind, "CREATE", c.object, "null"))).Patch
			diff, err := gomodules.CreatePatch([]byte(c.object), []byte(applyPatch(t, c.object, patch)))
			require.NoError(t, err)
			var ours []gomodules.Operation
			require.NoError(t, json.Unmarshal(patch, &ours))
			assert.Equal(t, valuesByPath(t, diff), valuesByPath(t, ours))
		})
	}
}

// valuesByPath returns the values of operations by path. It ignores the difference
// between add and replace, which have the same effect.
func valuesByPath(t *testing.T, operations []gomodules.Operation) map[string]string {
	t.Helper()
	values := make(map[string]string)
	for _, o := range operations {
		value, err := json.Marshal(o.Value)
		require.NoError(t, err)
		values[o.Path] = string(value)
	}
	return values
}

func TestAnInjectedObjectIsNotChangedAgain(t *testing.T) {
	handlers := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}})
	for path, c := range map[string]struct{ kind, object string }{
		IngressPath: {anIngress, chatIngress}, ServicePath: {aService, stickyService},
	} {
		first := answerOf(t, post(handlers[path], path, reviewOf(c.kind, "CREATE", c.object, "null")))
		injected := applyPatch(t, c.object, first.Patch)
		second := answerOf(t, post(handlers[path], path, reviewOf(c.kind, "UPDATE", injected, injected)))
		assert.True(t, second.Allowed)
		assert.Nil(t, second.Patch, path)
		assert.Nil(t, second.PatchType, path)
	}
}

var faultyIngress = strings.Replace(chatIngress, `"managedFields"`, `"annotations":{"holdfast.dev/idle-timeout":"soon"},"managedFields"`, 1)

func TestARefusalHasAMessageAndACause(t *testing.T) {
	handlers := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}})
	response := answerOf(t, post(handlers[IngressPath], IngressPath, reviewOf(anIngress, "CREATE", faultyIngress, "null")))
	assert.False(t, response.Allowed)
	assert.Nil(t, response.Patch)
	assert.NotContains(t, response.AuditAnnotations, "changes")
	status := response.Result
	assert.EqualValues(t, http.StatusUnprocessableEntity, status.Code)
	assert.EqualValues(t, "Invalid", status.Reason)
	const sentence = `Invalid value: "soon": must be a duration: "1h", "90m", or "3600" for seconds (holdfast)`
	assert.Equal(t, `metadata.annotations[holdfast.dev/idle-timeout]: `+sentence, status.Message)
	require.Len(t, status.Details.Causes, 1)
	assert.Equal(t, sentence, status.Details.Causes[0].Message)
	assert.Equal(t, "metadata.annotations[holdfast.dev/idle-timeout]", status.Details.Causes[0].Field)
	assert.Equal(t, "chat", status.Details.Name)
}

// kubectl prints the name, which the API server has not made yet: "The Ingress "" is
// invalid" would not say which of several manifests is meant.
func TestARefusalNamesAnObjectWithoutAName(t *testing.T) {
	handlers := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}})
	unnamed := strings.Replace(faultyIngress, `"name":"chat"`, `"generateName":"chat-"`, 1)
	review := strings.Replace(reviewOf(anIngress, "CREATE", unnamed, "null"), `"name":"chat","namespace":"shop","operation"`, `"namespace":"shop","operation"`, 1)
	response := answerOf(t, post(handlers[IngressPath], IngressPath, review))
	assert.False(t, response.Allowed)
	assert.Equal(t, "chat-", response.Result.Details.Name)
}

func TestAWriteThatWouldBeRefusedWouldNotBeChanged(t *testing.T) {
	for mode, want := range map[policy.Mode][]string{
		policy.Warn: {
			`Ingress chat: holdfast.dev/idle-timeout: would be refused: invalid value "soon": must be a duration: "1h", "90m", or "3600" for seconds (holdfast)`,
		},
		policy.Audit: nil,
	} {
		handlers := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(mode)}})
		response := answerOf(t, post(handlers[IngressPath], IngressPath, reviewOf(anIngress, "CREATE", faultyIngress, "null")))
		assert.True(t, response.Allowed, mode)
		assert.Nil(t, response.Patch, mode)
		assert.Equal(t, want, response.Warnings, mode)
		assert.Equal(t, "invalid-value", response.AuditAnnotations["findings"], mode)
		assert.NotContains(t, response.AuditAnnotations, "changes", mode)
	}
}

func TestANamespaceWithoutALabelIsNotCovered(t *testing.T) {
	handlers := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode("")}})
	response := answerOf(t, post(handlers[IngressPath], IngressPath, reviewOf(anIngress, "CREATE", chatIngress, "null")))
	assert.True(t, response.Allowed)
	assert.Nil(t, response.Patch)
}

func TestAnObjectThatIsBeingDeletedIsNotChanged(t *testing.T) {
	handlers := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}})
	deleting := strings.Replace(faultyIngress, `"name":"chat"`, `"name":"chat","deletionTimestamp":"2026-11-21T00:00:00Z"`, 1)
	response := answerOf(t, post(handlers[IngressPath], IngressPath, reviewOf(anIngress, "UPDATE", deleting, faultyIngress)))
	assert.True(t, response.Allowed)
	assert.Nil(t, response.Patch)
	assert.Empty(t, response.Warnings)
}

func TestARequestThatIsNoReviewOfThisPathIsABadRequest(t *testing.T) {
	handlers := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}})
	good := reviewOf(anIngress, "CREATE", chatIngress, "null")
	for name, c := range map[string]struct {
		body   string
		status int
		want   string
	}{
		"nothing":        {"", 400, "this is not an admission review"},
		"no JSON":        {"<html>", 400, "this is not an admission review"},
		"null":           {"null", 400, `not an AdmissionReview`},
		"a list":         {"[]", 400, "must be an object"},
		"half a review":  {good[:len(good)/2], 400, "this is not an admission review"},
		"no request":     {`{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}`, 400, "has no request"},
		"a null request": {`{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":null}`, 400, "has no request"},
		"v1beta1": {
			strings.Replace(good, "admission.k8s.io/v1", "admission.k8s.io/v1beta1", 1), 400, "not an AdmissionReview of admission.k8s.io/v1",
		},
		"a null object":         {reviewOf(anIngress, "CREATE", "null", "null"), 400, "has no object"},
		"a DELETE":              {reviewOf(anIngress, "DELETE", "null", chatIngress), 400, `not "DELETE"`},
		"a Service":             {reviewOf(aService, "CREATE", stickyService, "null"), 400, "this path serves Ingress"},
		"a number for a string": {strings.Replace(good, `"7f3c"`, `7`, 1), 400, "at /request/uid: must be a string"},
		"an annotation that is a number": {
			reviewOf(anIngress, "CREATE", `{"metadata":{"annotations":{"a":1}}}`, "null"), 400,
			"at /request/object/metadata/annotations/a: must be a string",
		},
	} {
		t.Run(name, func(t *testing.T) {
			recorder := post(handlers[IngressPath], IngressPath, c.body)
			assert.Equal(t, c.status, recorder.Code)
			assert.Contains(t, recorder.Body.String(), c.want)
			assert.Empty(t, recorder.Header().Get("Retry-After"), "a retry would fail again")
		})
	}
}

func TestOtherMethodsAndTypesAreRefused(t *testing.T) {
	handler := newHandlers(t, fixedCluster{})[IngressPath]
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, IngressPath, nil))
	assert.Equal(t, http.StatusMethodNotAllowed, recorder.Code)

	request := httptest.NewRequest(http.MethodPost, IngressPath, strings.NewReader("{}"))
	request.Header.Set("Content-Type", "text/plain")
	recorder = httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	assert.Equal(t, http.StatusUnsupportedMediaType, recorder.Code)
}

func TestAFailureThatMayPassAsksForARetry(t *testing.T) {
	for name, cluster := range map[string]fixedCluster{
		"an unknown namespace":      {},
		"an unreachable API server": {err: errors.New("connection refused")},
	} {
		recorder := post(newHandlers(t, cluster)[IngressPath], IngressPath, reviewOf(anIngress, "CREATE", chatIngress, "null"))
		assert.Equal(t, http.StatusServiceUnavailable, recorder.Code, name)
		assert.Equal(t, "1", recorder.Header().Get("Retry-After"), name)
		assert.Equal(t, "close", recorder.Header().Get("Connection"), name)
	}
}

// panicking is a Cluster with a bug.
type panicking struct{ fixedCluster }

func (panicking) Namespace(context.Context, string) (Namespace, error) { panic("a bug") }

func TestAPanicIsAnErrorAndNoDenial(t *testing.T) {
	recorder := post(newHandlers(t, panicking{})[IngressPath], IngressPath, reviewOf(anIngress, "CREATE", chatIngress, "null"))
	assert.Equal(t, http.StatusInternalServerError, recorder.Code)
	assert.NotContains(t, recorder.Body.String(), "allowed")
}

func TestLargeBodies(t *testing.T) {
	handler := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}})[IngressPath]
	good := reviewOf(anIngress, "CREATE", chatIngress, "null")
	padded := func(size int) string { return good + strings.Repeat(" ", size-len(good)) }

	assert.Equal(t, http.StatusOK, post(handler, IngressPath, padded(maxBody)).Code)
	assert.Equal(t, http.StatusOK, post(handler, IngressPath, padded(maxUnread)).Code)
	assert.Equal(t, http.StatusRequestEntityTooLarge, post(handler, IngressPath, padded(maxUnread+1)).Code)

	endless := httptest.NewRequest(http.MethodPost, IngressPath, io.MultiReader(strings.NewReader(good), endlessSpaces{}))
	endless.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, endless)
	assert.Equal(t, http.StatusRequestEntityTooLarge, recorder.Code)
}

type endlessSpaces struct{}

func (endlessSpaces) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat([]byte(" "), len(p))), nil
}

func TestTooManyBytesInFlightAskForARetry(t *testing.T) {
	handlers := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}})
	bodies := handlers[IngressPath].(*Handler).bodies
	require.True(t, bodies.small.take(smallRoom))
	good := reviewOf(anIngress, "CREATE", chatIngress, "null")
	recorder := post(handlers[IngressPath], IngressPath, good)
	assert.Equal(t, http.StatusServiceUnavailable, recorder.Code)
	assert.Equal(t, "1", recorder.Header().Get("Retry-After"))
	bodies.small.giveBack(smallRoom)
	assert.Equal(t, http.StatusOK, post(handlers[IngressPath], IngressPath, good).Code)
}

// everyController returns a cluster with a class for each dialect, named like it.
func everyController() Cluster {
	cluster := enforced
	for _, d := range dialect.All() {
		if len(d.Class.Controllers) > 0 {
			cluster.classes = append(cluster.classes, policy.IngressClass{Name: d.Name, Controller: d.Class.Controllers[0]})
		}
	}
	return &laggingCluster{fixedCluster: cluster, live: []policy.StickyService{{Name: "chat"}}}
}

// FuzzServe checks that every body gets an answer, and that a patch applies and
// changes only annotations of the dialects, the record and the session affinity.
func FuzzServe(f *testing.F) {
	for _, body := range []string{
		"", "null", "{}", "[]", `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"1","object":{}}}`,
		reviewOf(anIngress, "CREATE", chatIngress, "null"), reviewOf(anIngress, "UPDATE", faultyIngress, chatIngress),
		reviewOf(aService, "CREATE", stickyService, "null"), reviewOf(aService, "DELETE", "null", stickyService),
		reviewOf(anIngress, "CREATE", `{"metadata":{"annotations":null},"spec":null}`, "null"),
		reviewOf(anIngress, "CREATE", `{"metadata":{"annotations":{},"annotations":{"holdfast.dev/injected":"{\"x\":1}"}}}`, `[]`),
		reviewOf(aService, "UPDATE", `{"metadata":{},"spec":{"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":1e99}}}}`, "null"),
	} {
		f.Add([]byte(body))
	}
	for _, d := range dialect.All() {
		ofClass := strings.Replace(chatIngress, `"ingressClassName":"nginx"`, `"ingressClassName":"`+d.Name+`"`, 1)
		f.Add([]byte(reviewOf(anIngress, "CREATE", ofClass, "null")))
	}
	handlers := newHandlers(f, everyController())
	f.Fuzz(func(t *testing.T, body []byte) {
		for path, handler := range handlers {
			recorder := post(handler, path, string(body))
			if recorder.Code != http.StatusOK {
				require.NotEqual(t, http.StatusInternalServerError, recorder.Code, "%s", recorder.Body)
				continue
			}
			checkPatch(t, handler.(*Handler).kind.kind, body, answerOf(t, recorder).Patch)
		}
	})
}

func checkPatch(t *testing.T, kind policy.Kind, body, patch []byte) {
	if patch == nil {
		return
	}
	var operations []struct{ Op, Path string }
	require.NoError(t, json.Unmarshal(patch, &operations))
	for _, o := range operations {
		name, annotation := strings.CutPrefix(o.Path, "/metadata/annotations/")
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
		_, owned := dialect.Owner(name, "", kind)
		known := annotation && (owned || name == policy.RecordAnnotation) ||
			o.Path == "/metadata/annotations" || o.Path == "/spec/sessionAffinity" || o.Path == "/spec/sessionAffinityConfig"
		require.True(t, known, "%s", o.Path)
	}
	var review struct {
		Request struct{ Object json.RawMessage }
	}
	if json.Unmarshal(body, &review) == nil {
		applyPatch(t, string(review.Request.Object), patch)
	}
}
