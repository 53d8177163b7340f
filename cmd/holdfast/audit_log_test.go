package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recordedLog is an audit log that an API server wrote.
const recordedLog = "auditlog/testdata/audit.log"

const recordedSummary = "11 events: 6 changes of 5 objects by 2 users under 1 policy; 1 failed open; 1 refused; 1 would have been changed"

func recordedEvents(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(recordedLog)
	require.NoError(t, err)
	return string(text)
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return compressed.String()
}

// logFile writes a log to a file.
func logFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestWhereAnAuditLogIsReadFrom(t *testing.T) {
	text := recordedEvents(t)
	half := strings.Index(text, "\n") + 1
	compressed := logFile(t, "audit.log.gz", gzipped(t, text))
	for _, c := range []struct {
		name, stdin string
		args        []string
	}{
		{"a file", "", []string{"--audit-log", recordedLog}},
		{"a compressed file", "", []string{"--audit-log", compressed}},
		{"standard input", text, []string{"--audit-log", "-"}},
		{"standard input that is compressed", gzipped(t, text), []string{"--audit-log", "-"}},
		{"files of a log that was rotated", text[half:], []string{"--audit-log", logFile(t, "old.log", text[:half]), "--audit-log", "-"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			exit, stdout, stderr := holdfast(t, c.stdin, append([]string{"audit", "-o", "json"}, c.args...)...)
			assert.Zero(t, exit)
			assert.Equal(t, recordedSummary+"\n", stderr)
			assert.Contains(t, stdout, `"name": "pr-lh68k"`)
		})
	}
}

func TestTheSameLogTwiceCountsOnce(t *testing.T) {
	_, _, stderr := holdfast(t, "", "audit", "-o", "json", "--audit-log", recordedLog, "--audit-log", recordedLog)
	assert.Equal(t, strings.Replace(recordedSummary, "11 events", "22 events", 1)+"\n", stderr)
}

func TestOnlyTheWritesSinceThen(t *testing.T) {
	at := func(ago time.Duration) string {
		first, _, _ := strings.Cut(recordedEvents(t), "\n")
		var e map[string]any
		require.NoError(t, json.Unmarshal([]byte(first), &e))
		e["stageTimestamp"] = time.Now().Add(-ago).UTC().Format(time.RFC3339Nano)
		text, err := json.Marshal(e)
		require.NoError(t, err)
		return string(text) + "\n"
	}
	log := at(9*24*time.Hour) + at(6*24*time.Hour) + at(time.Minute)
	for since, want := range map[string]string{"168h": "2 events: 2 changes", "600": "1 event: 1 change", "10m": "1 event: 1 change", "240h": "3 events: 3 changes"} {
		exit, stdout, _ := holdfast(t, log, "audit", "--audit-log", "-", "--since", since)
		assert.Zero(t, exit)
		assert.Contains(t, stdout, "\n"+want+" of 1 object by 1 user", since)
	}
}

func TestSeveralFormatsOfALog(t *testing.T) {
	file := filepath.Join(t.TempDir(), "changes.json")
	exit, stdout, stderr := holdfast(t, "", "audit", "--audit-log", recordedLog, "-o", "table", "-o", "json="+file, "-n", "previews")
	assert.Zero(t, exit)
	assert.Empty(t, stderr)
	assert.Contains(t, stdout, "changed Ingress previews/pr-lh68k")
	assert.NotContains(t, stdout, "shop")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, 1, strings.Count(string(text), `"auditID"`))
}

func TestWhatIsWrongWithAnAuditLog(t *testing.T) {
	text := recordedEvents(t)
	for _, c := range []struct {
		name, stdin string
		args        []string
		want        string
	}{
		{"no such file", "", []string{"--audit-log", "no.log"}, "reading the audit log: open no.log: no such file or directory"},
		{"another file", "apiVersion: v1\n", []string{"--audit-log", "-"}, "no line is an audit.k8s.io/v1 Event: is this the audit log of an API server, in JSON?"},
		{"a compressed file that was cut", gzipped(t, text)[:1000], []string{"--audit-log", "-"}, "reading the audit log stdin: unexpected EOF"},
		{"no folder for the output", text, []string{"--audit-log", "-", "-o", "json=no/file"}, "writing the results: open no/file: no such file or directory"},
		{"days", text, []string{"--audit-log", "-", "--since", "7d"}, `write "168h"`},
		{"no log", "", []string{"--since", "168h"}, "--since needs --audit-log FILE"},
		{"manifests beside it", "", []string{"--audit-log", "-", "-f", "-"}, "--filename can't be used with --audit-log"},
		{"a flag for findings", "", []string{"--audit-log", "-", "--fail-on", "error"}, "--fail-on can't be used with --audit-log"},
		{"a format for findings", "", []string{"--audit-log", "-", "-o", "sarif"}, `--audit-log can't be used with -o sarif; use -o table or json`},
		{"standard input twice", "", []string{"--audit-log", "-", "--audit-log", "-"}, "standard input (-) can be read only once"},
	} {
		t.Run(c.name, func(t *testing.T) {
			exit, _, stderr := holdfast(t, c.stdin, append([]string{"audit"}, c.args...)...)
			assert.Equal(t, exitFailed, exit)
			assert.Contains(t, stderr, c.want)
		})
	}
}

func TestWhatWasReadBeforeALogBrokeOffIsWritten(t *testing.T) {
	compressed := gzipped(t, recordedEvents(t))
	exit, stdout, _ := holdfast(t, compressed[:len(compressed)-20], "audit", "--audit-log", "-")
	assert.Equal(t, exitFailed, exit)
	assert.Contains(t, stdout, "changed Ingress shop/web")
}

func TestQuietWritesOnlyTheEntries(t *testing.T) {
	_, _, stderr := holdfast(t, "", "audit", "--audit-log", recordedLog, "-o", "json", "-q")
	assert.Empty(t, stderr)
}

func TestTheGuideHasTheAuditPolicy(t *testing.T) {
	policy, err := os.ReadFile("../../config/audit/policy.yaml")
	require.NoError(t, err)
	guide, err := os.ReadFile("../../charts/holdfast/EVIDENCE.md")
	require.NoError(t, err)
	assert.Contains(t, string(guide), "<!-- audit policy -->\n\n```yaml\n"+string(policy)+"```\n")
}
