package manifest_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// move returns the changes that move the value of an annotation to another key.
func move(from, to, value string) []policy.Change {
	added := change(to, value)
	added.MovedFrom = from
	return []policy.Change{change(from), added}
}

func TestAMovedAnnotationIsWrittenAsItWas(t *testing.T) {
	for name, test := range map[string]struct {
		// annotations are the lines from the map of annotations on.
		annotations, value, want string
	}{
		"a comment behind": {
			"annotations:\n    a.b/wrnog: \"2h\" # for the lobby\n    x: v\n", "2h",
			"annotations:\n    a.b/right: \"2h\" # for the lobby\n    x: v\n"},
		"comments above and below": {
			"annotations:\n    x: v\n    # for the lobby\n    a.b/wrnog: 2h\n    # the end\n", "2h",
			"annotations:\n    x: v\n    # for the lobby\n    a.b/right: 2h\n    # the end\n"},
		"the only one": {
			"annotations:\n    a.b/wrnog: 2h # for the lobby\n", "2h",
			"annotations:\n    a.b/right: 2h # for the lobby\n"},
		"a key in single quotes": {
			"annotations:\n    'a.b/wrnog':   '2h'\n    x: v\n", "2h",
			"annotations:\n    'a.b/right':   '2h'\n    x: v\n"},
		"a key in double quotes with an escape": {
			"annotations:\n    \"a.b\\/wrnog\": 2h\n    x: v\n", "2h",
			"annotations:\n    \"a.b/right\": 2h\n    x: v\n"},
		"a key with a tag and an anchor": {
			"annotations:\n    &key !!str a.b/wrnog: 2h\n    x: v\n", "2h",
			"annotations:\n    &key !!str a.b/right: 2h\n    x: v\n"},
		"a key behind a question mark": {
			"annotations:\n    ? a.b/wrnog # why\n    : 2h\n    x: v\n", "2h",
			"annotations:\n    ? a.b/right # why\n    : 2h\n    x: v\n"},
		"a map in braces": {
			"annotations: {x: v, a.b/wrnog: 2h , y: w} # c\n", "2h",
			"annotations: {x: v, a.b/right: 2h , y: w} # c\n"},
		"a map in braces over lines": {
			"annotations: {\n      \"a.b/wrnog\": \"2h\", # c\n      \"x\": \"v\"\n    }\n", "2h",
			"annotations: {\n      \"a.b/right\": \"2h\", # c\n      \"x\": \"v\"\n    }\n"},
		"a literal block": {
			"annotations:\n    a.b/wrnog: | # c\n      one\n      two\n    x: v\n", "one\ntwo\n",
			"annotations:\n    a.b/right: | # c\n      one\n      two\n    x: v\n"},
		"a folded block at the end": {
			"annotations:\n    a.b/wrnog: >-\n      one\n      two\n", "one two",
			"annotations:\n    a.b/right: >-\n      one\n      two\n"},
		"a value with an anchor that is used elsewhere": {
			"annotations:\n    a.b/wrnog: &long 2h # c\n    x: *long\n", "2h",
			"annotations:\n    a.b/right: &long 2h # c\n    x: *long\n"},
		"an alias as the value": {
			"annotations:\n    x: &long 2h\n    a.b/wrnog: *long # c\n", "2h",
			"annotations:\n    x: &long 2h\n    a.b/right: \"2h\" # c\n"},
		"another value": {
			"annotations:\n    a.b/wrnog: '2h' # c\n    x: v\n", "3h",
			"annotations:\n    a.b/right: '3h' # c\n    x: v\n"},
		"a value that lacks quotes": {
			"annotations:\n    a.b/wrnog: 3600 # c\n    x: v\n", "3600",
			"annotations:\n    a.b/right: \"3600\" # c\n    x: v\n"},
		"a new key that is there already": {
			"annotations:\n    a.b/wrnog: 2h # c\n    a.b/right: v\n", "2h",
			"annotations:\n    a.b/right: 2h\n"},
	} {
		t.Run(name, func(t *testing.T) {
			in, want := "metadata:\n  "+test.annotations+"  name: web\n", "metadata:\n  "+test.want+"  name: web\n"
			changes := move("a.b/wrnog", "a.b/right", test.value)
			assert.Equal(t, want, written(t, in, changes))
			assert.Equal(t, strings.TrimSuffix(want, "\n"), written(t, strings.TrimSuffix(in, "\n"), changes), "without a line break at the end")
			windows := strings.NewReplacer("\n", "\r\n")
			assert.Equal(t, windows.Replace(want), written(t, windows.Replace(in), changes), "with Windows line breaks")
		})
	}
}

// written returns the lines of an object behind the first two, with changes.
func written(t *testing.T, lines string, changes []policy.Change) string {
	t.Helper()
	head := "apiVersion: v1\nkind: Service\n"
	if strings.Contains(lines, "\r\n") {
		head = strings.ReplaceAll(head, "\n", "\r\n")
	}
	_, behind, found := strings.Cut(withChanges(t, head+lines, func(*manifest.Object) []policy.Change { return changes }), head)
	require.True(t, found)
	return behind
}

// withChanges returns a stream with the changes of its objects.
func withChanges(t *testing.T, stream string, changes func(*manifest.Object) []policy.Change) string {
	t.Helper()
	var out strings.Builder
	for _, d := range readAll(t, stream) {
		c, err := d.Read()
		require.NoError(t, err, "%s", stream)
		for _, o := range c.Objects {
			o.Change(changes(o))
		}
		text, faults := c.Bytes()
		require.Empty(t, faults, "%s", stream)
		out.Write(text)
	}
	return out.String()
}

// TestMovedAnnotationsChangeNothingElse moves an annotation of each object in manifests as
// they could be in real files.
func TestMovedAnnotationsChangeNothingElse(t *testing.T) {
	const renamed = "moved.example.com/key"
	moved := 0
	for seed := range uint64(1000) {
		random := rand.New(rand.NewPCG(seed, 2))
		stream := generator{random}.stream()
		var keys []string
		got := withChanges(t, stream, func(o *manifest.Object) []policy.Change {
			for _, key := range slices.Sorted(maps.Keys(o.Annotations)) {
				if text := o.Annotations[key]; text != "" {
					keys = append(keys, key)
					return move(key, renamed, text)
				}
			}
			return nil
		})
		for _, key := range keys {
			got = strings.Replace(got, renamed, key, 1)
		}
		require.Equal(t, stream, got, "seed %d: more than a key was changed", seed)
		moved += len(keys)
	}
	assert.Greater(t, moved, 300, "hardly any annotation was moved")
}
