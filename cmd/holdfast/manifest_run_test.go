package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// read returns the content of a file.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

const changedIngress = "\n1 Ingress, 0 Services, 0 other documents: 1 changed\n"

func TestSeveralOutputsAtOnce(t *testing.T) {
	write(t, map[string]string{"web.yaml": plainIngress})
	exit, stdout, stderr := holdfast(t, "", "inject", "-f", "web.yaml", "-o", "diff", "-o", "yaml=out.yaml", "-o", "json=out.json")
	assert.Zero(t, exit, stderr)
	assert.True(t, strings.HasPrefix(stdout, "--- web.yaml\n"), stdout)
	_, asYAML, _ := holdfast(t, "", "inject", "-f", "web.yaml")
	assert.Equal(t, asYAML, read(t, "out.yaml"))
	_, asJSON, _ := holdfast(t, "", "inject", "-f", "web.yaml", "-o", "json")
	assert.Equal(t, asJSON, read(t, "out.json"))
}

func TestAnOutputFileDoesNotReplaceStandardOutput(t *testing.T) {
	write(t, map[string]string{"web.yaml": plainIngress})
	_, stdout, _ := holdfast(t, "", "inject", "-f", "web.yaml", "-o", "diff=web.diff")
	assert.Contains(t, stdout, "proxy-read-timeout")
	assert.Contains(t, read(t, "web.diff"), "+++ web.yaml\n")
}

func TestInvalidOutputs(t *testing.T) {
	for flag, want := range map[string]string{
		"-o=yaml -o=diff": "standard output takes only one format; write the others to files: FORMAT=FILE",
		"-o=yaml=":        "missing file after the =",
		"-o=yml=x":        `must be "yaml", "json" or "diff"`,
		"--write -f=-":    "--write can't be used with standard input",
		"-o=yaml=no/file": "writing the results: open no/file: no such file or directory",
		"--report=no/txt": "creating the report: open no/txt: no such file or directory",
	} {
		write(t, map[string]string{"web.yaml": plainIngress})
		exit, _, stderr := holdfast(t, "", append([]string{"inject", "-f", "web.yaml"}, strings.Fields(flag)...)...)
		assert.Equal(t, exitFailed, exit, flag)
		assert.Contains(t, stderr, want, flag)
	}
}

func TestReportContainsTheMessages(t *testing.T) {
	write(t, map[string]string{"web.yaml": plainIngress})
	_, _, stderr := holdfast(t, "", "inject", "-f", "web.yaml", "--report", "report.txt")
	assert.Equal(t, stderr, read(t, "report.txt"))
	assert.True(t, strings.HasSuffix(stderr, changedIngress))
}

func TestWriteInPlace(t *testing.T) {
	write(t, map[string]string{"apps/web.yaml": plainIngress, "apps/other.yaml": "a: 1"})
	require.NoError(t, os.Chmod("apps/web.yaml", 0o640))
	require.NoError(t, os.Symlink(filepath.Join("apps", "web.yaml"), "link.yaml"))
	before, err := os.Stat("apps/other.yaml")
	require.NoError(t, err)

	exit, stdout, stderr := holdfast(t, "", "inject", "-f", "link.yaml", "-f", "apps/other.yaml", "--write", "-o", "diff")
	assert.Zero(t, exit, stderr)
	assert.True(t, strings.HasPrefix(stdout, "--- link.yaml\n"), stdout)
	_, injected, _ := holdfast(t, plainIngress, "inject", "-f", "-")
	assert.Equal(t, injected, read(t, "apps/web.yaml"))

	link, err := os.Lstat("link.yaml")
	require.NoError(t, err)
	assert.Equal(t, fs.ModeSymlink, link.Mode().Type(), "a symbolic link is kept")
	written, err := os.Stat("apps/web.yaml")
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o640), written.Mode())
	after, err := os.Stat("apps/other.yaml")
	require.NoError(t, err)
	assert.True(t, os.SameFile(before, after), "an unchanged file isn't written")

	exit, stdout, stderr = holdfast(t, "", "uninject", "-R", "-f", ".", "--write")
	assert.Zero(t, exit, stderr)
	assert.Empty(t, stdout)
	assert.Equal(t, plainIngress, read(t, "apps/web.yaml"))
	assertFiles(t, "apps", 2)
}

func TestNothingIsWrittenIfAnObjectIsRefused(t *testing.T) {
	refused := strings.Replace(plainIngress, "name: web\n", "name: web\n  annotations: {holdfast.dev/idle-timeout: soon}\n", 1)
	write(t, map[string]string{"a.yaml": plainIngress, "b.yaml": refused})
	exit, _, _ := holdfast(t, "", "inject", "-f", ".", "--write", "-o", "diff=all.diff")
	assert.Equal(t, exitFindings, exit)
	assert.Equal(t, plainIngress, read(t, "a.yaml"))
	assertFiles(t, ".", 2)
}

func TestBatchesDoNotChangeTheResult(t *testing.T) {
	const documents = 3*maxBatchDocuments + 1
	var want strings.Builder
	for i := range documents {
		_, alone, _ := holdfast(t, "---\n"+platformDocument(i), "inject", "-f", "-")
		want.WriteString(alone)
	}
	exit, stdout, stderr := holdfast(t, stream(documents, platformDocument), "inject", "-f", "-")
	assert.Zero(t, exit, stderr)
	assert.Equal(t, want.String(), stdout)
}

func TestErrorsAreReportedInTheOrderOfTheDocuments(t *testing.T) {
	var text, want strings.Builder
	for i := range 3 * maxBatchDocuments {
		if i%maxBatchDocuments != maxBatchDocuments/2 {
			text.WriteString("---\n" + ingressDocument(i))
			continue
		}
		text.WriteString("---\nkind: Ingress\na: [\n")
		// The unclosed list ends in the next document.
		fmt.Fprintf(&want, "stdin:%d:1: error: did not find expected node content\n", strings.Count(text.String(), "\n")+1)
	}
	exit, stdout, stderr := holdfast(t, text.String(), "inject", "-f", "-")
	assert.Equal(t, exitFailed, exit)
	assert.Empty(t, stdout)
	assert.Equal(t, want.String()+"holdfast: 3 documents can't be read, so nothing was written\n", stderr)
}

func TestWriteRefusesHardLinks(t *testing.T) {
	write(t, map[string]string{"a.yaml": plainIngress})
	require.NoError(t, os.Link("a.yaml", "b.yaml"))
	exit, _, stderr := holdfast(t, "", "inject", "-f", "a.yaml", "--write")
	assert.Equal(t, exitFailed, exit)
	assert.Contains(t, stderr, "writing a.yaml: the file has another hard link")
	assert.Equal(t, plainIngress, read(t, "b.yaml"))
	assertFiles(t, ".", 2)
}

// assertFiles checks that a folder has that many files and no temporary ones.
func assertFiles(t *testing.T, folder string, files int) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, entries, files)
}

func TestDiffInColour(t *testing.T) {
	assert.Equal(t, "\x1b[1m--- a\x1b[m\n\x1b[1m+++ a\x1b[m\n\x1b[36m@@ -1 +1 @@\x1b[m\n same\n\x1b[31m-old\x1b[m\n\x1b[32m+new\x1b[m",
		coloured("--- a\n+++ a\n@@ -1 +1 @@\n same\n-old\n+new"))
}

func TestColourIsForTerminals(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	defer file.Close()
	assert.False(t, hasColour(file))
	assert.False(t, hasColour(&strings.Builder{}))
}
