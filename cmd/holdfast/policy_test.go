package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const policyHeader = "apiVersion: config.holdfast.dev/v1alpha1\nkind: WebSocketPolicy\n"

func TestPolicyPrintFillsInDefaults(t *testing.T) {
	code, builtIn, _ := holdfast(t, "", "policy", "print")
	require.Zero(t, code)
	assert.Contains(t, builtIn, "read:\n    default: 1h\n")

	code, out, _ := holdfast(t, policyHeader+"cloud: gcp\n", "policy", "print", "-f", "-")
	require.Zero(t, code)
	assert.Equal(t, strings.Replace(builtIn, "cloud: ''", "cloud: gcp", 1), out)
}

func TestPolicyValidateReportsEveryErrorWithItsPosition(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy.yaml")
	require.NoError(t, os.WriteFile(file, []byte(policyHeader+"cloud: gpc\ncorrections: 1\n"), 0o600))
	code, out, err := holdfast(t, "", "policy", "validate", "-f", file)
	assert.Equal(t, exitFindings, code)
	assert.Empty(t, out)
	require.Equal(t, 2, strings.Count(err, "\n"), err)
	assert.Contains(t, err, file+`:3:8: cloud: "gpc" must be `)
	assert.Contains(t, err, file+`:4:14: corrections: 1 is a number; put it in quotes: "1"`)

	require.NoError(t, os.WriteFile(file, []byte(policyHeader), 0o600))
	code, _, err = holdfast(t, "", "policy", "validate", "-f", file)
	assert.Zero(t, code)
	assert.Contains(t, err, "a valid policy (SHA-256 ")
}

func TestCommandsThatCannotRunExitWith2(t *testing.T) {
	for _, args := range [][]string{
		{"policy", "validate"},
		{"policy", "print", "-f", "no-such-file.yaml"},
		{"no-such-command"},
		{"webhook", "--log-format", "xml"},
		{"webhook", "--log-level", "loud"},
		{"webhook", "--tls-min-version", "1.1"},
	} {
		code, out, err := holdfast(t, "", args...)
		assert.Equal(t, exitFailed, code, args)
		assert.Empty(t, out, args)
		assert.True(t, strings.HasPrefix(err, "holdfast: "), "%v: %s", args, err)
	}
}

func TestVersion(t *testing.T) {
	code, out, _ := holdfast(t, "", "version")
	assert.Zero(t, code)
	assert.Regexp(t, `^holdfast \S+ \(.+, go1\.\S+ \w+/\w+\)\n$`, out)
}
