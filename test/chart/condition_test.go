package chart

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	groupversion "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/cel/environment"
)

// The condition of the Service webhook, run by the API server's own matcher. An
// error in it would be a silent skip.
func TestServicesCallOnlyIfTheyAskOrAsked(t *testing.T) {
	conditions := template(t).configurations[0].Webhooks[1].MatchConditions
	require.Len(t, conditions, 1)
	expression := matchconditions.MatchCondition(conditions[0])
	compiler := cel.NewConditionCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
	evaluator := compiler.CompileCondition(
		[]cel.ExpressionAccessor{&expression},
		cel.OptionalVariableDeclarations{HasAuthorizer: true},
		environment.NewExpressions,
	)
	require.Empty(t, evaluator.CompilationErrors())
	matcher := matchconditions.NewMatcher(evaluator, nil, "webhook", "admit", "service.holdfast.dev")

	plain := service(nil, nil)
	sticky := service(map[string]string{"holdfast.dev/sticky-session": "true"}, nil)
	recorded := service(nil, map[string]string{"holdfast.dev/injected": "{}"})
	for name, c := range map[string]struct {
		object, old *core.Service
		calls       bool
	}{
		"created plain":                        {plain, nil, false},
		"created sticky":                       {sticky, nil, true},
		"created with an annotation of ours":   {service(nil, map[string]string{"holdfast.dev/sticky-session-timeout": "3h"}), nil, true},
		"created with labels of others":        {service(map[string]string{"app": "chat", "holdfast.dev/policy": "ignore"}, map[string]string{"example.com/team": "edge"}), nil, false},
		"created with an accepted finding":     {service(nil, map[string]string{"accept.holdfast.dev/rule": "known"}), nil, false},
		"updated, never asked":                 {plain, plain, false},
		"updated, asks now":                    {sticky, plain, true},
		"updated, asked before":                {plain, sticky, true},
		"updated, the record taken away":       {plain, recorded, true},
		"updated, labels and no annotations":   {service(map[string]string{"app": "chat"}, nil), recorded, true},
		"updated, sticky with its record kept": {sticky, recorded, true},
	} {
		result := matcher.Match(t.Context(), attributes(c.object, c.old), nil, nil)
		assert.NoError(t, result.Error, name)
		assert.Equal(t, c.calls, result.Matches, name)
	}
}

// A controller that reads timeouts from Services needs them on each.
func TestEveryServiceCallsWhereTimeoutsGoOntoServices(t *testing.T) {
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
		assert.Empty(t, webhooks[0].MatchConditions, classes)
		assert.Equal(t, every, len(webhooks[1].MatchConditions) == 0, classes)
	}
	named := template(t, withValues(t, `{policy: {controllers: {example.com/kong: {dialect: kong, options: {serviceTimeouts: true}}}}}`))
	assert.Empty(t, named.configurations[0].Webhooks[1].MatchConditions, "a controller that the policy names has options too")
}

func service(labels, annotations map[string]string) *core.Service {
	return &core.Service{
		TypeMeta:   meta.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: meta.ObjectMeta{Name: "chat", Namespace: "chat", Labels: labels, Annotations: annotations},
	}
}

// attributes are a request as the API server has it; without an old object it
// is a CREATE.
func attributes(object, old *core.Service) *admission.VersionedAttributes {
	operation := admission.Create
	var before runtime.Object
	if old != nil {
		operation, before = admission.Update, old
	}
	kind := groupversion.GroupVersionKind{Version: "v1", Kind: "Service"}
	return &admission.VersionedAttributes{
		Attributes: admission.NewAttributesRecord(object, before, kind, object.Namespace, object.Name,
			groupversion.GroupVersionResource{Version: "v1", Resource: "services"}, "", operation, nil, false, nil),
		VersionedKind:      kind,
		VersionedObject:    object,
		VersionedOldObject: before,
	}
}
