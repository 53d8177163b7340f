package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// benchDocuments is about the number of documents that a platform's charts render.
const benchDocuments = 10_000

// BenchmarkInject measures the throughput of the commands. "copy" is the baseline: it
// decodes and encodes each document with the YAML library that kubectl, Helm and
// kustomize share.
func BenchmarkInject(b *testing.B) {
	platform := stream(benchDocuments, platformDocument)
	ingresses := stream(benchDocuments, ingressDocument)
	b.Run("copy", func(b *testing.B) { benchmark(b, platform, copyDocuments) })
	b.Run("inject", func(b *testing.B) { benchmark(b, platform, command("inject")) })
	b.Run("inject-diff", func(b *testing.B) { benchmark(b, platform, command("inject", "-o", "diff")) })
	b.Run("inject-ingresses", func(b *testing.B) { benchmark(b, ingresses, command("inject")) })
	b.Run("uninject", func(b *testing.B) { benchmark(b, injected(b, platform), command("uninject")) })
}

func benchmark(b *testing.B, manifests string, do func(t testing.TB, file string)) {
	file := filepath.Join(b.TempDir(), "manifests.yaml")
	require.NoError(b, os.WriteFile(file, []byte(manifests), 0o600))
	b.SetBytes(int64(len(manifests)))
	b.ReportAllocs()
	for b.Loop() {
		do(b, file)
	}
}

// command returns a function that runs the program on a file.
func command(args ...string) func(testing.TB, string) {
	return func(t testing.TB, file string) { runTo(t, io.Discard, append(args, "-f", file)...) }
}

func runTo(t testing.TB, stdout io.Writer, args ...string) {
	var stderr bytes.Buffer
	exit := run(t.Context(), "holdfast", args, streams{nil, stdout, &stderr})
	require.Zero(t, exit, "%s", &stderr)
}

func copyDocuments(t testing.TB, file string) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for document := range bytes.SplitSeq(text, []byte("---\n")) {
		var value any
		require.NoError(t, yaml.Unmarshal(document, &value))
		written, err := yaml.Marshal(value)
		require.NoError(t, err)
		_, err = io.Discard.Write(written)
		require.NoError(t, err)
	}
}

// injected returns the manifests after inject.
func injected(t testing.TB, manifests string) string {
	file := filepath.Join(t.TempDir(), "plain.yaml")
	require.NoError(t, os.WriteFile(file, []byte(manifests), 0o600))
	var stdout strings.Builder
	runTo(t, &stdout, "inject", "-f", file)
	return stdout.String()
}
