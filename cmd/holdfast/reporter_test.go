package main

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
)

// linesOf returns the line numbers of the messages about a place in the input.
func linesOf(t *testing.T, stderr string) (lines []int) {
	t.Helper()
	for line := range strings.Lines(stderr) {
		if parts := strings.SplitN(line, ":", 4); len(parts) == 4 && strings.HasSuffix(parts[0], "stdin") {
			n, err := strconv.Atoi(parts[1])
			assert.NoError(t, err)
			lines = append(lines, n)
		}
	}
	return lines
}

func TestMessagesComeInTheOrderOfTheInput(t *testing.T) {
	const typo = "  annotations: {holdfast.dev/idle-timeuot: 1h}\n"
	mistyped := strings.Replace(plainIngress, "spec:", typo+"spec:", 1)
	twice := "kind: Service\napiVersion: v1\nmetadata:\n  name: a\n  labels: {b: c, holdfast.dev/sticky-sesion: x}\nspec:\n  type: ClusterIP\n  type: ClusterIP\n"
	for name, input := range map[string]string{
		"a warning of the manifest behind one of the engine": twice,
		"a document that can't be read between others":       mistyped + "---\nkind: Service: x\n---\n" + mistyped,
		"a Namespace behind its objects": strings.Replace(mistyped, "name: web", "name: web\n  namespace: shop", 1) +
			"---\nkind: Namespace\napiVersion: v1\nmetadata: {name: shop}\n---\n" + mistyped,
		"a refusal of the API server behind a warning": mistyped + "---\n" + strings.Replace(mistyped, "name: web", "name: web\n  labels: {a: 1}", 1),
		"an object in a List":                          "kind: List\napiVersion: v1\nitems:\n- " + strings.ReplaceAll(strings.TrimSpace(mistyped), "\n", "\n  ") + "\n- " + strings.ReplaceAll(strings.TrimSpace(twice), "\n", "\n  ") + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, _, stderr := holdfast(t, input, "inject", "-f", "-")
			lines := linesOf(t, stderr)
			assert.Greater(t, len(lines), 1, stderr)
			assert.IsNonDecreasing(t, lines, stderr)
		})
	}
}

func TestMessagesOfManyFilesComeInTheOrderOfTheFiles(t *testing.T) {
	typo := strings.Replace(plainIngress, "spec:", "  annotations: {holdfast.dev/idle-timeuot: 1h}\nspec:", 1)
	write(t, map[string]string{"b.yaml": "# b\n" + typo, "a.yaml": "# a\n# a\n" + typo})
	_, _, stderr := holdfast(t, "", "inject", "-f", "b.yaml", "-f", "a.yaml")
	first, second := strings.Index(stderr, "b.yaml:"), strings.Index(stderr, "a.yaml:")
	assert.GreaterOrEqual(t, first, 0)
	assert.Greater(t, second, first)
}

func TestANoteAboutAReloadComesOnceWithTheLongestTimeout(t *testing.T) {
	ingress := func(timeout string) string {
		return "---\n" + strings.Replace(plainIngress, "spec:", "  annotations: {holdfast.dev/idle-timeout: "+timeout+"}\nspec:", 1)
	}
	_, _, stderr := holdfast(t, ingress("2h")+ingress("10h")+ingress("90m"), "inject", "-f", "-")
	assert.Equal(t, 1, strings.Count(stderr, "a reload closes open WebSockets"), stderr)
	assert.Contains(t, stderr, "worker-shutdown-timeout: 36000s")
}

func TestANoteAboutAControllersTimerComesOnceWithTheLongestTimeout(t *testing.T) {
	class := func(name, controller string) string {
		return "---\nkind: IngressClass\napiVersion: networking.k8s.io/v1\nmetadata: {name: " + name + "}\nspec: {controller: " + controller + "}\n"
	}
	ingress := func(class, timeout string) string {
		one := strings.Replace(plainIngress, "spec:", "  annotations: {holdfast.dev/idle-timeout: "+timeout+", holdfast.dev/connect-timeout: "+timeout+"}\nspec:", 1)
		return "---\n" + strings.Replace(one, "ingressClassName: nginx", "ingressClassName: "+class, 1)
	}
	input := []string{class("contour", "projectcontour.io/projectcontour/contour"), class("cilium", "cilium.io/ingress-controller")}
	for _, timeout := range []string{"2h", "10h", "90m"} {
		input = append(input, ingress("contour", timeout), ingress("cilium", timeout))
	}
	_, _, stderr := holdfast(t, strings.Join(input, ""), "inject", "-f", "-")
	notes := func(of string) (all []string) {
		for line := range strings.Lines(stderr) {
			if strings.HasPrefix(line, "note: "+of) {
				all = append(all, line)
			}
		}
		return all
	}
	for _, timer := range []string{"contour: idle-timeout ", "contour: connect-timeout ", "cilium: idle-timeout ", "cilium: connect-timeout "} {
		if assert.Len(t, notes(timer), 1, stderr) {
			assert.Contains(t, notes(timer)[0], timer+"10h: ")
		}
	}
}

func TestNotesThatWantNoTimeAreAllKept(t *testing.T) {
	var r reporter
	one := policy.Finding{Rule: policy.RuleUnverifiedController, Actor: policy.Admin, Message: "{detail}", Controller: "contour", Detail: "a"}
	other := one
	other.Detail = "b"
	for _, n := range []policy.Finding{one, other, one} {
		r.note(n)
	}
	assert.Equal(t, []policy.Finding{one, other}, r.notes)
	one.Message, one.Wanted, other.Message, other.Wanted = "{wanted}", "on", "{wanted}", "off"
	r.note(one)
	r.note(other)
	assert.Len(t, r.notes, 4, "they differ in what they want, which is no time")
}
