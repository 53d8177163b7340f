package main

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDockerGetsAllThatTheBinaryIsBuiltFrom compares what the first stage of the
// Dockerfile compiles with what .dockerignore leaves of the work tree.
func TestDockerGetsAllThatTheBinaryIsBuiltFrom(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repository, ".dockerignore"))
	require.NoError(t, err)
	listed, err := outputWith(t.Context(), []string{"GOWORK=off"}, repository, "go", "list", "-deps", "-f",
		`{{if and .Module .Module.Main}}{{$folder := .Dir}}{{range .GoFiles}}{{$folder}}/{{.}}{{"\n"}}{{end}}`+
			`{{range .EmbedFiles}}{{$folder}}/{{.}}{{"\n"}}{{end}}{{end}}`, "./cmd/holdfast")
	require.NoError(t, err)
	root, err := filepath.Abs(repository)
	require.NoError(t, err)
	files := []string{"go.mod", "go.sum", "test/licences/main.go"}
	for _, file := range strings.Fields(listed) {
		relative, err := filepath.Rel(root, file)
		require.NoError(t, err)
		files = append(files, filepath.ToSlash(relative))
	}
	require.Contains(t, files, "cmd/holdfast/main.go")
	for _, file := range files {
		assert.False(t, isIgnored(t, string(text), file), "%s isn't in Docker's build context: see .dockerignore", file)
	}
	assert.True(t, isIgnored(t, string(text), "charts/holdfast/Chart.yaml"))
	assert.True(t, isIgnored(t, string(text), "cmd/holdfast/main_test.go"))
	assert.True(t, isIgnored(t, string(text), "policy/testdata/a/b.yaml"))
}

// isIgnored reports whether a .dockerignore excludes a file: the last pattern that fits
// the file or a folder above it decides.
func isIgnored(t *testing.T, patterns, file string) bool {
	t.Helper()
	ignored := false
	for line := range strings.Lines(patterns) {
		pattern, excepted := strings.CutPrefix(strings.TrimSpace(line), "!")
		if pattern == "" || strings.HasPrefix(pattern, "#") {
			continue
		}
		pattern, anywhere := strings.CutPrefix(pattern, "**/")
		for part := file; part != "."; part = path.Dir(part) {
			name := part
			if anywhere {
				name = path.Base(part)
			}
			fits, err := path.Match(pattern, name)
			require.NoError(t, err)
			if fits {
				ignored = !excepted
			}
		}
	}
	return ignored
}
