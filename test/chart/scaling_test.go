package chart

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// With replicas in the Deployment, each upgrade would undo what the autoscaler did.
func TestAnAutoscalerSetsTheNumberOfPods(t *testing.T) {
	without := template(t, "--set", "replicas=3")
	assert.Empty(t, without.autoscalers)
	assert.Equal(t, new(int32(3)), without.deployments[0].Spec.Replicas)

	found := template(t, withValues(t, `
replicas: 3
autoscaling:
  enabled: true
  minReplicas: 3
  maxReplicas: 7
  targetCPUUtilizationPercentage: 60
  behavior: {scaleDown: {stabilizationWindowSeconds: 600}}
`))
	deployment := found.deployments[0]
	assert.Nil(t, deployment.Spec.Replicas)
	require.Len(t, found.autoscalers, 1)
	spec := found.autoscalers[0].Spec
	assert.Equal(t, autoscaling.CrossVersionObjectReference{Kind: deployment.Kind, Name: deployment.Name, APIVersion: deployment.APIVersion}, spec.ScaleTargetRef)
	assert.Equal(t, new(int32(3)), spec.MinReplicas)
	assert.EqualValues(t, 7, spec.MaxReplicas)
	require.Len(t, spec.Metrics, 1)
	assert.Equal(t, core.ResourceCPU, spec.Metrics[0].Resource.Name)
	assert.Equal(t, new(int32(60)), spec.Metrics[0].Resource.Target.AverageUtilization)
	assert.Equal(t, new(int32(600)), spec.Behavior.ScaleDown.StabilizationWindowSeconds)
	assert.NotEmpty(t, deployment.Spec.Template.Spec.Containers[0].Resources.Requests.Cpu().MilliValue(), "a percentage of nothing")

	assert.Nil(t, template(t, "--set", "autoscaling.enabled=true").autoscalers[0].Spec.Behavior)
}

func TestPodsAreSpreadAsTheValuesSay(t *testing.T) {
	pods := &meta.LabelSelector{MatchLabels: map[string]string{"app.kubernetes.io/name": "holdfast", "app.kubernetes.io/instance": release}}
	revision := []string{"pod-template-hash"}
	constraint := func(key string, when core.UnsatisfiableConstraintAction, of *meta.LabelSelector, keys []string) core.TopologySpreadConstraint {
		return core.TopologySpreadConstraint{TopologyKey: key, MaxSkew: 1, WhenUnsatisfiable: when, LabelSelector: of, MatchLabelKeys: keys}
	}
	for values, want := range map[string][]core.TopologySpreadConstraint{
		`{}`: {
			constraint("kubernetes.io/hostname", core.ScheduleAnyway, pods, revision),
			constraint("topology.kubernetes.io/zone", core.ScheduleAnyway, pods, revision),
		},
		`{topologySpreadConstraints: []}`: nil,
		`{topologySpreadConstraints: [{topologyKey: zone, maxSkew: 1, whenUnsatisfiable: DoNotSchedule}]}`: {
			constraint("zone", core.DoNotSchedule, pods, revision),
		},
		`{topologySpreadConstraints: [{topologyKey: zone, maxSkew: 1, whenUnsatisfiable: DoNotSchedule, matchLabelKeys: [example.com/ring]}]}`: {
			constraint("zone", core.DoNotSchedule, pods, []string{"example.com/ring"}),
		},
		`{topologySpreadConstraints: [{topologyKey: zone, maxSkew: 1, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {team: edge}}}]}`: {
			constraint("zone", core.DoNotSchedule, &meta.LabelSelector{MatchLabels: map[string]string{"team": "edge"}}, nil),
		},
	} {
		template, _ := pod(t, withValues(t, values))
		assert.Equal(t, want, template.Spec.TopologySpreadConstraints, values)
	}
}

func TestAffinityIsTheValue(t *testing.T) {
	template, _ := pod(t, withValues(t, `
affinity:
  podAntiAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector: {matchLabels: {app.kubernetes.io/name: holdfast}}
`))
	require.Len(t, template.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution, 1)
	assert.Len(t, template.Spec.TopologySpreadConstraints, 2, "the spread stays")
	template, _ = pod(t)
	assert.Nil(t, template.Spec.Affinity)
}
