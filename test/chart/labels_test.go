package chart

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// everything has all objects that the chart can render.
const everything = `
clientCA: "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
networkPolicy: true
autoscaling: {enabled: true}
`

func TestCommonLabelsAreOnEveryObjectAndReplaceNoneOfTheCharts(t *testing.T) {
	before := labelsOfObjects(t, everything)
	after := labelsOfObjects(t, everything+`
commonLabels:
  example.com/team: edge
  app.kubernetes.io/name: other
  app.kubernetes.io/instance: other
  app.kubernetes.io/managed-by: other
  helm.sh/chart: other
`)
	assert.Len(t, after, len(before))
	for object, labels := range before {
		require.Contains(t, labels, "app.kubernetes.io/instance", object)
		labels["example.com/team"] = "edge"
		assert.Equal(t, labels, after[object], object)
	}

	deployment := template(t, "--set", "commonLabels.team=edge").deployments[0]
	pods := deployment.Spec.Template.Labels
	assert.Equal(t, "edge", pods["team"])
	assert.Equal(t, "holdfast", pods["app.kubernetes.io/name"])
	assert.NotContains(t, deployment.Spec.Selector.MatchLabels, "team", "a selector can't be changed later")
}

// labelsOfObjects returns the labels of each object that values lead to.
func labelsOfObjects(t *testing.T, values string) map[string]map[string]string {
	t.Helper()
	rendered, err := tryTemplate(t, withValues(t, values))
	require.NoError(t, err)
	labels := map[string]map[string]string{}
	for _, document := range documents(rendered) {
		var object meta.PartialObjectMetadata
		require.NoError(t, yaml.Unmarshal([]byte(document), &object))
		labels[object.Kind+" "+object.Name] = object.Labels
	}
	return labels
}

func TestLabelsAndAnnotationsOfOneObject(t *testing.T) {
	for value, object := range map[string]func(install) meta.ObjectMeta{
		"webhookConfiguration": func(i install) meta.ObjectMeta { return i.configurations[0].ObjectMeta },
		"deployment":           func(i install) meta.ObjectMeta { return i.deployments[0].ObjectMeta },
		"serviceAccount":       func(i install) meta.ObjectMeta { return i.serviceAccounts[0].ObjectMeta },
	} {
		before := object(template(t))
		found := template(t, withValues(t, everything+`
commonLabels: {example.com/team: edge, example.com/tier: system}
`+value+`:
  labels: {example.com/team: mine, app.kubernetes.io/name: other}
  annotations: {example.com/owner: edge, cert-manager.io/inject-ca-from: other/certificate}
`))
		got := object(found)
		assert.Equal(t, "mine", got.Labels["example.com/team"], "%s: an object's own label wins over a common one", value)
		assert.Equal(t, "system", got.Labels["example.com/tier"], value)
		assert.Subset(t, got.Labels, before.Labels, "%s: the chart's labels stay", value)
		assert.Equal(t, "edge", got.Annotations["example.com/owner"], value)
		assert.Subset(t, got.Annotations, before.Annotations, "%s: the chart's annotations stay", value)

		with := 0
		for _, text := range byName(t, found) {
			var other meta.PartialObjectMetadata
			require.NoError(t, yaml.Unmarshal([]byte(text), &other))
			if _, has := other.Annotations["example.com/owner"]; has {
				with++
			}
		}
		assert.Equal(t, 1, with, "%s: no other object gets them", value)
	}
	assert.Empty(t, template(t).deployments[0].Annotations)
	assert.Empty(t, template(t).serviceAccounts[0].Annotations)
}
