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
	assert.Contains(t, err, file+`:4:14: corrections: 1 must be "warn" or "apply"`)

	require.NoError(t, os.WriteFile(file, []byte(policyHeader), 0o600))
	code, _, err = holdfast(t, "", "policy", "validate", "-f", file)
	assert.Zero(t, code)
	assert.Contains(t, err, "a valid policy (SHA-256 ")
}

func TestPoliciesAreReadWhereAdminsHaveThem(t *testing.T) {
	const (
		configMap = "apiVersion: v1\nkind: ConfigMap\ndata:\n  policy.yaml: |\n    apiVersion: config.holdfast.dev/v1alpha1\n    kind: WebSocketPolicy\n    cloud: "
		values    = "replicas: 3\npolicy:\n  cloud: "
	)
	_, want, _ := holdfast(t, policyHeader+"cloud: gcp\n", "policy", "print", "-f", "-")
	for name, c := range map[string]struct{ file, valid, invalid string }{
		"a ConfigMap":           {configMap, "stdin: data[policy.yaml] is a valid policy (SHA-256 ", `stdin:7:12: cloud: "gpc" must be `},
		"the chart's values":    {values, "stdin: policy is a valid policy\n", `stdin:3:10: policy.cloud: "gpc" must be `},
		"a ConfigMap in a List": {"kind: List\nitems:\n- " + strings.ReplaceAll(configMap, "\n", "\n  "), "stdin: data[policy.yaml] is", `stdin:9:14: cloud: "gpc" must be `},
	} {
		t.Run(name, func(t *testing.T) {
			exit, out, err := holdfast(t, c.file+"gcp\n", "policy", "print", "-f", "-")
			assert.Zero(t, exit, err)
			assert.Equal(t, want, out)
			exit, _, err = holdfast(t, c.file+"gcp\n", "policy", "validate", "-f", "-")
			assert.Zero(t, exit)
			assert.True(t, strings.HasPrefix(err, c.valid), err)
			exit, out, err = holdfast(t, c.file+"gpc\n", "policy", "validate", "-f", "-")
			assert.Equal(t, exitFindings, exit)
			assert.Empty(t, out)
			assert.True(t, strings.HasPrefix(err, c.invalid), err)

			write(t, map[string]string{"policy.yaml": c.file + "gcp\n"})
			exit, _, err = holdfast(t, plainIngress, "inject", "-f", "-", "--policy", "policy.yaml")
			assert.Zero(t, exit, err)
		})
	}
}

func TestOnePolicyIsPrinted(t *testing.T) {
	both := "kind: ConfigMap\ndata:\n  a: |\n    kind: WebSocketPolicy\n    apiVersion: config.holdfast.dev/v1alpha1\n  b: |\n    kind: WebSocketPolicy\n    apiVersion: config.holdfast.dev/v1alpha1\n"
	exit, out, err := holdfast(t, both, "policy", "print", "-f", "-")
	assert.Equal(t, exitFailed, exit)
	assert.Empty(t, out)
	assert.Equal(t, "holdfast: stdin has 2 policies; name a file with one\n", err)

	exit, _, err = holdfast(t, both, "policy", "validate", "-f", "-")
	assert.Zero(t, exit)
	assert.Equal(t, 2, strings.Count(err, " is a valid policy (SHA-256 "))
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
