package chart

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	celgo "github.com/google/cel-go/cel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	admissionregistration "k8s.io/api/admissionregistration/v1"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// maxMessage leaves room for what the API server puts before a message.
const maxMessage = 140

// The policy on Namespaces, run by the API server's own evaluator.
func TestMistakesOnANamespaceAreReported(t *testing.T) {
	const (
		badMode    = "holdfast.dev/policy: must be one of enforce, warn, audit; Holdfast ignores any other value"
		isLabel    = "holdfast.dev/policy: must be a label; move it from metadata.annotations to metadata.labels"
		onObjects  = "holdfast.dev/sticky-session: no effect on a Namespace; label the Ingress or Service"
		isDuration = `holdfast.dev/idle-timeout: must be a duration: "1h", "90m", or "3600" for seconds`
		known      = "; known: idle-timeout, sticky-session-timeout, read-timeout, send-timeout, connect-timeout"
	)
	policy := compileNamespacePolicy(t)
	enforce := label("holdfast.dev/policy", "enforce")
	for _, c := range []struct {
		write       string
		object, old *metadata
		want        []string
	}{
		{"nothing", plain, nil, nil},
		{"empty maps", empty, nil, nil},
		{"keys of others", other, nil, nil},
		{"enforce", enforce, nil, nil},
		{"warn", label("holdfast.dev/policy", "warn"), enforce, nil},
		{"audit", label("holdfast.dev/policy", "audit"), plain, nil},
		{"no label any more", plain, enforce, nil},
		{"every annotation", &metadata{annotations: map[string]string{
			"holdfast.dev/idle-timeout": "1h", "holdfast.dev/read-timeout": "90m", "holdfast.dev/send-timeout": "3600",
			"holdfast.dev/connect-timeout": "1.5s", "holdfast.dev/sticky-session-timeout": "3h0m0s",
		}}, nil, nil},

		{"another mode", label("holdfast.dev/policy", "enforced"), nil, []string{badMode}},
		{"another case", label("holdfast.dev/policy", "Enforce"), plain, []string{badMode}},
		{"a boolean", label("holdfast.dev/policy", "true"), enforce, []string{badMode}},
		{"an empty value", label("holdfast.dev/policy", ""), nil, []string{badMode}},
		{"an object's value", label("holdfast.dev/policy", "ignore"), nil, []string{badMode}},
		{"a bad mode that was there", &metadata{labels: map[string]string{"holdfast.dev/policy": "true", "app": "x"}}, label("holdfast.dev/policy", "true"), nil},
		{"a bad mode instead of another", label("holdfast.dev/policy", "true"), label("holdfast.dev/policy", "yes"), []string{badMode}},

		{"a bad duration", annotation("holdfast.dev/idle-timeout", "soon"), nil, []string{isDuration}},
		{"days", annotation("holdfast.dev/idle-timeout", "2d"), nil, []string{isDuration}},
		{"a long bad duration", annotation("holdfast.dev/idle-timeout", strings.Repeat("1", 200_000)), nil, []string{isDuration}},
		{"a bad duration that was there", annotation("holdfast.dev/idle-timeout", "soon"), annotation("holdfast.dev/idle-timeout", "soon"), nil},

		{"a mistyped annotation", annotation("holdfast.dev/idle-timeuot", "1h"), nil, []string{"holdfast.dev/idle-timeuot: unknown annotation" + known}},
		{"a long mistyped annotation", annotation("holdfast.dev/sticky-session-timeuot", "1h"), nil,
			[]string{"holdfast.dev/sticky-session-timeuot: unknown annotation, ignored; remove it"}},
		{"a record", record, nil, []string{"holdfast.dev/injected: unknown annotation" + known}},
		{"a mistyped label", label("holdfast.dev/polici", "enforce"), nil, []string{"holdfast.dev/polici: unknown label, ignored; remove it"}},
		{"an annotation as a label", label("holdfast.dev/idle-timeout", "1h"), nil, []string{"holdfast.dev/idle-timeout: must be an annotation, not a label"}},
		{"the label as an annotation", annotation("holdfast.dev/policy", "enforce"), nil, []string{isLabel}},
		{"a label of objects", sticky, nil, []string{onObjects}},
		{"a label of objects as an annotation", annotation("holdfast.dev/sticky-session", "true"), nil, []string{onObjects}},
		{"the same mistake twice", &metadata{map[string]string{"holdfast.dev/a": "", "holdfast.dev/b": ""}, nil}, plain,
			[]string{"holdfast.dev/… and 1 more: unknown label, ignored; remove it"}},
		{"one mistake more", &metadata{map[string]string{"holdfast.dev/a": "", "holdfast.dev/b": ""}, nil}, label("holdfast.dev/b", ""),
			[]string{"holdfast.dev/a: unknown label, ignored; remove it"}},
		{"several mistakes", &metadata{map[string]string{"holdfast.dev/policy": "on", "holdfast.dev/sticky-session": "true"}, map[string]string{"holdfast.dev/idle-timeout": "x"}}, nil,
			[]string{badMode, onObjects, isDuration}},

		{"as many keys as are looked at", withMistake(many("annotations", 255)), nil, []string{"holdfast.dev/x: unknown annotation" + known}},
		{"too many keys to look at", withMistake(many("annotations", 256)), nil, nil},
	} {
		var got []string
		for _, message := range policy.warnings(t, c.object, c.old) {
			got = append(got, oneOfSeveral.ReplaceAllString(message, "holdfast.dev/… and "))
		}
		assert.Equal(t, c.want, got, c.write)
	}
}

func withMistake(m *metadata) *metadata {
	m.annotations["holdfast.dev/x"] = ""
	return m
}

// A key's name may have 63 characters, and 256 keys are looked at.
func TestMessagesAboutNamespacesAreShort(t *testing.T) {
	mistakes := &metadata{map[string]string{"holdfast.dev/policy": "x"}, map[string]string{"holdfast.dev/policy": "x"}}
	for i := range 120 {
		name := "holdfast.dev/" + strings.Repeat(string(rune('a'+i%26)), 60) + strings.Repeat("x", i/26)
		mistakes.labels[name], mistakes.annotations[name] = "x", strings.Repeat("x", 1000)
	}
	for _, name := range []string{"idle-timeout", "read-timeout", "send-timeout", "connect-timeout", "sticky-session-timeout", "sticky-session"} {
		mistakes.labels["holdfast.dev/"+name], mistakes.annotations["holdfast.dev/"+name] = "x", "x"
	}
	found := compileNamespacePolicy(t).warnings(t, mistakes, nil)
	assert.Len(t, found, 7)
	for _, message := range found {
		assert.LessOrEqual(t, utf8.RuneCountInString(message), maxMessage, message)
	}
}

// The binding can't refuse, and an error in an expression neither.
func TestThePolicyOnNamespacesOnlyWarns(t *testing.T) {
	found := template(t)
	require.Len(t, found.policies, 1)
	require.Len(t, found.policyBindings, 1)
	assert.Equal(t, new(admissionregistration.Ignore), found.policies[0].Spec.FailurePolicy)
	assert.Equal(t, admissionregistration.ValidatingAdmissionPolicyBindingSpec{
		PolicyName:        found.policies[0].Name,
		ValidationActions: []admissionregistration.ValidationAction{admissionregistration.Warn},
	}, found.policyBindings[0].Spec)
}

func TestThePolicyOnNamespacesIsThereWhereItCanBe(t *testing.T) {
	const api = "--api-versions=admissionregistration.k8s.io/v1/"
	for _, c := range []struct {
		flags []string
		there bool
	}{
		{nil, true},
		{[]string{api + "MutatingWebhookConfiguration", api + "ValidatingAdmissionPolicy"}, true},
		{[]string{api + "MutatingWebhookConfiguration"}, false},
		{[]string{"--set", "namespaceWarnings=false"}, false},
	} {
		found := template(t, c.flags...)
		assert.Equal(t, c.there, len(found.policies) == 1, c.flags)
		assert.Equal(t, c.there, len(found.policyBindings) == 1, c.flags)
	}
}

// namespacePolicy is the policy on Namespaces, compiled as the API server compiles it.
type namespacePolicy struct {
	validations, messages cel.ConditionEvaluator
	spec                  admissionregistration.ValidatingAdmissionPolicySpec
}

func compileNamespacePolicy(t *testing.T) namespacePolicy {
	t.Helper()
	policies := template(t).policies
	require.Len(t, policies, 1)
	p := namespacePolicy{spec: policies[0].Spec}
	compiler, err := cel.NewCompositedCompiler(oldest)
	require.NoError(t, err)
	var none cel.OptionalVariableDeclarations
	for _, v := range p.spec.Variables {
		compiled := compiler.CompileAndStoreVariable(expression{v.Name, v.Expression, celgo.AnyType}, none, environment.NewExpressions)
		require.Nil(t, compiled.Error, v.Name)
	}
	var validations, messages []cel.ExpressionAccessor
	for _, v := range p.spec.Validations {
		validations = append(validations, expression{text: v.Expression, result: celgo.BoolType})
		message := v.MessageExpression
		if message == "" {
			message = strconv.Quote(v.Message)
		}
		messages = append(messages, expression{text: message, result: celgo.StringType})
	}
	p.validations = compiler.CompileCondition(validations, none, environment.NewExpressions)
	p.messages = compiler.CompileCondition(messages, none, environment.NewExpressions)
	require.Empty(t, p.validations.CompilationErrors())
	require.Empty(t, p.messages.CompilationErrors())
	return p
}

// warnings returns the messages that a write of a Namespace causes.
func (p namespacePolicy) warnings(t *testing.T, object, old *metadata) []string {
	t.Helper()
	evaluate := func(e cel.ConditionEvaluator) []cel.EvaluationResult {
		results, left, err := e.ForInput(t.Context(), attributes(object, old), nil, cel.OptionalVariableBindings{}, nil, celconfig.RuntimeCELCostBudget)
		require.NoError(t, err)
		assert.Greater(t, left, int64(celconfig.RuntimeCELCostBudget/2), "what is left of the budget")
		return results
	}
	var messages []string
	var texts []cel.EvaluationResult
	for i, result := range evaluate(p.validations) {
		require.NoError(t, result.Error, p.spec.Validations[i].Expression)
		if result.EvalResult.Value() == true {
			continue
		}
		if texts == nil {
			texts = evaluate(p.messages)
		}
		require.NoError(t, texts[i].Error, p.spec.Validations[i].MessageExpression)
		messages = append(messages, texts[i].EvalResult.Value().(string))
	}
	return messages
}

// expression is one of the policy, as the API server's compiler takes it.
type expression struct {
	name, text string
	result     *celgo.Type
}

func (e expression) GetName() string            { return e.name }
func (e expression) GetExpression() string      { return e.text }
func (e expression) ReturnTypes() []*celgo.Type { return []*celgo.Type{e.result} }

// oneOfSeveral matches the key in a message about several: which one it is isn't
// settled.
var oneOfSeveral = regexp.MustCompile(`^holdfast\.dev/\S+ and `)
