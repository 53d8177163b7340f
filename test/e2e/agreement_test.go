package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

// The webhook and holdfast inject agree: what the API server stores of an object,
// the warnings and the refusals are the same.
func TestTheWebhookAndInjectAgree(t *testing.T) {
	t.Parallel()
	program := buildHoldfast(t)
	for _, c := range goldenCases(t) {
		if c.policy == "" {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				c.agree(t, program)
			})
		}
	}
}

// All tests share the policy, so this test isn't parallel.
func TestTheWebhookAndInjectAgreeUnderEachPolicy(t *testing.T) {
	program := buildHoldfast(t)
	for _, c := range goldenCases(t) {
		if c.policy != "" {
			t.Run(c.name, func(t *testing.T) {
				upgrade(t, "--values", policyValues(t, c.policy))
				awaitPolicy(t)
				c.agree(t, program)
			})
		}
	}
}

// policyValues are the chart's values that make a policy file the cluster's.
func policyValues(t *testing.T, policy string) string {
	t.Helper()
	text, err := os.ReadFile(policy)
	require.NoError(t, err)
	return file(t, "policy:\n  "+strings.ReplaceAll(string(text), "\n", "\n  "))
}

func buildHoldfast(t *testing.T) string {
	t.Helper()
	program, err := parts.BuildHoldfast(t.Context(), t.TempDir())
	require.NoError(t, err)
	return program
}

// agree compares both for the case's Ingresses and Services.
func (c goldenCase) agree(t *testing.T, program string) {
	spaces := c.spaces(t)
	c.classes(t)
	plain := newSpace(t)
	for i, object := range c.objects {
		if kind := object.GetKind(); kind != "Ingress" && kind != "Service" || object.GetNamespace() == "kube-system" {
			continue
		}
		object := complete(object)
		namespace := spaces[object.GetNamespace()]
		object.SetNamespace("")
		what := fmt.Sprintf("object %d, %s %s", i, object.GetKind(), object.GetName())
		webhook := namespace.throughTheWebhook(object)
		offline := c.throughInject(t, program, namespace, plain, object)
		assert.Equal(t, webhook.warnings, offline.warnings, what)
		assert.Equal(t, webhook.stored, offline.stored, what)
		assert.Equal(t, webhook.refused, offline.refused, what)
		if !strings.Contains(webhook.printed, "(holdfast)") {
			continue // refused before it came to the webhook, or not at all
		}
		for _, cause := range offline.causes {
			assert.Contains(t, webhook.printed, cause, what)
		}
	}
}

// spaces makes the case's Namespaces, under names of their own. Those that it
// doesn't show are enforced, as inject has it.
func (c goldenCase) spaces(t *testing.T) map[string]space {
	t.Helper()
	made := make(map[string]space)
	for _, object := range c.objects {
		if object.GetKind() == "Namespace" {
			metadata, err := json.Marshal(map[string]any{"labels": object.GetLabels(), "annotations": object.GetAnnotations()})
			require.NoError(t, err)
			made[object.GetName()] = newSpace(t, inMetadata(string(metadata)))
		}
	}
	for _, object := range c.objects {
		if _, shown := made[object.GetNamespace()]; !shown {
			made[object.GetNamespace()] = enforced(t)
		}
	}
	return made
}

// inMetadata merges a JSON object into the lines of a manifest's metadata.
func inMetadata(object string) string { return "<<: " + object }

// classes makes the case's IngressClasses.
func (c goldenCase) classes(t *testing.T) {
	t.Helper()
	for _, object := range c.objects {
		if object.GetKind() == "IngressClass" {
			everywhere(t).kubectl("create -f", file(t, text(t, object)))
			t.Cleanup(func() { everywhere(t).kubectl("delete ingressclass", object.GetName()) })
		}
	}
}

func text(t *testing.T, object *unstructured.Unstructured) string {
	t.Helper()
	text, err := yaml.Marshal(object.Object)
	require.NoError(t, err)
	return string(text)
}

// outcome is what the webhook, or inject, makes of an object.
type outcome struct {
	refused bool
	// printed is everything that the author sees; warnings and causes are
	// Holdfast's part of it.
	printed          string
	warnings, causes []string
	stored           storedObject
}

// affinityField is how the record calls it.
const affinityField = "/spec/sessionAffinity"

// storedObject is what Holdfast may have a hand in.
type storedObject struct {
	Labels, Annotations map[string]string
	Record              map[string]any
	Spec                map[string]any
}

// throughTheWebhook creates the object in its Namespace. A dry run does
// everything but the storage.
func (s space) throughTheWebhook(object *unstructured.Unstructured) outcome {
	s.t.Helper()
	// A manifest that is applied has all that the user wrote, also what the API server
	// drops of it. Without a name it can only be created.
	command := "apply --dry-run=server -o json -f"
	if object.GetName() == "" {
		command = "create --dry-run=server -o json -f"
	}
	answer := s.tryKubectl(command, file(s.t, text(s.t, object)))
	return outcome{
		refused:  answer.code != 0,
		printed:  answer.err,
		warnings: sentences(webhookWarning, answer.err),
		stored:   readStored(s.t, answer),
	}
}

// throughInject runs inject with the object and its Namespace, and creates the
// result in a Namespace for which the webhook isn't called.
func (c goldenCase) throughInject(t *testing.T, program string, namespace, plain space, object *unstructured.Unstructured) outcome {
	t.Helper()
	stream := []string{namespace.kubectl("get namespace -o yaml", namespace.name).out, text(t, object)}
	for _, other := range c.objects {
		if other.GetKind() == "IngressClass" {
			stream = append(stream, text(t, other))
		}
	}
	arguments := []string{"inject", "-f", "-", "-n", namespace.name, "-o", "json"}
	if c.policy != "" {
		arguments = append(arguments, "--policy", c.policy)
	}
	injected := pipe(t, program, strings.Join(stream, "---\n"), arguments...)
	o := outcome{
		refused:  injected.code != 0,
		warnings: sentences(offlineWarning, injected.err),
		causes:   sentences(offlineCause, injected.err),
	}
	if !o.refused {
		o.stored = readStored(t, plain.kubectl("create --dry-run=server -o json -f", file(t, onlyObject(t, injected.out))))
	}
	return o
}

// onlyObject is the Ingress or Service in a stream.
func onlyObject(t *testing.T, stream string) string {
	t.Helper()
	for _, object := range parse(t, stream) {
		if kind := object.GetKind(); kind == "Ingress" || kind == "Service" {
			return text(t, object)
		}
	}
	require.Fail(t, "no object", stream)
	return ""
}

// pipe runs a program with a text on its standard input.
func pipe(t *testing.T, program, stdin string, arguments ...string) output {
	t.Helper()
	var out, err bytes.Buffer
	command := exec.Command(program, arguments...)
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(stdin), &out, &err
	var exit *exec.ExitError
	if failure := command.Run(); failure != nil {
		require.ErrorAs(t, failure, &exit)
	}
	return output{out.String(), err.String(), command.ProcessState.ExitCode()}
}

var (
	webhookWarning = regexp.MustCompile(`(?m)^Warning: (?:Ingress|Service)[^:]*: (.* \(holdfast\))$`)
	offlineWarning = regexp.MustCompile(`(?m)^stdin:\d+:\d+: warning: (?:Ingress|Service)[^:]*: (.* \(holdfast\))$`)
	offlineCause   = regexp.MustCompile(`(?m)^stdin:\d+:\d+: refused: (?:Ingress|Service)[^:]*: (.* \(holdfast\))$`)
)

// aboutTheCluster is in the warning that the API server has no such Service, which a
// file can't show.
const aboutTheCluster = " to follow; "

func sentences(pattern *regexp.Regexp, text string) []string {
	var found []string
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(match[1], aboutTheCluster) {
			found = append(found, match[1])
		}
	}
	slices.Sort(found)
	return found
}

// readStored is what the API server answered.
func readStored(t *testing.T, answer output) storedObject {
	t.Helper()
	if answer.code != 0 {
		return storedObject{}
	}
	var object unstructured.Unstructured
	require.NoError(t, json.Unmarshal([]byte(answer.out), &object.Object))
	return storedOf(&object)
}

// storedOf returns an object without what only the record of a file has: that
// annotations were missing, and that the user wrote the API server's own default
// for the affinity.
func storedOf(object *unstructured.Unstructured) storedObject {
	stored := storedObject{Labels: object.GetLabels(), Annotations: withoutClients(object.GetAnnotations())}
	if text, recorded := stored.Annotations[record]; recorded && json.Unmarshal([]byte(text), &stored.Record) == nil {
		delete(stored.Annotations, record)
		maps.DeleteFunc(stored.Record, func(key string, _ any) bool {
			return key == "/metadata/annotations" || strings.HasPrefix(key, affinityField+"Config")
		})
		if affinity, changed := stored.Record[affinityField].(map[string]any); changed && affinity["was"] == "None" {
			stored.Record[affinityField] = affinity["set"]
		}
	}
	stored.Spec, _, _ = unstructured.NestedMap(object.Object, "spec")
	for _, drawn := range []string{"clusterIP", "clusterIPs", "ports"} {
		delete(stored.Spec, drawn)
	}
	return stored
}
