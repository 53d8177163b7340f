package chart

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	admissionregistration "k8s.io/api/admissionregistration/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestRegistration(t *testing.T) {
	found := template(t)
	require.Len(t, found.configurations, 1)
	configuration := found.configurations[0]
	assert.Equal(t, "holdfast", configuration.Name)
	assert.Equal(t, map[string]string{"cert-manager.io/inject-ca-from": namespace + "/holdfast-webhook"}, configuration.Annotations)

	require.Len(t, configuration.Webhooks, 2)
	for i, want := range []struct{ name, path, group, resource string }{
		{"ingress.holdfast.dev", "/mutate/ingress", "networking.k8s.io", "ingresses"},
		{"service.holdfast.dev", "/mutate/service", "", "services"},
	} {
		webhook := configuration.Webhooks[i]
		assert.Equal(t, want.name, webhook.Name)
		assert.Equal(t, &admissionregistration.ServiceReference{
			Namespace: namespace, Name: "holdfast-webhook", Path: new(want.path), Port: new(int32(443)),
		}, webhook.ClientConfig.Service)
		assert.Equal(t, []admissionregistration.RuleWithOperations{{
			Operations: []admissionregistration.OperationType{"CREATE", "UPDATE"},
			Rule: admissionregistration.Rule{
				APIGroups: []string{want.group}, APIVersions: []string{"v1"}, Resources: []string{want.resource},
				Scope: new(admissionregistration.NamespacedScope),
			},
		}}, webhook.Rules)
		assert.Equal(t, new(admissionregistration.Ignore), webhook.FailurePolicy)
		assert.Equal(t, new(int32(3)), webhook.TimeoutSeconds)
		assert.Equal(t, new(admissionregistration.SideEffectClassNone), webhook.SideEffects)
		assert.Equal(t, new(admissionregistration.IfNeededReinvocationPolicy), webhook.ReinvocationPolicy)
		assert.Equal(t, new(admissionregistration.Equivalent), webhook.MatchPolicy)
		assert.Equal(t, []string{"v1"}, webhook.AdmissionReviewVersions)
		assert.Equal(t, meta.LabelSelectorRequirement{
			Key: "holdfast.dev/policy", Operator: meta.LabelSelectorOpIn, Values: []string{"enforce", "warn", "audit"},
		}, webhook.NamespaceSelector.MatchExpressions[0])
	}
	assertExcluded(t, found, namespace)
}

// A field that the API server fills in is drift for GitOps tools. A field that
// a new API version adds shows up here.
func TestEveryFieldOfTheRegistrationIsWritten(t *testing.T) {
	configuration := template(t).configurations[0]
	for _, webhook := range configuration.Webhooks {
		// caBundle is the CA injector's.
		assert.Equal(t, []string{"clientConfig.url", "clientConfig.caBundle"}, unset(reflect.ValueOf(webhook), ""))
	}
}

// unset lists the fields without a value, by their JSON path. Selectors count as
// a whole: an empty one says something.
func unset(value reflect.Value, prefix string) []string {
	var found []string
	for field, member := range value.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		path := prefix + name
		if field.Anonymous {
			path = strings.TrimSuffix(prefix, ".")
		}
		switch {
		case member.IsZero():
			found = append(found, path)
		case member.Type() == reflect.TypeFor[*meta.LabelSelector]():
		case member.Kind() == reflect.Struct:
			found = append(found, unset(member, strings.TrimPrefix(path+".", "."))...)
		case member.Kind() == reflect.Pointer && member.Elem().Kind() == reflect.Struct:
			found = append(found, unset(member.Elem(), path+".")...)
		case member.Kind() == reflect.Slice && member.Type().Elem().Kind() == reflect.Struct:
			for i := range member.Len() {
				found = append(found, unset(member.Index(i), fmt.Sprintf("%s.%d.", path, i))...)
			}
		}
	}
	return found
}

// An opt-out that was written while nobody was called would be lost.
func TestNoLabelOfAnObjectSelectsByItself(t *testing.T) {
	for flag, want := range map[string][][]string{
		"policy.ignoreLabel=honor": {{"not-ignored-or-injected"}, {"not-ignored-or-injected", "has-holdfast-key"}},
		"policy.ignoreLabel=null":  {{"not-ignored-or-injected"}, {"not-ignored-or-injected", "has-holdfast-key"}},
		"policy.ignoreLabel=warn":  {nil, {"has-holdfast-key"}},
	} {
		for i, webhook := range template(t, "--set", flag).configurations[0].Webhooks {
			assert.Equal(t, &meta.LabelSelector{}, webhook.ObjectSelector, "%s: %s", flag, webhook.Name)
			var names []string
			for _, condition := range webhook.MatchConditions {
				names = append(names, condition.Name)
			}
			assert.Equal(t, want[i], names, "%s: %s", flag, webhook.Name)
		}
	}
}

func TestFailurePolicyAndTimeoutAreValues(t *testing.T) {
	for _, webhook := range template(t, "--set", "failurePolicy=Fail,timeoutSeconds=7").configurations[0].Webhooks {
		assert.Equal(t, new(admissionregistration.Fail), webhook.FailurePolicy)
		assert.Equal(t, new(int32(7)), webhook.TimeoutSeconds)
	}
}

// Whatever somebody sets, what the cluster and the webhook need to start never
// calls it: each value in turn gets what its type allows, and null.
func TestNoValueTakesAnExclusionAway(t *testing.T) {
	t.Parallel()
	values, err := readSchema(root)
	require.NoError(t, err)
	attempts := []string{
		`{excludedNamespaces: [calico-system, kube-system]}`,
		`{global: {excludedNamespaces: [], namespace: other}}`,
		`{policy: {ignoreLabel: warn}, failurePolicy: Fail}`,
	}
	values.Properties.walk("", func(path string, value property) {
		for _, setting := range settings(value.Default) {
			attempts = append(attempts, nested(path, setting))
		}
	})
	rendered := 0
	for _, attempt := range attempts {
		manifests, err := tryTemplate(t, withValues(t, attempt), "--show-only", "templates/mutatingwebhookconfiguration.yaml")
		if err != nil {
			continue // the schema refuses it, and so nothing is installed
		}
		rendered++
		assertExcluded(t, parse(t, manifests), namespace)
	}
	assert.Greater(t, rendered, len(attempts)/3, "too few attempts get past the schema to tell")

	added := template(t, "--set", "excludedNamespaces={calico-system}").configurations[0]
	for _, webhook := range added.Webhooks {
		assert.Contains(t, webhook.NamespaceSelector.MatchExpressions[1].Values, "calico-system")
	}
}

// settings are values of the default's type, as YAML.
func settings(byDefault any) []string {
	switch byDefault.(type) {
	case bool:
		return []string{"null", "true", "false"}
	case float64:
		return []string{"null", "1", "30", "10250"}
	case string:
		return []string{"null", `""`, "Fail", "warn", "apply", "other"}
	case []any:
		return []string{"null", "[]", "[other]"}
	default:
		return []string{"null", "{}", "{name: other}"}
	}
}

// nested writes a dotted path as YAML.
func nested(path, value string) string {
	names := strings.Split(path, ".")
	return "{" + strings.Join(names, ": {") + ": " + value + strings.Repeat("}", len(names))
}

func assertExcluded(t *testing.T, found install, own string) {
	t.Helper()
	require.Len(t, found.configurations, 1)
	require.NotEmpty(t, found.configurations[0].Webhooks)
	for _, webhook := range found.configurations[0].Webhooks {
		expressions := webhook.NamespaceSelector.MatchExpressions
		require.Len(t, expressions, 2)
		assert.Equal(t, "kubernetes.io/metadata.name", expressions[1].Key)
		assert.Equal(t, meta.LabelSelectorOpNotIn, expressions[1].Operator)
		assert.Subset(t, expressions[1].Values, []string{own, "cert-manager", "kube-system"})
	}
}
