package e2e

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

const ignoreLabel = "labels: {holdfast.dev/policy: ignore}"

// own are the annotations of a user who writes the read timeout that Holdfast has
// injected.
const own = "annotations: {" + readTimeout + `: "3600"}`

// writeManifest runs a writer's command with a manifest.
func (s space) writeManifest(command, manifest string) output {
	s.t.Helper()
	line := strings.ReplaceAll(command, "FILE", file(s.t, manifest))
	program, arguments, _ := strings.Cut(line, " ")
	if program == "helm" {
		return s.helm(arguments)
	}
	return s.kubectl(arguments)
}

// onlyOwn are the annotations of an Ingress that is left alone and whose user wrote
// the read timeout.
var onlyOwn = map[string]string{readTimeout: "3600"}

// writersThatDeclare leave on the object what they wrote, even if it was there.
var writersThatDeclare = []string{"kubectl apply", "kubectl apply --server-side", "helm applying on the server"}

func TestTheUsersValueStaysThoughHoldfastHadInjectedTheSame(t *testing.T) {
	t.Parallel()
	for _, w := range writers {
		if !slices.Contains(writersThatDeclare, w.name) {
			continue
		}
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			t.Run("in the write that removes the rest", func(t *testing.T) {
				s := enforced(t)
				s.writeManifest(w.create, ingress("chat"))
				require.Equal(t, injected(3600), s.annotations("ingress/chat"))
				answer := s.writeManifest(w.update, ingress("chat", ignoreLabel, own))
				assert.Equal(t, onlyOwn, s.annotations("ingress/chat"))
				assert.NotContains(t, answer.err, "Holdfast removed")
			})
			t.Run("in a write before", func(t *testing.T) {
				s := enforced(t)
				s.writeManifest(w.create, ingress("chat"))
				s.writeManifest(w.update, ingress("chat", own))
				require.Equal(t, injected(3600), s.annotations("ingress/chat"))
				s.kubectl("label ingress chat holdfast.dev/policy=ignore")
				assert.Equal(t, onlyOwn, s.annotations("ingress/chat"))
			})
			t.Run("a Service's ClientIP in place of the label", func(t *testing.T) {
				s := enforced(t)
				s.writeManifest(w.create, service("rooms", stickyLabel))
				require.Equal(t, "ClientIP/10800", s.affinity("rooms"))
				s.writeManifest(w.update, service("rooms")+"  sessionAffinity: ClientIP\n")
				assert.Equal(t, "ClientIP/10800", s.affinity("rooms"))
				assert.Empty(t, s.annotations("service/rooms"))
			})
			t.Run("an ordinary removal", func(t *testing.T) {
				s := enforced(t)
				s.writeManifest(w.create, ingress("chat"))
				answer := s.writeManifest(w.update, ingress("chat", ignoreLabel))
				assert.Empty(t, s.annotations("ingress/chat"))
				assert.NotContains(t, answer.err, "Holdfast removed")
			})
		})
	}
}

func TestOneOfTwoManagersOwnsTheValue(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.writeManifest("kubectl apply --server-side --field-manager=one -f FILE", ingress("chat"))
	s.writeManifest("kubectl apply --server-side --field-manager=two -f FILE", ingress("chat", own))
	s.writeManifest("kubectl apply --server-side --field-manager=one -f FILE", ingress("chat", ignoreLabel))
	assert.Equal(t, onlyOwn, s.annotations("ingress/chat"))
}

// Who replaces an object writes all of it, so what an object that is ignored then has is
// the user's, and Holdfast isn't called.
func TestAReplacedObjectThatIsIgnoredIsTheUsers(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.writeManifest("kubectl create -f FILE", ingress("chat"))
	s.writeManifest("kubectl replace -f FILE", ingress("chat", ignoreLabel, own))
	assert.Equal(t, onlyOwn, s.annotations("ingress/chat"))
}

// Nothing on the object shows that these writers wrote a value that was there.
func TestARemovalThatNothingExplainsIsReported(t *testing.T) {
	t.Parallel()
	const removed = readTimeout + ": Holdfast removed this"
	for name, write := range map[string]func(s space) output{
		"replace and label": func(s space) output {
			s.writeManifest("kubectl replace -f FILE", ingress("chat", own))
			return s.kubectl("label ingress chat holdfast.dev/policy=ignore")
		},
		"patch": func(s space) output {
			return s.kubectl(`patch ingress chat --type=merge -p {"metadata":{"labels":{"holdfast.dev/policy":"ignore"},"annotations":{"` + readTimeout + `":"3600"}}}`)
		},
		"annotate and label": func(s space) output {
			s.kubectl("annotate ingress chat --overwrite " + readTimeout + "=3600")
			return s.kubectl("label ingress chat holdfast.dev/policy=ignore")
		},
		"edit": func(s space) output {
			return s.edit("ingress chat", "s|^  name: chat|  labels: {holdfast.dev/policy: ignore}\\n  name: chat|")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := enforced(t)
			s.writeManifest("kubectl create -f FILE", ingress("chat"))
			answer := write(s)
			assert.Empty(t, s.annotations("ingress/chat"))
			assert.Contains(t, answer.err, removed)
		})
	}
	t.Run("helm merging on the client", func(t *testing.T) {
		t.Parallel()
		s := enforced(t)
		s.writeManifest("helm install app testdata/app --server-side=false --set-file manifest=FILE", ingress("chat"))
		answer := s.writeManifest("helm upgrade app testdata/app --server-side=false --set-file manifest=FILE", ingress("chat", ignoreLabel, own))
		assert.Empty(t, s.annotations("ingress/chat"))
		assert.Contains(t, answer.err, removed)
	})
}

// edit edits an object with kubectl edit and a sed script for an editor.
func (s space) edit(object, script string) output {
	s.t.Helper()
	arguments := append([]string{"KUBE_EDITOR=sed -i '" + script + "'", cluster.Kubectl, "--namespace", s.name, "edit"}, strings.Fields(object)...)
	return s.mustSucceed(run(context.WithoutCancel(s.t.Context()), ".", "env", arguments...), "kubectl edit "+object)
}

// Who creates an export owns the record too, and so didn't write the values.
func TestAnExportThatIsCreatedAgainLosesWhatWasInjected(t *testing.T) {
	t.Parallel()
	for name, create := range map[string]string{
		"create":            "kubectl create -f FILE",
		"apply":             "kubectl apply -f FILE",
		"server-side apply": "kubectl apply --server-side -f FILE",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := enforced(t)
			s.writeManifest("kubectl create -f FILE", ingress("chat"))
			s.writeManifest("kubectl create -f FILE", service("rooms", stickyLabel))
			ingress, service := s.export("ingress/chat"), s.export("service/rooms")
			s.kubectl("delete ingress/chat service/rooms")
			s.writeManifest(create, ingress)
			s.writeManifest(create, service)
			require.Equal(t, injected(3600), s.annotations("ingress/chat"))
			require.Equal(t, "ClientIP/10800", s.affinity("rooms"))

			s.kubectl("label ingress/chat service/rooms holdfast.dev/policy=ignore")
			assert.Empty(t, s.annotations("ingress/chat"))
			assert.Empty(t, s.annotations("service/rooms"))
			assert.Equal(t, "None", s.affinity("rooms"))
		})
	}
}

// export is an object's manifest without what belongs to the cluster it is in.
func (s space) export(object string) string {
	s.t.Helper()
	var read map[string]any
	s.read(object, &read)
	metadata := read["metadata"].(map[string]any)
	for _, key := range []string{"uid", "resourceVersion", "creationTimestamp", "generation"} {
		delete(metadata, key)
	}
	delete(read, "status")
	if spec := read["spec"].(map[string]any); read["kind"] == "Service" {
		delete(spec, "clusterIP")
		delete(spec, "clusterIPs")
	}
	text, err := yaml.Marshal(read)
	require.NoError(s.t, err)
	return string(text)
}
