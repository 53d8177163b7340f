package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// dialectFolders holds a folder for each dialect. In it are manifests,
// CASE.yaml; beside some their policy, CASE.policy.yaml; and what inject makes
// of them and says of it: CASE.golden.yaml and CASE.golden.txt.
var dialectFolders = filepath.Join("testdata", "dialects")

// The cases that no dialect's folder may lack, and those that it needs if anything is
// injected.
var (
	requiredCases  = []dialectCase{"one-rule", "no-class", "legacy-class", "user-values", "sticky", "foreign-annotations", "desired-values"}
	injectionCases = []dialectCase{"many-rules", "tls", "default-backend", "annotations-forms"}
)

func TestDialectCases(t *testing.T) {
	folders, err := os.ReadDir(dialectFolders)
	require.NoError(t, err)
	var names []string
	for _, folder := range folders {
		names = append(names, folder.Name())
	}
	require.ElementsMatch(t, dialect.Names(), names, "each dialect has its folder")
	for _, d := range dialect.All() {
		t.Run(d.Name, func(t *testing.T) {
			t.Chdir(filepath.Join(dialectFolders, d.Name))
			cases := dialectCases(t)
			required := requiredCases
			if slices.ContainsFunc(d.Annotations, func(a *dialect.Annotation) bool { return !a.ReadOnly }) {
				required = slices.Concat(required, injectionCases)
			}
			if slices.ContainsFunc(d.Annotations, func(a *dialect.Annotation) bool { return a.Codec() != nil }) {
				required = append(slices.Clone(required), "composite-values")
			}
			assert.Subset(t, cases, required)
			for _, c := range cases {
				t.Run(string(c), c.check)
			}
		})
	}
}

// dialectCase is the name of a case in the current folder.
type dialectCase string

// dialectCases finds the cases, and the files that belong to none.
func dialectCases(t *testing.T) []dialectCase {
	t.Helper()
	var cases []dialectCase
	files, err := filepath.Glob("*")
	require.NoError(t, err)
	for _, file := range files {
		name, kind, _ := strings.Cut(file, ".")
		if kind == "yaml" {
			cases = append(cases, dialectCase(name))
			continue
		}
		assert.Contains(t, []string{"policy.yaml", "golden.yaml", "golden.txt"}, kind, file)
		assert.FileExists(t, name+".yaml", "%s belongs to no case", file)
	}
	return cases
}

func (c dialectCase) file(kind string) string { return string(c) + "." + kind }

// inject runs the command over a file, or over standard input.
func (c dialectCase) inject(t *testing.T, file, stdin string) (exit int, stdout, stderr string) {
	t.Helper()
	args := []string{"inject", "-f", file}
	if _, err := os.Stat(c.file("policy.yaml")); err == nil {
		args = append(args, "--policy", c.file("policy.yaml"))
	}
	return holdfast(t, stdin, args...)
}

// check holds a case to its golden files, and to what holds for every one:
// injecting again changes nothing, uninject gives the bytes back, and so does
// the label that leaves an object alone.
func (c dialectCase) check(t *testing.T) {
	exit, injected, said := c.inject(t, c.file("yaml"), "")
	compare(t, c.file("golden.txt"), said)
	compare(t, c.file("golden.yaml"), injected)
	c.checkFix(t)
	if exit == exitFindings {
		assert.Empty(t, injected)
		return
	}
	require.Zero(t, exit, said)
	c.checkAgain(t, injected, said)
	c.checkAudit(t, injected)
	c.checkUninject(t, injected)
	c.checkToggle(t, injected)
}

// checkAgain injects what was injected.
func (c dialectCase) checkAgain(t *testing.T, injected, said string) {
	exit, again, saidAgain := c.inject(t, "-", injected)
	require.Zero(t, exit, saidAgain)
	assert.Equal(t, injected, again, "a second injection changes something")
	assert.Contains(t, saidAgain, ": 0 changed\n")
	assert.Equal(t, withoutPlaces(said), withoutPlaces(saidAgain), "a second injection says something else")
}

var (
	place   = regexp.MustCompile(`(?m)^\S+:\d+:\d+: `)
	changed = regexp.MustCompile(`: \d+ changed\n$`)
)

// withoutPlaces is what was said, without where and how much was changed.
func withoutPlaces(said string) string {
	return changed.ReplaceAllString(place.ReplaceAllString(said, ""), "")
}

func (c dialectCase) checkUninject(t *testing.T, injected string) {
	exit, back, said := holdfast(t, injected, "uninject", "-f", "-")
	require.Zero(t, exit, said)
	assert.Equal(t, read(t, c.file("yaml")), back, "uninject gives something else back")
}

// checkToggle labels each object, and finds nothing of Holdfast's left in it.
func (c dialectCase) checkToggle(t *testing.T, injected string) {
	var labelled strings.Builder
	for _, document := range documents(t, injected) {
		for _, o := range objectsOf(document) {
			within(within(o, "metadata"), "labels")[policy.PolicyLabel] = policy.Ignore
		}
		text, err := yaml.Marshal(document)
		require.NoError(t, err)
		labelled.WriteString("---\n" + string(text))
	}
	exit, plain, said := c.inject(t, "-", labelled.String())
	require.Zero(t, exit, said)
	assert.Equal(t, essence(t, read(t, c.file("yaml"))), essence(t, plain), "the label leaves something of Holdfast's")
}

// documents are those of a stream that hold anything.
func documents(t *testing.T, stream string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for reader := manifest.NewReader(strings.NewReader(stream), "test"); ; {
		d, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		var document map[string]any
		require.NoError(t, yaml.Unmarshal(d.Text(), &document), "%s", d.Text())
		if document != nil {
			all = append(all, document)
		}
	}
}

// objectsOf are the Ingresses and Services in a document.
func objectsOf(document map[string]any) []map[string]any {
	switch kind := document["kind"]; kind {
	case "Ingress", "Service":
		return []map[string]any{document}
	case "List", "IngressList", "ServiceList":
		var all []map[string]any
		items, _ := document["items"].([]any)
		for _, item := range items {
			all = append(all, objectsOf(item.(map[string]any))...)
		}
		return all
	default:
		return nil
	}
}

// within is the mapping under a key, which is made where it isn't there.
func within(o map[string]any, key string) map[string]any {
	if inner, ok := o[key].(map[string]any); ok {
		return inner
	}
	inner := make(map[string]any)
	o[key] = inner
	return inner
}

// essence is all that Holdfast may change in the objects of a stream.
func essence(t *testing.T, stream string) []map[string]any {
	var all []map[string]any
	for _, document := range documents(t, stream) {
		for _, o := range objectsOf(document) {
			all = append(all, map[string]any{
				"name":        within(o, "metadata")["name"],
				"annotations": within(within(o, "metadata"), "annotations"),
				"spec":        within(o, "spec"),
			})
		}
	}
	return all
}
