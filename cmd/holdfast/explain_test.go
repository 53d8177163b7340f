package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

func TestExplain(t *testing.T) {
	cases := map[string]string{
		"list.golden.txt":                  "",
		"list.golden.json":                 "-o json",
		"list.golden.yaml":                 "-o yaml",
		"overridden-value.golden.txt":      "overridden-value",
		"overridden-value.golden.json":     "overridden-value -o json",
		"overridden-value.golden.yaml":     "overridden-value -o yaml",
		"rule-without-example.golden.txt":  "too-many-items",
		"rule-without-example.golden.yaml": "too-many-items -o yaml",
	}
	assertPrinted(t, "explain", filepath.Join("testdata", "explain"), cases)
}

// assertPrinted runs a command with the arguments of each case and compares what it
// prints with the case's file. The folder must have no other files.
func assertPrinted(t *testing.T, command, folder string, cases map[string]string) {
	t.Helper()
	for file, args := range cases {
		t.Run(file, func(t *testing.T) {
			exit, stdout, stderr := holdfast(t, "", append([]string{command}, strings.Fields(args)...)...)
			assert.Zero(t, exit)
			assert.Empty(t, stderr)
			compare(t, filepath.Join(folder, file), stdout)
		})
	}
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, file := range files {
		assert.Contains(t, cases, file.Name(), "no test reads this file")
	}
}

func TestExplainADialectIsDialectsNAME(t *testing.T) {
	for _, name := range dialect.Names() {
		for _, f := range []string{"table", "json", "yaml"} {
			_, want, _ := holdfast(t, "", "dialects", name, "-o", f)
			exit, got, _ := holdfast(t, "", "explain", name, "-o", f)
			assert.Zero(t, exit)
			assert.Equal(t, want, got, "%s as %s", name, f)
		}
	}
}

func TestExplainEveryRule(t *testing.T) {
	for _, rule := range policy.Rules() {
		exit, stdout, _ := holdfast(t, "", "explain", string(rule.Name))
		assert.Zero(t, exit)
		title := fmt.Sprintf("%s (%s): %s\n\n", rule.Name, rule.Severity, rule.Title)
		require.True(t, strings.HasPrefix(stdout, title), stdout)
		text, _, _ := strings.Cut(strings.TrimPrefix(stdout, title), "\n\nExample:\n")
		for line := range strings.Lines(text) {
			assert.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), explainWidth, line)
		}
		assert.Equal(t, rule.Text, strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", " "), "wrapping changes the words")
		assert.Nil(t, dialect.ByName(string(rule.Name)), "a rule and a dialect have the same name")
	}
}

func TestExplainFails(t *testing.T) {
	for name, test := range map[string]struct{ args, want string }{
		"a misspelt rule":    {"overriden-value", "there is no rule or dialect \"overriden-value\"; did you mean overridden-value?\nholdfast explain lists them\n"},
		"a misspelt dialect": {"Ingres-ngnix", "there is no rule or dialect \"Ingres-ngnix\"; did you mean ingress-nginx?\nholdfast explain lists them\n"},
		"no name is near":    {"quite-another-thing", "there is no rule or dialect \"quite-another-thing\"\nholdfast explain lists them\n"},
		"no such format":     {"kong -o diff", "invalid argument \"diff\" for \"-o, --output\" flag: must be \"table\", \"json\" or \"yaml\"\n"},
		"two names":          {"kong istio", "unexpected argument \"istio\"; holdfast explain takes one name\n"},
	} {
		t.Run(name, func(t *testing.T) {
			exit, stdout, stderr := holdfast(t, "", append([]string{"explain"}, strings.Fields(test.args)...)...)
			assert.Equal(t, exitFailed, exit)
			assert.Empty(t, stdout)
			assert.Equal(t, "holdfast: "+test.want, stderr)
		})
	}
}

func TestExplainCompletesNames(t *testing.T) {
	for typed, want := range map[string]string{
		"out-": "out-of-bounds\ta value is outside of the policy's minimum and maximum\n:4\n",
		"ist":  "istio\tIstio's Ingress (istio/istio)\n:4\n",
	} {
		exit, stdout, _ := holdfast(t, "", "__complete", "explain", typed)
		assert.Zero(t, exit)
		assert.Equal(t, want, stdout)
	}
}
