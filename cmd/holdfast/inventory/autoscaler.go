package inventory

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"

	"github.com/holdfast-dev/holdfast/policy/audit"
)

func addAutoscaler(s *audit.Snapshot, i item) error {
	a, err := decode[autoscalingv2.HorizontalPodAutoscaler](i)
	if err != nil {
		return err
	}
	reduced := audit.Autoscaler{
		Meta:       meta("autoscaling/v2", "HorizontalPodAutoscaler", &a.ObjectMeta, i),
		TargetKind: a.Spec.ScaleTargetRef.Kind, TargetName: a.Spec.ScaleTargetRef.Name,
		MinReplicas: 1, MaxReplicas: a.Spec.MaxReplicas,
	}
	if a.Spec.MinReplicas != nil {
		reduced.MinReplicas = *a.Spec.MinReplicas
	}
	if b := a.Spec.Behavior; b != nil && b.ScaleDown != nil {
		reduced.ScaleDown = scaleDown(b.ScaleDown)
	}
	s.Autoscalers = append(s.Autoscalers, reduced)
	return nil
}

func scaleDown(r *autoscalingv2.HPAScalingRules) audit.ScaleDown {
	reduced := audit.ScaleDown{StabilizationWindow: r.StabilizationWindowSeconds}
	if s := r.SelectPolicy; s != nil {
		reduced.Disabled = *s == autoscalingv2.DisabledPolicySelect
		reduced.SelectMin = *s == autoscalingv2.MinChangePolicySelect
	}
	for _, p := range r.Policies {
		reduced.Policies = append(reduced.Policies, audit.ScalingPolicy{Type: string(p.Type), Value: p.Value, PeriodSeconds: p.PeriodSeconds})
	}
	return reduced
}
