package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A folder of testdata/refusals is an object that must not be stored, with what
// kubectl and helm print. A new folder is a new test.
func TestABadValueIsRefusedInASentence(t *testing.T) {
	t.Parallel()
	eachOutput(t, "refusals", func(t *testing.T, s space, answer output) {
		assert.Equal(t, 1, answer.code)
		assert.Empty(t, s.kubectl("get ingress,service -o name").out)
	})
}

// A folder of testdata/warnings is an object that is stored, and not without a
// word. It may have a Namespace of its own.
func TestWhatIsDoubtfulIsStoredWithAWarning(t *testing.T) {
	t.Parallel()
	eachOutput(t, "warnings", func(t *testing.T, s space, answer output) {
		assert.Equal(t, 0, answer.code)
		assert.NotEmpty(t, s.kubectl("get ingress,service -o name").out)
	})
}

// eachOutput writes the object of each folder with kubectl and with helm, compares
// what they print, and lets check look at what came of it.
func eachOutput(t *testing.T, kind string, check func(*testing.T, space, output)) {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join("testdata", kind, "*"))
	require.NoError(t, err)
	require.NotEmpty(t, folders)
	app, err := filepath.Abs("testdata/app")
	require.NoError(t, err)
	clients := map[string][]string{
		"kubectl": {cluster.Kubectl, "apply", "-f", "object.yaml"},
		"helm":    {cluster.Helm, "upgrade", "--install", "app", app, "--set-file", "manifest=object.yaml"},
	}
	for _, folder := range folders {
		for client, command := range clients {
			name := filepath.Base(folder)
			t.Run(name+"/"+client, func(t *testing.T) {
				t.Parallel()
				s := newSpace(t, namespaceMetadata(t, folder)...)
				answer := run(t.Context(), folder, command[0], append([]string{"--namespace", s.name}, command[1:]...)...)
				golden(t, filepath.Join(kind, name, client+".txt"), s.lasting(answer.err))
				check(t, s, answer)
			})
		}
	}
}

// namespaceMetadata is the folder's own metadata for the Namespace. Most folders
// have none and mean an enforcing one.
func namespaceMetadata(t *testing.T, folder string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "namespace-metadata.yaml"))
	if os.IsNotExist(err) {
		return []string{"labels: {holdfast.dev/policy: enforce}"}
	}
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func TestTheSampleThatIsMeantToBeRefusedIsRefused(t *testing.T) {
	needsOurCluster(t, "writes to the samples' Namespaces, chat and reports")
	t.Parallel()
	s := everywhere(t)
	s.kubectl("apply -k", repository+"/config/samples")
	chat := space{t, "chat"}
	assert.Equal(t, injected(3600), chat.annotations("ingress/chat"))
	assert.Equal(t, "600", chat.annotations("ingress/dashboard")[readTimeout])
	assert.Empty(t, space{t, "reports"}.annotations("ingress/reports"))

	refused := s.tryKubectl("apply -f", repository+"/config/samples/bad/ingress.yaml")
	assert.Equal(t, 1, refused.code)
	assert.Contains(t, refused.err, `metadata.annotations[holdfast.dev/idle-timeout]: Invalid value: "soon"`)
}

// A bad value may be older than the rule, or than the label on the Namespace.
func TestAnOldFaultDoesNotBlockOtherChanges(t *testing.T) {
	t.Parallel()
	s := newSpace(t, "labels: {holdfast.dev/policy: audit}")
	s.apply(ingress("chat", "annotations: {holdfast.dev/idle-timeout: soon}", "finalizers: [example.com/later]"))
	s.label("enforce")
	s.apply(ingress("other"))
	s.awaitAnnotations("ingress/other", injected(3600))

	answer := s.kubectl("annotate ingress chat example.com/other=change")
	assert.Contains(t, answer.err, `holdfast.dev/idle-timeout: "soon"`)
	assert.Equal(t, "3600", s.annotations("ingress/chat")[readTimeout])

	refused := s.tryKubectl("annotate ingress chat --overwrite holdfast.dev/idle-timeout=later")
	assert.Equal(t, 1, refused.code)
	assert.Contains(t, refused.err, `Invalid value: "later"`)

	s.kubectl("delete ingress chat --wait=false")
	assert.Empty(t, s.kubectl(`patch ingress chat --type=merge -p {"metadata":{"finalizers":null}}`).err,
		"a deletion needs no warnings")
	assert.Equal(t, "ingress.networking.k8s.io/other\n", s.kubectl("get ingress -o name").out)
}
