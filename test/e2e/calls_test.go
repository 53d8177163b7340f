package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// calls is how often the API server has called a webhook, with or without
// success.
func calls(m metrics, webhook string) int {
	return int(m.sum(webhookRequests, fmt.Sprintf("name=%q", webhook)))
}

// answers is how often Holdfast has been called, by its own count.
func answers(t *testing.T) int {
	t.Helper()
	sum := 0.0
	for _, p := range pods(t) {
		sum += counted(t, p).sum("holdfast_decisions_total")
	}
	return int(sum)
}

// step is one command of a user's, and how many calls it costs.
type step struct {
	what    string
	do      func(s space)
	ingress int
	service int
}

// The tests of this file count the calls of all tests, so they aren't parallel.

func TestOnlyObjectsThatAskForSomethingCallHoldfast(t *testing.T) {
	s := enforced(t)
	const status = `{"status":{"conditions":[{"type":"Any","status":"True","reason":"Any","message":"","lastTransitionTime":"2026-11-21T00:00:00Z"}]}}`
	countCalls(t, s, []step{
		{what: "an ordinary Service", do: create(service("page"))},
		{what: "a change of it", do: kubectl("annotate service page example.com/holdfast.dev=x")},
		{what: "a label like Holdfast's", do: kubectl("label service page example.com/sticky-session=true")},
		{what: "a Service with empty labels and annotations", do: create(service("empty", "labels: {}", "annotations: {}"))},
		{what: "a Service's status", do: kubectl("patch service page --subresource=status --type=merge -p " + status)},
		{what: "a deleted Service", do: kubectl("delete service page")},
		{what: "another kind", do: kubectl("create configmap page")},
		{what: "a Service that is opted out", do: create(service("left", "labels: {holdfast.dev/policy: ignore, holdfast.dev/sticky-session: 'true'}"))},
		{what: "a change of it", do: kubectl("annotate service left holdfast.dev/idle-timeout=2h")},

		{what: "a Service that is to be sticky", do: create(service("rooms", stickyLabel)), service: 1},
		{what: "any change of it", do: kubectl("annotate service rooms example.com/any=change"), service: 1},
		{what: "its status", do: kubectl("patch service rooms --subresource=status --type=merge -p " + status)},
		{what: "the label gone", do: kubectl("label service rooms holdfast.dev/sticky-session-"), service: 1},
		{what: "an ordinary Service again", do: kubectl("annotate service rooms example.com/another=change")},
		{what: "a label that injects nothing", do: kubectl("label service rooms holdfast.dev/sticky-session=false"), service: 1},
		{what: "the label gone: only the old object has it", do: kubectl("label service rooms holdfast.dev/sticky-session-"), service: 1},
		{what: "an annotation of Holdfast's", do: kubectl("annotate service rooms holdfast.dev/anything=x"), service: 1},
		{what: "the annotation gone: only the old object has it", do: kubectl("annotate service rooms holdfast.dev/anything-"), service: 1},
		{what: "a mistyped label", do: kubectl("label service rooms holdfast.dev/sticky-sessions=true"), service: 1},
		{what: "the mistyped label gone", do: kubectl("label service rooms holdfast.dev/sticky-sessions-"), service: 1},
		{what: "an annotation as a label", do: kubectl("label service rooms holdfast.dev/idle-timeout=2h"), service: 1},
		{what: "the label gone", do: kubectl("label service rooms holdfast.dev/idle-timeout-"), service: 1},
		{what: "one dry run", do: kubectl("label service rooms --dry-run=server holdfast.dev/sticky-session=true"), service: 1},
		{what: "another Service to be sticky", do: create(service("lobby", stickyLabel)), service: 1},
		{what: "opted out: it has the record", do: kubectl("label service lobby holdfast.dev/policy=ignore"), service: 1},
		{what: "a change of one that is opted out", do: kubectl("annotate service lobby example.com/any=change")},
		{what: "opted in", do: kubectl("label service lobby holdfast.dev/policy-"), service: 1},
		{what: "a Service with very many labels, which aren't looked at", do: create(service("busy", labelsOfOthers(257))), service: 1},
		{what: "a Service with many labels", do: create(service("less-busy", labelsOfOthers(256)))},

		{what: "an Ingress", do: create(ingress("chat")), ingress: 1},
		{what: "a change of it", do: kubectl("annotate ingress chat example.com/any=change"), ingress: 1},
		{what: "its status", do: kubectl(`patch ingress chat --subresource=status --type=merge -p {"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}`)},
		{what: "opted out: it has the record", do: kubectl("label ingress chat holdfast.dev/policy=ignore"), ingress: 1},
		{what: "a change of one that is opted out", do: kubectl("annotate ingress chat example.com/another=change")},
		{what: "opted in", do: kubectl("label ingress chat holdfast.dev/policy-"), ingress: 1},
		{what: "opted out and the record removed at once", do: kubectl(withoutHoldfast)},
		{what: "opted in again", do: kubectl("label ingress chat holdfast.dev/policy-"), ingress: 1},
		{what: "a deleted Ingress", do: kubectl("delete ingress chat")},
		{what: "an Ingress that is opted out", do: create(ingress("left", "labels: {holdfast.dev/policy: ignore}"))},
		{what: "one with a mistyped opt-out", do: create(ingress("mistyped", "annotations: {holdfast.dev/policy: ignore}")), ingress: 1},
	})
	assert.Zero(t, apiServer(t).sum(conditionErrors), "errors in the expression of a match condition")
}

// withoutHoldfast takes the Ingress "chat" out in one write that doesn't call: what an
// admin types while no pod serves.
const withoutHoldfast = "patch ingress chat --type=merge -p " +
	`{"metadata":{"labels":{"holdfast.dev/policy":"ignore"},"annotations":{"holdfast.dev/injected":null}}}`

// labelsOfOthers is a line of metadata with that many labels.
func labelsOfOthers(count int) string {
	labels := make([]string, count)
	for i := range labels {
		labels[i] = fmt.Sprintf("example.com/%d: x", i)
	}
	return "labels: {" + strings.Join(labels, ", ") + "}"
}

// A record without a label is what a failed call leaves behind.
func TestALeftoverCallsHoldfastWhichRemovesIt(t *testing.T) {
	s := newSpace(t)
	leftover := service("rooms", `annotations: {`+record+`: '{"/spec/sessionAffinity":"ClientIP/10800"}'}`)
	s.apply(leftover + "  sessionAffinity: ClientIP\n")
	s.label("enforce")
	s.apply(ingress("chat"))
	s.awaitAnnotations("ingress/chat", injected(3600)) // the label has arrived
	countCalls(t, s, []step{
		{what: "any change of it", do: kubectl("label service rooms any=change"), service: 1},
		{what: "a change of what is ordinary now", do: kubectl("label service rooms another=change")},
	})
	assert.Equal(t, "None", s.affinity("rooms"))
}

// What the cluster and Holdfast need to start must not wait for Holdfast, even
// if somebody labels its Namespace.
func TestNothingOutsideOfLabelledNamespacesCallsHoldfast(t *testing.T) {
	both := ingress("chat", "annotations: {holdfast.dev/idle-timeout: soon}") + "---\n" + service("rooms", stickyLabel)
	countCalls(t, newSpace(t), []step{{what: "no label", do: create(both)}})
	countCalls(t, newSpace(t, "labels: {holdfast.dev/policy: enforced}"), []step{{what: "a label with another value", do: create(both)}})
	for _, name := range []string{"kube-system", "cert-manager", system} {
		s := space{t, name}
		s.label("enforce")
		t.Cleanup(func() { everywhere(t).kubectl("label namespace", name, "holdfast.dev/policy-") })
		countCalls(t, s, []step{{what: name, do: create(both)}})
		s.kubectl("delete ingress/chat service/rooms")
	}
}

// countCalls does each step and compares the calls that it made. Holdfast's own
// count has to be the same in the end.
func countCalls(t *testing.T, s space, steps []step) {
	t.Helper()
	awaitNoneLeaving(t)
	before, answered, all := apiServer(t), answers(t), 0
	for _, step := range steps {
		step.do(s)
		after := apiServer(t)
		assert.Equal(t, step.ingress, calls(after, "ingress.holdfast.dev")-calls(before, "ingress.holdfast.dev"), "calls for Ingresses: %s", step.what)
		assert.Equal(t, step.service, calls(after, "service.holdfast.dev")-calls(before, "service.holdfast.dev"), "calls for Services: %s", step.what)
		before, all = after, all+step.ingress+step.service
	}
	assert.Equal(t, all, answers(t)-answered, "calls that arrived at Holdfast")
}

// awaitNoneLeaving waits for pods that another test has deleted. They answer what
// comes over an open connection, and isn't counted.
func awaitNoneLeaving(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		names := holdfast(t).kubectl("get pods -o name --selector app.kubernetes.io/name=holdfast").out
		if leaving := strings.Count(names, "\n") - len(pods(t)); leaving > 0 {
			return fmt.Errorf("%d pods are on their way out", leaving)
		}
		return nil
	})
}

func create(manifest string) func(space) {
	return func(s space) { s.t.Helper(); s.kubectl("create -f", file(s.t, manifest)) }
}

func kubectl(line string) func(space) {
	return func(s space) { s.t.Helper(); s.kubectl(line) }
}
