package audit

import (
	"slices"
	"strconv"

	"github.com/holdfast-dev/holdfast/policy"
)

const (
	msgNoReadinessProbe policy.Message = `has no readiness probe, so WebSockets are sent to a new pod before it can serve them, and fail; add one`
	msgNoPreStop        policy.Message = `{found-text} s and no preStop hook: a rollout cuts the WebSockets of each pod within {found-text} s; add one that waits, and write more, such as {wanted-text}`
	msgShortGracePeriod policy.Message = `a rollout cuts the WebSockets of each pod after {found-text} s; write as long as they may live, such as {wanted-text}`
	msgLongPreStop      policy.Message = `the preStop hook sleeps {detail} s, and the pod is killed after {found-text} s, while it still sleeps; write more, such as {wanted-text}`
	msgSingleReplica    policy.Message = `one replica, so stickiness does nothing, and every rollout or crash cuts all WebSockets; write 2 or more`
	msgNoReplicas       policy.Message = `no replicas, so no WebSocket can be opened: clients get 503; write 1 or more`
	msgUnreadLabel      policy.Message = `nothing reads the label on a {found-text}; put it on the Service`
)

// workloads finds what is wrong with the workloads that WebSockets reach.
func workloads(v *view) []Finding {
	var all []Finding
	for _, b := range v.backends {
		if f, found := readiness(b); found {
			all = append(all, b.about(f))
		}
		if f, found := grace(b, v.maxTimeout().Seconds()); found {
			all = append(all, b.about(f))
		}
	}
	return append(all, unreadLabels(v)...)
}

// readiness finds a workload none of whose containers has a readiness probe.
func readiness(b *backend) (policy.Finding, bool) {
	has := slices.ContainsFunc(b.Containers, func(c Container) bool { return c.HasReadinessProbe })
	return policy.Finding{
		Rule: policy.RuleNoReadinessProbe, Actor: policy.Author, Message: msgNoReadinessProbe,
		Target: policy.FieldTarget("/spec/template/spec/containers"),
	}, !has && len(b.Containers) > 0
}

const (
	// usualGracePeriod is the API server's default, which is made for requests.
	usualGracePeriod = 30
	// longGracePeriod is an example of one that is made for WebSockets.
	longGracePeriod = 3600
)

// grace finds a workload whose pods have no longer than the default to end their
// WebSockets, or less than idle ones are to live, in seconds, or whose preStop hook
// outlives them.
func grace(b *backend, lifetime int64) (policy.Finding, bool) {
	hooked := slices.ContainsFunc(b.Containers, func(c Container) bool { return c.HasPreStop })
	var sleep int64
	for _, c := range b.Containers {
		sleep = max(sleep, c.PreStopSleep)
	}
	enough := lifetime
	if lifetime <= usualGracePeriod {
		enough = longGracePeriod
	}
	f := policy.Finding{
		Rule: policy.RuleShortGracePeriod, Actor: policy.Author, Message: msgShortGracePeriod,
		Target: policy.FieldTarget("/spec/template/spec/terminationGracePeriodSeconds"),
		Found:  strconv.FormatInt(b.GracePeriod, 10), Wanted: strconv.FormatInt(max(enough, sleep+usualGracePeriod), 10),
	}
	switch {
	case sleep > 0 && sleep >= b.GracePeriod:
		f.Message, f.Detail = msgLongPreStop, strconv.FormatInt(sleep, 10)
	case b.GracePeriod > usualGracePeriod && b.GracePeriod >= lifetime:
		return policy.Finding{}, false
	case !hooked:
		f.Message = msgNoPreStop
	}
	return f, true
}

// replicas finds workloads with no pod, or with one for clients that are to stay on
// their pod.
func replicas(v *view) []Finding {
	var all []Finding
	for _, b := range v.backends {
		if b.Replicas == nil {
			continue
		}
		f := policy.Finding{Actor: policy.Author, Target: policy.FieldTarget("/spec/replicas"), Found: strconv.Itoa(int(*b.Replicas))}
		scaled := b.autoscaler != nil
		switch {
		case *b.Replicas == 0:
			f.Rule, f.Message = policy.RuleNoReplicas, msgNoReplicas
		case b.sticky && !scaled && *b.Replicas == 1:
			f.Rule, f.Message = policy.RuleSingleReplica, msgSingleReplica
		default:
			continue
		}
		found := b.about(f)
		if !scaled {
			found.Command = scaleCommand(b.Object)
		}
		all = append(all, found)
	}
	return all
}

// scaleCommand returns the command that gives a workload two pods.
func scaleCommand(o Object) string {
	return "kubectl scale " + resourceOf(o) + inNamespace(o) + " --replicas=2"
}

// unreadLabels finds the sticky label on workloads and on their pods.
func unreadLabels(v *view) []Finding {
	var all []Finding
	for i := range v.Workloads {
		w := &v.Workloads[i]
		if !v.covers(w.Namespace) {
			continue
		}
		f := policy.Finding{Rule: policy.RuleUnreadLabel, Actor: policy.Author, Message: msgUnreadLabel}
		if _, labelled := w.Labels[policy.StickyLabel]; labelled {
			f.Target, f.Found = policy.LabelTarget(policy.StickyLabel), w.Kind
			f.Fix = policy.Fix{Target: f.Target, Remove: true, Withdraws: true}
			found := w.about(f)
			found.Command = Kubectl(w.Object, "label", policy.StickyLabel+"-")
			all = append(all, found)
			continue
		}
		if _, labelled := w.PodLabels[policy.StickyLabel]; labelled {
			f.Target, f.Found = policy.Target{Parent: "/spec/template/metadata/labels", Name: policy.StickyLabel}, "pod"
			all = append(all, w.about(f))
		}
	}
	return all
}
