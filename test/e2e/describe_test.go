package e2e

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// described is what `holdfast describe -o json` prints, as far as tests look at it.
type described struct {
	File       string
	Decision   struct{ Because, Class, Mode, Policy string }
	Settings   []map[string]any
	Timers     []map[string]any
	Stickiness map[string]any
	NextWrite  map[string]any
	Findings   []map[string]any
	NotKnown   []string
}

// describe runs `holdfast describe` for an object.
func (s space) describe(object string, flags ...string) described {
	s.t.Helper()
	answer := s.run(program, "describe -o json "+object, flags...)
	require.Zero(s.t, answer.code, answer.err)
	var d described
	require.NoError(s.t, json.Unmarshal([]byte(answer.out), &d))
	return d
}

func TestDescribeSaysTheSameOfACluster(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(service("chat", "labels: {holdfast.dev/sticky-session: 'true'}"))
	s.apply(ingress("web", "annotations: {holdfast.dev/idle-timeout: 90m}"))
	s.kubectl("label ingress web holdfast.dev/sticky-session=false")
	exported := s.kubectl("get -o yaml ingress/web service/chat namespace/" + s.name + "").out
	manifests := file(t, exported)
	for _, object := range []string{"ingress/web", "service/chat"} {
		t.Run(object, func(t *testing.T) {
			live, offline := s.describe(object), s.describe(object, "-f", manifests)
			assert.Empty(t, live.NotKnown)
			assert.Empty(t, live.File)
			assert.Equal(t, "ConfigMap holdfast-system/holdfast-policy", live.Decision.Policy)
			live.Decision.Policy, offline.Decision.Policy, offline.File = "", "", ""
			live.Timers, offline.Timers = ofObjects(live.Timers), ofObjects(offline.Timers)
			assert.Equal(t, offline, live)
			assert.NotEmpty(t, live.Settings)
			assert.NotContains(t, live.NextWrite, "changes")
		})
	}
}

// ofObjects returns the timers without those of load balancers, which manifests without a
// controller don't show.
func ofObjects(timers []map[string]any) []map[string]any {
	var kept []map[string]any
	for _, timer := range timers {
		if timer["place"] != "load balancer" {
			kept = append(kept, timer)
		}
	}
	return kept
}
