package chart

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	admissionregistration "k8s.io/api/admissionregistration/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	groupversion "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/cel/environment"
)

// The match conditions, run by the API server's own matcher. An error in one would
// be a silent skip.

// metadata is what the conditions read of an object.
type metadata struct{ labels, annotations map[string]string }

// call is a write, and the webhooks that the API server calls for it if it is one of
// an Ingress or of a Service.
type call struct {
	write string
	// old is nil for a CREATE.
	object, old      *metadata
	ingress, service bool
}

var (
	plain   = &metadata{}
	empty   = &metadata{map[string]string{}, map[string]string{}}
	other   = &metadata{map[string]string{"app": "chat", "example.com/holdfast.dev": "x"}, map[string]string{"accept.holdfast.dev/rule": "known"}}
	sticky  = label("holdfast.dev/sticky-session", "true")
	ignored = label("holdfast.dev/policy", "ignore")
	// optedOut is an object whose opt-out nobody has seen yet.
	optedOut = &metadata{ignored.labels, record.annotations}
	record   = annotation("holdfast.dev/injected", "{}")
)

var calls = []call{
	{"created plain", plain, nil, true, false},
	{"created with empty maps", empty, nil, true, false},
	{"created with keys of others", other, nil, true, false},
	{"created with 257 labels of others", many("labels", 257), nil, true, true},
	{"created with 256 labels of others", many("labels", 256), nil, true, false},
	{"created with 257 annotations of others", many("annotations", 257), nil, true, true},

	{"created sticky", sticky, nil, true, true},
	{"created with an annotation", annotation("holdfast.dev/sticky-session-timeout", "3h"), nil, true, true},
	{"created with a mistyped label", label("holdfast.dev/sticky-sessions", "true"), nil, true, true},
	{"created with an annotation as a label", label("holdfast.dev/idle-timeout", "1h"), nil, true, true},
	{"created with a mistyped annotation", annotation("holdfast.dev/idle-timeuot", "1h"), nil, true, true},
	{"created with a mistyped opt-out", label("holdfast.dev/policy", "Ignore"), nil, true, true},
	{"created with an empty opt-out", label("holdfast.dev/policy", ""), nil, true, true},
	{"created with the opt-out as an annotation", annotation("holdfast.dev/policy", "ignore"), nil, true, true},

	{"created ignored", ignored, nil, false, false},
	{"created ignored and sticky", &metadata{map[string]string{"holdfast.dev/policy": "ignore", "holdfast.dev/sticky-session": "true"}, nil}, nil, false, false},
	{"created ignored with a record", optedOut, nil, true, true},

	{"updated, never asked", plain, plain, true, false},
	{"updated, asks now", sticky, plain, true, true},
	{"updated, asked before", plain, sticky, true, true},
	{"updated, had 257 labels", plain, many("labels", 257), true, true},
	{"updated, the record removed", plain, record, true, true},
	{"updated, the record and its map removed", label("app", "chat"), record, true, true},

	{"updated, opts out of nothing", ignored, plain, false, false},
	{"updated, opts out of what was injected", optedOut, record, true, true},
	{"updated, opted out before, still injected", optedOut, optedOut, true, true},
	{"updated, opted out and not injected", ignored, ignored, false, false},
	{"updated, opts out without the record", ignored, record, false, false},
	{"updated, opts in", plain, ignored, true, true},
}

func TestTheMatchConditionsDecideWhoCalls(t *testing.T) {
	ingress, service := matchers(t)
	for _, c := range calls {
		assertMatch(t, c.ingress, ingress, c)
		assertMatch(t, c.service, service, c)
	}
}

// Where users can't opt out, the label takes no object out.
func TestAnIgnoredObjectCallsWhereIgnoreIsNotHonored(t *testing.T) {
	ingress, service := matchers(t, "--set", "policy.ignoreLabel=warn")
	for _, c := range calls {
		assertMatch(t, true, ingress, c)
		assertMatch(t, c.service || isIgnored(c.object) || isIgnored(c.old), service, c)
	}
}

// A controller that reads timeouts from Services needs them on each.
func TestEveryServiceCallsWhereTimeoutsGoOntoServices(t *testing.T) {
	_, service := matchers(t, withValues(t, `{policy: {ingressClasses: {edge: {dialect: kong, options: {serviceTimeouts: true}}}}}`))
	for _, c := range calls {
		assertMatch(t, c.ingress, service, c)
	}
}

func TestServiceTimeoutsOfAnyControllerMakeEveryServiceCall(t *testing.T) {
	for classes, every := range map[string]bool{
		`{}`:                                   false,
		`null`:                                 false,
		`{edge: {dialect: kong}}`:              false,
		`{edge: {dialect: kong, options: {}}}`: false,
		`{edge: {dialect: kong, options: {upstreamPolicy: sticky}}}`:                                                      false,
		`{edge: {dialect: kong, options: {serviceTimeouts: false}}}`:                                                      false,
		`{edge: {dialect: kong, options: {serviceTimeouts: "false"}}}`:                                                    false,
		`{edge: {dialect: kong, options: {serviceTimeouts: true}}}`:                                                       true,
		`{edge: {dialect: kong, options: {serviceTimeouts: "true"}}}`:                                                     true,
		`{"": {dialect: traefik}, edge: {dialect: gke, options: {serviceTimeouts: true}}, old: {dialect: ingress-nginx}}`: true,
	} {
		webhooks := template(t, withValues(t, `{policy: {ingressClasses: `+classes+`}}`)).configurations[0].Webhooks
		assert.Len(t, webhooks[0].MatchConditions, 1, classes)
		assert.Equal(t, every, len(webhooks[1].MatchConditions) == 1, classes)
	}
	named := template(t, withValues(t, `{policy: {controllers: {example.com/kong: {dialect: kong, options: {serviceTimeouts: true}}}}}`))
	assert.Len(t, named.configurations[0].Webhooks[1].MatchConditions, 1, "a controller that the policy names has options too")
}

func label(key, value string) *metadata { return &metadata{labels: map[string]string{key: value}} }

func annotation(key, value string) *metadata {
	return &metadata{annotations: map[string]string{key: value}}
}

// many returns metadata with that many keys of others.
func many(place string, count int) *metadata {
	keys := make(map[string]string, count)
	for i := range count {
		keys[fmt.Sprintf("example.com/%d", i)] = "x"
	}
	if place == "labels" {
		return &metadata{labels: keys}
	}
	return &metadata{annotations: keys}
}

func isIgnored(m *metadata) bool { return m != nil && m.labels["holdfast.dev/policy"] == "ignore" }

// matchers compiles the conditions of both webhooks.
func matchers(t *testing.T, flags ...string) (ingress, service matchconditions.Matcher) {
	t.Helper()
	webhooks := template(t, flags...).configurations[0].Webhooks
	require.Len(t, webhooks, 2)
	return matcher(t, webhooks[0]), matcher(t, webhooks[1])
}

// oldest is what the API server of the oldest Kubernetes that the chart allows
// compiles for: the libraries of the release before.
var oldest = environment.MustBaseEnvSet(version.MajorMinor(1, 29))

func matcher(t *testing.T, webhook admissionregistration.MutatingWebhook) matchconditions.Matcher {
	t.Helper()
	var expressions []cel.ExpressionAccessor
	for _, condition := range webhook.MatchConditions {
		expressions = append(expressions, new(matchconditions.MatchCondition(condition)))
	}
	evaluator := cel.NewConditionCompiler(oldest).CompileCondition(
		expressions, cel.OptionalVariableDeclarations{HasAuthorizer: true}, environment.NewExpressions)
	require.Empty(t, evaluator.CompilationErrors())
	return matchconditions.NewMatcher(evaluator, nil, "webhook", "admit", webhook.Name)
}

func assertMatch(t *testing.T, want bool, m matchconditions.Matcher, c call) {
	t.Helper()
	result := m.Match(t.Context(), attributes(c.object, c.old), nil, nil)
	assert.NoError(t, result.Error, c.write)
	assert.Equal(t, want, result.Matches, c.write)
}

// attributes are a request as the API server has it. The conditions don't read the
// kind.
func attributes(object, old *metadata) *admission.VersionedAttributes {
	operation, now, before := admission.Create, object.object(), runtime.Object(nil)
	if old != nil {
		operation, before = admission.Update, old.object()
	}
	kind := groupversion.GroupVersionKind{Version: "v1", Kind: "Service"}
	return &admission.VersionedAttributes{
		Attributes: admission.NewAttributesRecord(now, before, kind, "chat", "chat",
			groupversion.GroupVersionResource{Version: "v1", Resource: "services"}, "", operation, nil, false, nil),
		VersionedKind:      kind,
		VersionedObject:    now,
		VersionedOldObject: before,
	}
}

func (m *metadata) object() runtime.Object {
	return &meta.PartialObjectMetadata{
		TypeMeta:   meta.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: meta.ObjectMeta{Name: "chat", Namespace: "chat", Labels: m.labels, Annotations: m.annotations},
	}
}
