package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFileThatIsNamedTwiceIsReadOnce(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "z.yaml")
	require.NoError(t, os.WriteFile(file, []byte("kind: Ingress\n"), 0o600))
	all, release, err := sources([]string{file, folder, folder + "/./z.yaml"}, false, streams{}, &reporter{})
	require.NoError(t, err)
	defer release()
	require.Len(t, all, 1)
	assert.Equal(t, file, all[0].name)
}

func TestFoldersWithoutManifestsSayWhy(t *testing.T) {
	const none = "note: no Ingress and no Service was read\n0 Ingresses, 0 Services, 0 other documents: 0 changed\n"
	for name, c := range map[string]struct {
		files map[string]string
		flags []string
		want  string
	}{
		"no manifests":            {map[string]string{"in/README.md": ""}, nil, "in: note: no manifests here, which are files that end in .yaml, .yml or .json\n" + none},
		"manifests further down":  {map[string]string{"in/web/a.yaml": plainIngress}, nil, "in: note: the manifests are in folders of this one; to read those add -R\n" + none},
		"no manifests in any":     {map[string]string{"in/web/README.md": ""}, []string{"-R"}, "in: note: no manifests here, which are files that end in .yaml, .yml or .json\n" + none},
		"manifests of other kind": {map[string]string{"in/a.yaml": "kind: ConfigMap\n"}, nil, "note: no Ingress and no Service was read\n0 Ingresses, 0 Services, 1 other document: 0 changed\n"},
	} {
		t.Run(name, func(t *testing.T) {
			write(t, c.files)
			exit, _, stderr := holdfast(t, "", append([]string{"inject", "-f", "in"}, c.flags...)...)
			assert.Zero(t, exit)
			assert.Equal(t, c.want, stderr)

			exit, stdout, stderr := holdfast(t, "", append([]string{"inject", "--fail-if-no-objects", "-f", "in"}, c.flags...)...)
			assert.Equal(t, exitFindings, exit)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, "no Ingress and no Service was read")
		})
	}
}

func TestFailIfNoObjectsLetsObjectsPass(t *testing.T) {
	exit, stdout, _ := holdfast(t, plainIngress, "inject", "--fail-if-no-objects", "-f", "-")
	assert.Zero(t, exit)
	assert.Contains(t, stdout, "proxy-read-timeout")
}

// A folder's kustomization is for kustomize: kubectl apply would refuse it.
func TestAKustomizationInAFolderIsNotPassedOn(t *testing.T) {
	for _, name := range kustomizations {
		t.Run(name, func(t *testing.T) {
			write(t, map[string]string{"base/web.yaml": plainIngress, "base/" + name: "kind: Kustomization\nresources: [web.yaml]\n"})
			exit, stdout, stderr := holdfast(t, "", "inject", "-R", "-f", ".")
			assert.Zero(t, exit)
			assert.NotContains(t, stdout, "Kustomization")
			assert.Contains(t, stderr, "base/"+name+": note: not read, as it is no manifest: kubectl kustomize base builds it, and -f - reads what that writes\n")

			_, stdout, _ = holdfast(t, "", "uninject", "-f", "base")
			assert.Equal(t, plainIngress, stdout)

			_, stdout, _ = holdfast(t, "", "inject", "-f", "base/"+name)
			assert.Contains(t, stdout, "Kustomization", "a file that is named is read")
		})
	}
}
