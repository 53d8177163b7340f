package node

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// summarize works out a pod's status from its containers'.
func summarize(s *corev1.PodStatus, spec corev1.PodSpec, inits, containers []corev1.ContainerStatus) {
	s.InitContainerStatuses, s.ContainerStatuses = inits, containers
	s.Phase = phase(spec.RestartPolicy, inits, containers)
	initialized := all(inits, func(c corev1.ContainerStatus) bool {
		return c.State.Terminated != nil && c.State.Terminated.ExitCode == 0
	})
	ready := initialized && all(containers, func(c corev1.ContainerStatus) bool { return c.Ready })
	setCondition(s, corev1.PodInitialized, initialized)
	setCondition(s, corev1.ContainersReady, ready)
	setCondition(s, corev1.PodReady, ready)
}

func phase(policy corev1.RestartPolicy, inits, containers []corev1.ContainerStatus) corev1.PodPhase {
	failed := func(c corev1.ContainerStatus) bool {
		return c.State.Terminated != nil && c.State.Terminated.ExitCode != 0
	}
	ended := func(c corev1.ContainerStatus) bool { return c.State.Terminated != nil }
	begun := func(c corev1.ContainerStatus) bool {
		return c.State.Waiting == nil || c.LastTerminationState.Terminated != nil
	}
	switch {
	case policy == corev1.RestartPolicyNever && slices.ContainsFunc(inits, failed):
		return corev1.PodFailed
	case !slices.ContainsFunc(containers, begun):
		return corev1.PodPending
	case policy == corev1.RestartPolicyAlways || !all(containers, ended):
		return corev1.PodRunning
	case slices.ContainsFunc(containers, failed):
		return corev1.PodFailed
	}
	return corev1.PodSucceeded
}

func all(containers []corev1.ContainerStatus, is func(corev1.ContainerStatus) bool) bool {
	return !slices.ContainsFunc(containers, func(c corev1.ContainerStatus) bool { return !is(c) })
}

// setCondition leaves the time alone where nothing changed.
func setCondition(s *corev1.PodStatus, kind corev1.PodConditionType, value bool) {
	status := corev1.ConditionFalse
	if value {
		status = corev1.ConditionTrue
	}
	condition := corev1.PodCondition{Type: kind, Status: status, LastTransitionTime: metav1.Now()}
	at := slices.IndexFunc(s.Conditions, func(c corev1.PodCondition) bool { return c.Type == kind })
	switch {
	case at < 0:
		s.Conditions = append(s.Conditions, condition)
	case s.Conditions[at].Status != status:
		s.Conditions[at] = condition
	}
}

// explain sets the reason for which the pod waits in its waiting containers.
func explain(containers []corev1.ContainerStatus, why error) {
	for i := range containers {
		if waiting := containers[i].State.Waiting; waiting != nil {
			waiting.Message = why.Error()
		}
	}
}
