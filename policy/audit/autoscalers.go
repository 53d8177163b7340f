package audit

import (
	"strconv"

	"github.com/holdfast-dev/holdfast/policy"
)

const (
	msgNoStabilization policy.Message = `0 s: each short lull removes pods and cuts their WebSockets at once; write 300 or more`
	msgLargeStep       policy.Message = `scaling down may remove {found-text} of the pods every {detail} s, and cuts their WebSockets; write a policy of type Pods with value 1`
	msgManyPods        policy.Message = `scaling down may remove {found-text} pods every {detail} s, and cuts their WebSockets; write a policy of type Pods with value 1`
	msgDefaultStep     policy.Message = `not set: scaling down may remove all pods but {found-text} at once, and cuts their WebSockets; write a policy of type Pods with value 1`
)

// largeStep is the percentage of the pods that is too much to remove at once.
const largeStep = 50

// isLarge reports whether a policy may remove half of maxPods pods or more at once; one pod
// is never large.
func (p ScalingPolicy) isLarge(maxPods int32) bool {
	if p.Type == "Percent" {
		return p.Value >= largeStep
	}
	return p.Value > 1 && int64(p.Value)*100 >= int64(maxPods)*largeStep
}

// scaleDowns finds autoscalers that remove pods with WebSockets abruptly.
func scaleDowns(v *view) []Finding {
	var all []Finding
	seen := make(map[*Autoscaler]bool)
	for _, b := range v.backends {
		a := b.autoscaler
		if a == nil || seen[a] || a.ScaleDown.Disabled || a.MinReplicas >= a.MaxReplicas {
			continue
		}
		seen[a] = true
		if f, found := abruptness(a); found {
			all = append(all, a.about(f))
		}
	}
	return all
}

// abruptness finds out how an autoscaler removes pods too fast.
func abruptness(a *Autoscaler) (policy.Finding, bool) {
	f := policy.Finding{Rule: policy.RuleAbruptScaleDown, Actor: policy.Author}
	if window := a.ScaleDown.StabilizationWindow; window != nil && *window == 0 {
		f.Message, f.Target, f.Found = msgNoStabilization, policy.FieldTarget("/spec/behavior/scaleDown/stabilizationWindowSeconds"), "0"
		return f, true
	}
	f.Target = policy.FieldTarget("/spec/behavior/scaleDown/policies")
	if len(a.ScaleDown.Policies) == 0 {
		f.Message, f.Found = msgDefaultStep, strconv.Itoa(int(a.MinReplicas))
		return f, true
	}
	for _, p := range a.ScaleDown.Policies {
		switch large := p.isLarge(a.MaxReplicas); {
		case !large && a.ScaleDown.SelectMin:
			return policy.Finding{}, false
		case !large:
			continue
		case p.Type == "Percent":
			f.Message, f.Found = msgLargeStep, strconv.Itoa(int(p.Value))+" %"
		default:
			f.Message, f.Found = msgManyPods, strconv.Itoa(int(p.Value))
		}
		f.Detail = strconv.Itoa(int(p.PeriodSeconds))
	}
	return f, f.Message != ""
}
