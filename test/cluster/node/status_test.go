package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
)

func TestSummarize(t *testing.T) {
	waiting := corev1.ContainerStatus{State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{}}}
	crashing := waiting
	crashing.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: 1}
	running := corev1.ContainerStatus{State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}
	ready := running
	ready.Ready = true
	ended := func(code int32) corev1.ContainerStatus {
		return corev1.ContainerStatus{State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code}}}
	}
	const always, never = corev1.RestartPolicyAlways, corev1.RestartPolicyNever

	for _, test := range []struct {
		name              string
		policy            corev1.RestartPolicy
		inits, containers []corev1.ContainerStatus
		phase             corev1.PodPhase
		ready             corev1.ConditionStatus
	}{
		{"nothing has begun", always, nil, []corev1.ContainerStatus{waiting}, corev1.PodPending, corev1.ConditionFalse},
		{"running is not ready", always, nil, []corev1.ContainerStatus{running}, corev1.PodRunning, corev1.ConditionFalse},
		{"all are ready", always, nil, []corev1.ContainerStatus{ready, ready}, corev1.PodRunning, corev1.ConditionTrue},
		{"one is not", always, nil, []corev1.ContainerStatus{ready, running}, corev1.PodRunning, corev1.ConditionFalse},
		{"crashing is still running", always, nil, []corev1.ContainerStatus{crashing}, corev1.PodRunning, corev1.ConditionFalse},
		{"an ended one will be restarted", always, nil, []corev1.ContainerStatus{ended(0)}, corev1.PodRunning, corev1.ConditionFalse},
		{"the work is done", never, nil, []corev1.ContainerStatus{ended(0), ended(0)}, corev1.PodSucceeded, corev1.ConditionFalse},
		{"the work went wrong", never, nil, []corev1.ContainerStatus{ended(0), ended(2)}, corev1.PodFailed, corev1.ConditionFalse},
		{"an init container went wrong", never, []corev1.ContainerStatus{ended(2)}, []corev1.ContainerStatus{waiting}, corev1.PodFailed, corev1.ConditionFalse},
	} {
		t.Run(test.name, func(t *testing.T) {
			var s corev1.PodStatus
			summarize(&s, corev1.PodSpec{RestartPolicy: test.policy}, test.inits, test.containers)
			assert.Equal(t, test.phase, s.Phase)
			for _, condition := range s.Conditions {
				if condition.Type == corev1.PodReady {
					assert.Equal(t, test.ready, condition.Status)
				}
			}
			assert.Len(t, s.Conditions, 3)
		})
	}
}

func TestConditionKeepsItsTime(t *testing.T) {
	var s corev1.PodStatus
	setCondition(&s, corev1.PodReady, true)
	before := s.Conditions[0].LastTransitionTime
	setCondition(&s, corev1.PodReady, true)
	assert.Equal(t, before, s.Conditions[0].LastTransitionTime)
}
