package audit

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHowAnAutoscalerRemovesPodsTooFast(t *testing.T) {
	zero, minute := int32(0), int32(60)
	onePod, all := ScalingPolicy{Type: "Pods", Value: 1, PeriodSeconds: 60}, ScalingPolicy{Type: "Percent", Value: 100, PeriodSeconds: 15}
	half, fewer := ScalingPolicy{Type: "Pods", Value: 5, PeriodSeconds: 15}, ScalingPolicy{Type: "Pods", Value: 4, PeriodSeconds: 15}
	tenth := ScalingPolicy{Type: "Percent", Value: 10, PeriodSeconds: 60}
	for name, c := range map[string]struct {
		down   ScaleDown
		abrupt bool
	}{
		"by default":                             {ScaleDown{}, true},
		"with a window and the default policy":   {ScaleDown{StabilizationWindow: &minute}, true},
		"without a window":                       {ScaleDown{StabilizationWindow: &zero, Policies: []ScalingPolicy{onePod}}, true},
		"one pod at a time":                      {ScaleDown{Policies: []ScalingPolicy{onePod}}, false},
		"a tenth at a time":                      {ScaleDown{Policies: []ScalingPolicy{tenth}}, false},
		"half of the pods at a time":             {ScaleDown{Policies: []ScalingPolicy{half}}, true},
		"fewer pods than half at a time":         {ScaleDown{Policies: []ScalingPolicy{fewer}}, false},
		"all at once":                            {ScaleDown{Policies: []ScalingPolicy{all}}, true},
		"the larger of one pod and all":          {ScaleDown{Policies: []ScalingPolicy{onePod, all}}, true},
		"the smaller of one pod and all":         {ScaleDown{Policies: []ScalingPolicy{onePod, all}, SelectMin: true}, false},
		"the smaller of all and all of a minute": {ScaleDown{Policies: []ScalingPolicy{all, all}, SelectMin: true}, true},
	} {
		t.Run(name, func(t *testing.T) {
			_, abrupt := abruptness(&Autoscaler{MinReplicas: 2, MaxReplicas: 10, ScaleDown: c.down})
			assert.Equal(t, c.abrupt, abrupt)
		})
	}
}

func TestOnePodIsNeverALargeStep(t *testing.T) {
	_, abrupt := abruptness(&Autoscaler{MinReplicas: 1, MaxReplicas: 2, ScaleDown: ScaleDown{Policies: []ScalingPolicy{{Type: "Pods", Value: 1, PeriodSeconds: 60}}}})
	assert.False(t, abrupt)
}
