// Package monitoring tests what the chart brings for Prometheus and Grafana: that it
// is there when it is asked for, that promtool accepts it, and that each query finds
// what Holdfast and the API server really count.
package monitoring

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

const (
	repository = "../.."
	chart      = repository + "/charts/holdfast"
	// system is the Namespace that Holdfast is installed in.
	system = "holdfast-system"
)

// The objects, as kind and name, each with the value that asks for it.
const (
	podMonitor = "PodMonitor/holdfast"
	rules      = "PrometheusRule/holdfast"
	dashboard  = "ConfigMap/holdfast-dashboard"
)

var values = map[string]string{podMonitor: "podMonitor", rules: "rules", dashboard: "dashboard"}

func TestNothingIsInstalledUnasked(t *testing.T) {
	installed := render(t)
	for object := range values {
		assert.NotContains(t, installed, object)
	}
}

func TestEachObjectIsInstalledAlone(t *testing.T) {
	before := render(t)
	for object, value := range values {
		installed := render(t, "--set", "monitoring."+value+".enabled=true")
		assert.Len(t, installed, len(before)+1, object)
		assert.Contains(t, installed, object)
	}
}

func TestLabelsAreAdded(t *testing.T) {
	for object, value := range values {
		installed := render(t, "--set", "monitoring."+value+".enabled=true",
			"--set", "monitoring."+value+".labels.release=prometheus", "--set", "monitoring."+value+`.labels.app\.kubernetes\.io/name=other`)
		var found meta.PartialObjectMetadata
		require.NoError(t, yaml.Unmarshal([]byte(installed[object]), &found))
		assert.Equal(t, system, found.Namespace, object)
		assert.Equal(t, "prometheus", found.Labels["release"], object)
		assert.Equal(t, "holdfast", found.Labels["app.kubernetes.io/name"], "%s: the chart's own labels stay", object)
	}
	var found core.ConfigMap
	decode(t, render(t, "--set", "monitoring.dashboard.enabled=true")[dashboard], &found)
	assert.Equal(t, "1", found.Labels["grafana_dashboard"], "Grafana's sidecar finds it")
}

func TestThePodMonitorSelectsThePodsAndTheirPort(t *testing.T) {
	installed := render(t, "--set", "monitoring.podMonitor.enabled=true")
	var monitor monitoring.PodMonitor
	decode(t, installed[podMonitor], &monitor)
	var deployment apps.Deployment
	decode(t, installed["Deployment/holdfast"], &deployment)

	selector, err := meta.LabelSelectorAsSelector(&monitor.Spec.Selector)
	require.NoError(t, err)
	pods := deployment.Spec.Template
	assert.True(t, selector.Matches(labels.Set(pods.Labels)), selector.String())
	require.Len(t, monitor.Spec.PodMetricsEndpoints, 1)
	assert.True(t, slices.ContainsFunc(pods.Spec.Containers[0].Ports, func(p core.ContainerPort) bool {
		return p.Name == *monitor.Spec.PodMetricsEndpoints[0].Port
	}))
}

func TestTheRulesAreThoseThatAreTested(t *testing.T) {
	var installed monitoring.PrometheusRule
	decode(t, render(t, "--set", "monitoring.rules.enabled=true")[rules], &installed)
	assert.Equal(t, readRules(t), installed.Spec)
}

// readRules reads the file that the chart takes the rules from.
func readRules(t *testing.T) monitoring.PrometheusRuleSpec {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(chart, "files/alerts.yaml"))
	require.NoError(t, err)
	var read monitoring.PrometheusRuleSpec
	decode(t, string(text), &read)
	return read
}

func alerts(t *testing.T) []monitoring.Rule {
	t.Helper()
	var all []monitoring.Rule
	for _, group := range readRules(t).Groups {
		all = append(all, group.Rules...)
	}
	require.NotEmpty(t, all)
	return all
}

// render returns the chart's objects by kind and name.
func render(t *testing.T, flags ...string) map[string]string {
	t.Helper()
	command := exec.Command(helm(t), append([]string{"template", "holdfast", chart, "--namespace", system}, flags...)...)
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	require.NoError(t, command.Run(), stderr.String())
	objects := map[string]string{}
	for document := range strings.SplitSeq("\n"+stdout.String(), "\n---\n") {
		var object meta.PartialObjectMetadata
		require.NoError(t, yaml.Unmarshal([]byte(document), &object), document)
		if object.Kind != "" {
			objects[object.Kind+"/"+object.Name] = document
		}
	}
	return objects
}

// helm returns the path of the version that the local cluster uses.
func helm(t *testing.T) string {
	t.Helper()
	finder, err := parts.NewFinder(t.Context(), nil)
	require.NoError(t, err)
	all := parts.All()
	found, err := finder.Find(t.Context(), all[slices.IndexFunc(all, func(p parts.Part) bool { return p.Name == parts.Helm })])
	require.NoError(t, err)
	return found[parts.Helm].Path
}

// decode is strict, so that a misspelled field fails.
func decode(t *testing.T, text string, into any) {
	t.Helper()
	require.NoError(t, yaml.UnmarshalStrict([]byte(text), into), text)
}
