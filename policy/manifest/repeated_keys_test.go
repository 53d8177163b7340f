package manifest_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	kyaml "sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/policy"
)

// warningsOf returns what a document's one object has that may not be meant.
func warningsOf(t *testing.T, text string) []string {
	t.Helper()
	o := readObject(t, text)
	assert.Empty(t, o.Faults)
	var all []string
	for _, w := range o.Repeated {
		all = append(all, w.Error())
	}
	return all
}

func TestKeysThatAreSetTwice(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"none": {serviceType + "metadata:\n  name: web\nspec:\n  type: a\n", nil},
		"a name and a type": {
			"# c\n" + serviceType + "metadata:\n  name: web\n  name: web\nspec:\n  type: a\n  ports: []\n  type: b\n",
			[]string{
				"in.yaml:6:3: Service web: metadata.name: set twice, on lines 5 and 6; the last one is used, so remove the other",
				"in.yaml:10:3: Service web: spec.type: set twice, on lines 8 and 10; the last one is used, so remove the other",
			},
		},
		"an annotation, three times": {
			serviceType + "metadata:\n  annotations:\n    a: b\n    \"a\": c\n    # d\n    'a': e\n",
			[]string{"in.yaml:8:5: Service: metadata.annotations[a]: set 3 times, on lines 5, 6 and 8; the last one is used, so remove the others"},
		},
		"an annotation, many times": {
			serviceType + "metadata:\n  annotations:\n" + strings.Repeat("    a: b\n", 9),
			[]string{"in.yaml:13:5: Service: metadata.annotations[a]: set 9 times, on lines 5 to 13; the last one is used, so remove the others"},
		},
		"labels": {
			serviceType + "metadata:\n  labels: {}\n  labels:\n    a: b\n",
			[]string{"in.yaml:5:3: Service: metadata.labels: set twice, on lines 4 and 5; the last one is used, so remove the other"},
		},
		"on one line of JSON": {
			`{"apiVersion":"v1","kind":"Service","metadata":{"annotations":{"a":"b","a":"c"}}}`,
			[]string{"in.yaml:1:72: Service: metadata.annotations[a]: set twice, on line 1; the last one is used, so remove the other"},
		},
		"in an element of a list": {
			serviceType + "spec:\n  ports:\n  - port: 80\n    port: 81\n",
			[]string{"in.yaml:6:5: Service: spec.ports[0].port: set twice, on lines 5 and 6; the last one is used, so remove the other"},
		},
		"what is merged in is no key": {
			serviceType + "x: [&a {a: b}, &b {b: c}]\nmetadata:\n  annotations:\n    <<: *a\n    <<: *b\n    a: c\n", nil,
		},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, warningsOf(t, test.text)) })
	}
}

func TestTheLastOfSeveralKeysCounts(t *testing.T) {
	for name, test := range map[string]struct {
		metadata string
		want     map[string]string
	}{
		"annotations":                 {"{annotations: {a: b, c: d, a: e}}", map[string]string{"a": "e", "c": "d"}},
		"a map of annotations":        {"{annotations: {a: b}, annotations: {c: d}}", map[string]string{"c": "d"}},
		"a map that is null":          {"{annotations: {a: b}, annotations: ~}", nil},
		"behind what is merged in":    {"{annotations: {<<: {a: b}, a: c}}", map[string]string{"a": "c"}},
		"before what is merged in":    {"{annotations: {a: c, <<: {a: b}}}", map[string]string{"a": "b"}},
		"in two that are merged in":   {"{annotations: {<<: {a: b}, <<: {a: c}}}", map[string]string{"a": "c"}},
		"in a list of merged ones":    {"{annotations: {<<: [{a: b}, {a: c}]}}", map[string]string{"a": "b"}},
		"a large map of annotations":  {"{annotations: {a: b, c: d" + repeat(40, ", x%d: y") + ", a: e}, annotations: {a: e}}", map[string]string{"a": "e"}},
		"a merge behind a large map":  {"{" + repeat(40, "x%d: y, ") + "annotations: {a: b}, <<: {annotations: {a: c}}}", map[string]string{"a": "c"}},
		"a merge before a large map":  {"{<<: {annotations: {a: c}}, " + repeat(40, "x%d: y, ") + "annotations: {a: b}}", map[string]string{"a": "b"}},
		"one merged in by one merged": {"{annotations: {a: b, <<: {<<: {a: c}}}}", map[string]string{"a": "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, readObject(t, serviceType+"metadata: "+test.metadata+"\nspec: {}\n").Annotations)
		})
	}
}

// TestReadsWhatKubectlReads reads annotations with repeated and merged keys as
// kubectl's conversion to JSON does.
func TestReadsWhatKubectlReads(t *testing.T) {
	for seed := range uint64(2000) {
		g := generator{rand.New(rand.NewPCG(seed, 3))}
		text := serviceType + "shared: [&a {a: 1a, b: 1b}, &b {<<: *a, b: 2b, c: 2c}]\nmetadata:\n" + g.repeatedMetadata()
		json, err := kyaml.YAMLToJSON([]byte(text))
		require.NoError(t, err, "%s", text)
		require.Equal(t, annotationsIn(t, json), readObject(t, text).Annotations, "seed %d\n%s", seed, text)
	}
}

// annotationsIn returns the annotations of an object in JSON.
func annotationsIn(t *testing.T, object []byte) map[string]string {
	t.Helper()
	var read struct {
		Metadata struct {
			Annotations map[string]string `json:"annotations"`
		} `json:"metadata"`
	}
	require.NoError(t, json.Unmarshal(object, &read))
	return read.Metadata.Annotations
}

// repeatedMetadata returns the entries of a metadata in which keys are repeated.
func (g generator) repeatedMetadata() string {
	var out strings.Builder
	for range 1 + g.IntN(2) {
		out.WriteString("  annotations:\n")
		for i := range 1 + g.IntN(5) {
			out.WriteString("    " + g.one(
				fmt.Sprintf("a: v%d", i), fmt.Sprintf("\"b\": v%d", i), fmt.Sprintf("c: 'v%d'", i),
				"<<: *a", "<<: *b", "<<: [*a, *b]", "<<: [*b, {a: 3a}]", "\"<<\": quoted",
			) + "\n")
		}
	}
	if g.chance(20) {
		out.WriteString("  <<: {annotations: *b}\n")
	}
	return out.String()
}

// TestRepeatedKeysAreChangedWhereTheyCount sets and removes an annotation of objects
// with repeated keys. kubectl sees the change, and nothing else is different.
func TestRepeatedKeysAreChangedWhereTheyCount(t *testing.T) {
	for seed := range uint64(2000) {
		g := generator{rand.New(rand.NewPCG(seed, 4))}
		text := serviceType + "shared: [&a {a: 1a, b: 1b}, &b {<<: *a, b: 2b, c: 2c}]\nmetadata:\n" + g.repeatedMetadata()
		key := g.one("a", "b", "d")
		c := read(t, text)
		before := c.Objects[0].Annotations
		c.Objects[0].Change([]policy.Change{change(key, "new")})
		changed, faults := c.Bytes()
		if len(faults) > 0 {
			// Annotations that are merged in can't be changed.
			require.Contains(t, faults[0].Message, "merged in", "seed %d\n%s", seed, text)
			continue
		}
		want := map[string]string{key: "new"}
		for k, v := range before {
			if k != key {
				want[k] = v
			}
		}
		json, err := kyaml.YAMLToJSON(changed)
		require.NoError(t, err)
		require.Equal(t, want, annotationsIn(t, json), "seed %d\n%s\nbecame\n%s", seed, text, changed)
	}
}

// TestARepeatedKeyIsInjectedOnce injects objects with repeated keys, and uninjects
// them.
func TestARepeatedKeyIsInjectedOnce(t *testing.T) {
	for name, text := range map[string]string{
		"a label": serviceType + "metadata:\n  name: web\n  labels:\n    holdfast.dev/sticky-session: \"false\"\n    # c\n" +
			"    holdfast.dev/sticky-session: \"true\"\nspec:\n  ports: []\n",
		"annotations": ingressType + "metadata:\n  annotations: {a: b}\n  annotations:\n    nginx.ingress.kubernetes.io/proxy-read-timeout: \"60\"\n" +
			"    nginx.ingress.kubernetes.io/proxy-read-timeout: \"7200\" # c\nspec: {ingressClassName: nginx}\n",
		"a spec": serviceType + "metadata: {labels: {holdfast.dev/sticky-session: \"true\"}}\nspec: {}\nspec:\n  sessionAffinity: ClientIP\n" +
			"  sessionAffinity: None # c\n  ports: []\n",
		"JSON": `{"apiVersion":"v1","kind":"Service","metadata":{"labels":{"holdfast.dev/sticky-session":"true"},"labels":{"holdfast.dev/sticky-session":"true"}},"spec":{"ports":[],"ports":[]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			injected := inject(t, text)
			assert.NotEqual(t, text, injected)
			assert.Equal(t, injected, inject(t, injected))
			assert.Equal(t, text, uninject(t, injected))
		})
	}
}

// TestAKeyThatSomeoneRepeatedIsRemovedForGood removes what no record names.
func TestAKeyThatSomeoneRepeatedIsRemovedForGood(t *testing.T) {
	for name, test := range map[string]struct{ in, want string }{
		"in block style":          {"metadata:\n  annotations:\n    a: \"1\"\n    b: \"2\" # c\n    a: \"3\"\n", "metadata:\n  annotations:\n    b: \"2\" # c\n"},
		"in braces":               {"metadata: {annotations: {a: \"1\", b: \"2\", a: \"3\"}}\n", "metadata: {annotations: {b: \"2\"}}\n"},
		"with nothing else there": {"metadata:\n  name: web\n  annotations:\n    a: \"1\"\n    a: \"3\"\n", "metadata:\n  name: web\n"},
	} {
		t.Run(name, func(t *testing.T) {
			c := read(t, ingressType+test.in)
			c.Objects[0].Change([]policy.Change{{Target: policy.AnnotationTarget("a"), From: new("3")}})
			out, faults := c.Bytes()
			require.Empty(t, faults)
			assert.Equal(t, ingressType+test.want, string(out))
		})
	}
}

// TestAKeyThatSomeoneRepeatedIsRemovedOnce removes what Holdfast wrote; what somebody
// has written before it stays.
func TestAKeyThatSomeoneRepeatedIsRemovedOnce(t *testing.T) {
	const record = `'{"nginx.ingress.kubernetes.io/proxy-read-timeout":"3600"}'`
	for name, test := range map[string]struct{ in, want string }{
		"in block style": {
			"metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/proxy-read-timeout: \"60\"\n" +
				"    nginx.ingress.kubernetes.io/proxy-read-timeout: \"3600\"\n    holdfast.dev/injected: " + record + "\n",
			"metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/proxy-read-timeout: \"60\"\n",
		},
		"in braces": {
			"metadata: {annotations: {nginx.ingress.kubernetes.io/proxy-read-timeout: \"60\", " +
				"nginx.ingress.kubernetes.io/proxy-read-timeout: \"3600\", holdfast.dev/injected: " + record + "}}\n",
			"metadata: {annotations: {nginx.ingress.kubernetes.io/proxy-read-timeout: \"60\"}}\n",
		},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, ingressType+test.want, uninject(t, ingressType+test.in)) })
	}
}
