package manifest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// change sets an annotation or a field, or removes it if there is no value.
func change(key string, value ...string) policy.Change {
	c := policy.Change{Target: policy.ParseKey(key)}
	if key == policy.SessionAffinity {
		c.Codec = policy.SessionAffinityField(policy.Affinity{}).Codec
	}
	if len(value) > 0 {
		c.To = &value[0]
	}
	return c
}

// changesOf gives the changes of fields the values that the object has, as the
// engine does.
func changesOf(o *manifest.Object, changes []policy.Change) []policy.Change {
	changes = slices.Clone(changes)
	for i := range changes {
		for _, f := range o.Fields {
			if f.Target == changes[i].Target {
				changes[i].From = f.Value
			}
		}
	}
	return changes
}

var (
	sticky   = change(policy.SessionAffinity, "ClientIP/60")
	unsticky = change(policy.SessionAffinity)
)

// TestWrite changes the annotations and the affinity of manifests that are written
// in all styles of YAML. The object's first lines are left out.
func TestWrite(t *testing.T) {
	add := []policy.Change{change("a.b/word", "cookie"), change("a.b/number", "3600")}
	for name, test := range map[string]struct {
		changes  []policy.Change
		in, want string
	}{
		"add behind the last one": {add,
			"metadata:\n  annotations:\n    x: v # z\n    # end\n  name: web\n",
			"metadata:\n  annotations:\n    x: v # z\n    a.b/word: cookie\n    a.b/number: \"3600\"\n    # end\n  name: web\n"},
		"behind keys with question marks": {add[:1],
			"metadata:\n  annotations:\n    ? u\n    : v\n  name: web\n",
			"metadata:\n  annotations:\n    ? u\n    : v\n    a.b/word: cookie\n  name: web\n"},
		"behind a key with a question mark, in a mapping with an anchor": {add[:1],
			"metadata:\n  annotations: &x\n    ? u\n    : v\n",
			"metadata:\n  annotations: &x\n    ? u\n    : v\n    a.b/word: cookie\n"},
		"within the value of a key with a question mark": {add[:1],
			"metadata:\n  ? annotations\n  :\n    u: v\n",
			"metadata:\n  ? annotations\n  :\n    u: v\n    a.b/word: cookie\n"},
		"quotes as the neighbours have them": {add,
			"metadata:\n  annotations:\n    \"x\": 'v'\n",
			"metadata:\n  annotations:\n    \"x\": 'v'\n    \"a.b/word\": 'cookie'\n    \"a.b/number\": '3600'\n"},
		"quotes that are needed are a neighbour's": {add,
			"metadata:\n  annotations:\n    w: 'x'\n    u: z\n",
			"metadata:\n  annotations:\n    w: 'x'\n    u: z\n    a.b/word: cookie\n    a.b/number: '3600'\n"},
		"scalars that some readers take for no strings": {
			[]policy.Change{change("a", "off"), change("b", "n"), change("c", "null"), change("d", ""), change("e", "1h"), change("f", "x: v"), change("g", "x #y")},
			"metadata:\n  annotations:\n    x: v\n",
			"metadata:\n  annotations:\n    x: v\n    a: \"off\"\n    b: \"n\"\n    c: \"null\"\n    d: \"\"\n    e: \"1h\"\n    f: \"x: v\"\n    g: \"x #y\"\n",
		},
		"texts with quotes": {[]policy.Change{change("a", `{"b":"c"}`), change("d", `it's "it"`), change("e", "two\nlines")},
			"metadata:\n  annotations:\n    x: v\n",
			"metadata:\n  annotations:\n    x: v\n    a: '{\"b\":\"c\"}'\n    d: 'it''s \"it\"'\n    e: \"two\\nlines\"\n"},
		"behind a block scalar": {add[:1],
			"metadata:\n  annotations:\n    x: |\n      one\n\n      two\n\n  name: web\n",
			"metadata:\n  annotations:\n    x: |\n      one\n\n      two\n    a.b/word: cookie\n\n  name: web\n"},
		"behind a block scalar that keeps its blank lines": {add[:1],
			"metadata:\n  annotations:\n    x: |2+\n        one\n\n  name: web\n",
			"metadata:\n  annotations:\n    x: |2+\n        one\n\n    a.b/word: cookie\n  name: web\n"},
		"before a block scalar without an end": {add[:1],
			"metadata:\n  annotations:\n    w: x\n    u: >\n      z",
			"metadata:\n  annotations:\n    w: x\n    a.b/word: cookie\n    u: >\n      z"},
		"behind texts of many lines": {add[:1],
			"metadata:\n  annotations:\n    x: one\n      two#three\n\n      four # five\n  name: web\n",
			"metadata:\n  annotations:\n    x: one\n      two#three\n\n      four # five\n    a.b/word: cookie\n  name: web\n"},
		"behind quotes of many lines": {add[:1],
			"metadata:\n  annotations:\n    x: 'it''s\n\n  a: b' # c\n  name: web\n",
			"metadata:\n  annotations:\n    x: 'it''s\n\n  a: b' # c\n    a.b/word: 'cookie'\n  name: web\n"},
		"behind an escaped quote": {add[:1],
			"metadata:\n  annotations:\n    x: \"a\\\\\\\" # b\\\n      c\"\n",
			"metadata:\n  annotations:\n    x: \"a\\\\\\\" # b\\\n      c\"\n    a.b/word: \"cookie\"\n"},
		"behind nothing": {add[:1],
			"metadata:\n  annotations:\n    x: # none\n  name: web\n",
			"metadata:\n  annotations:\n    x: # none\n    a.b/word: cookie\n  name: web\n"},
		"behind an anchor and a tag": {add[:1],
			"metadata:\n  annotations:\n    x: &y !!str # none\n      3\n  name: web\n",
			"metadata:\n  annotations:\n    x: &y !!str # none\n      3\n    a.b/word: cookie\n  name: web\n"},
		"deep indentation": {add[:1],
			"metadata:\n      annotations:\n           x: v\n",
			"metadata:\n      annotations:\n           x: v\n           a.b/word: cookie\n"},
		"without an end of the last line": {add[:1],
			"metadata:\n  annotations:\n    x: v",
			"metadata:\n  annotations:\n    x: v\n    a.b/word: cookie"},
		"carriage returns": {add,
			"metadata:\r\n  annotations:\r\n    x: v\r\n  name: web",
			"metadata:\r\n  annotations:\r\n    x: v\r\n    a.b/word: cookie\r\n    a.b/number: \"3600\"\r\n  name: web"},
		"characters that YAML 1.1 takes for line breaks": {add[:1],
			"metadata:\n  annotations:\n    é: \"\u2028\u0085\" # \u2029 \n    x: v # \u2028\n  name: web\n",
			"metadata:\n  annotations:\n    é: \"\u2028\u0085\" # \u2029 \n    x: v # \u2028\n    a.b/word: cookie\n  name: web\n"},
		"tabs": {add[:1],
			"metadata:\t# one\n  annotations:\t# two\n    x:\tv\t# three\t\n",
			"metadata:\t# one\n  annotations:\t# two\n    x:\tv\t# three\t\n    a.b/word: cookie\n"},
		"end marker": {add[:1],
			"metadata:\n  annotations:\n    x: v\n... # end\n",
			"metadata:\n  annotations:\n    x: v\n    a.b/word: cookie\n... # end\n"},

		"create": {add,
			"metadata:\n    labels:\n        x: v\nspec: {}\n",
			"metadata:\n    labels:\n        x: v\n    annotations:\n        a.b/word: cookie\n        a.b/number: \"3600\"\nspec: {}\n"},
		"create as deep as metadata is": {add[:1],
			"metadata:\n    name: web\n",
			"metadata:\n    name: web\n    annotations:\n        a.b/word: cookie\n"},
		"create as deep as labels are": {add[:1],
			"metadata:\n    name: web\n    labels:\n     x: v\n",
			"metadata:\n    name: web\n    labels:\n     x: v\n    annotations:\n     a.b/word: cookie\n"},
		"fill": {add[:1],
			"metadata:\n  annotations: {} # none\n  name: web\n",
			"metadata:\n  annotations: # none\n    a.b/word: cookie\n  name: web\n"},
		"fill nothing": {add[:1],
			"metadata:\n  annotations:\n  # none\n  name: web\n",
			"metadata:\n  annotations:\n    a.b/word: cookie\n  # none\n  name: web\n"},
		"fill null": {add[:1],
			"metadata:\n  annotations: null",
			"metadata:\n  annotations:\n    a.b/word: cookie"},

		"braces": {add,
			"metadata: {annotations: {x: v}}\n",
			"metadata: {annotations: {x: v, a.b/word: cookie, a.b/number: \"3600\"}}\n"},
		"braces with spaces": {add[:1],
			"metadata: { annotations: { x: v , z: {} } }\n",
			"metadata: { annotations: { x: v , z: {} , a.b/word: cookie } }\n"},
		"braces on many lines": {add,
			"metadata:\n  annotations: {\n    x: v, # one\n    z: 'a' # two\n  }\n",
			"metadata:\n  annotations: {\n    x: v, # one\n    z: 'a',\n    a.b/word: 'cookie',\n    a.b/number: '3600' # two\n  }\n"},
		"braces with a last comma": {add[:1],
			"metadata: {annotations: {x: v, }}\n",
			"metadata: {annotations: {x: v, a.b/word: cookie, }}\n"},
		"braces with a key alone": {add[:1],
			"metadata: {annotations: {x}}\n",
			"metadata: {annotations: {x, a.b/word: cookie}}\n"},
		"create in braces": {add[:1],
			"metadata: {name: web}\n",
			"metadata: {name: web, annotations: {a.b/word: cookie}}\n"},
		"fill a key alone": {add[:1],
			"metadata: {annotations, name: web}\n",
			"metadata: {annotations: {a.b/word: cookie}, name: web}\n"},
		"braces at the beginning of lines": {add[:1],
			"metadata:\n  {\n  annotations:\n  {\n  x: v\n  }\n  }\n",
			"metadata:\n  {\n  annotations:\n  {\n  x: v,\n  a.b/word: cookie\n  }\n  }\n"},

		"override what is merged in": {[]policy.Change{change("x", "z")},
			"common: &common {x: v}\nmetadata:\n  annotations:\n    <<: *common\n",
			"common: &common {x: v}\nmetadata:\n  annotations:\n    <<: *common\n    x: z\n"},
		"replace an alias": {[]policy.Change{change("x", "z")},
			"common: &y y\nmetadata:\n  annotations:\n    x: *y\n",
			"common: &y y\nmetadata:\n  annotations:\n    x: z\n"},

		"replace": {[]policy.Change{change("x", "7200")},
			"metadata:\n  annotations:\n    x: '7200s' # two hours\n",
			"metadata:\n  annotations:\n    x: '7200' # two hours\n"},
		"replace a plain one": {[]policy.Change{change("x", "7200")},
			"metadata:\n  annotations:\n    x: 7200s # two hours\n",
			"metadata:\n  annotations:\n    x: \"7200\" # two hours\n"},
		"replace a block": {[]policy.Change{change("x", "7200")},
			"metadata:\n  annotations:\n    x: |-\n      7200s\n  name: web\n",
			"metadata:\n  annotations:\n    x: |-\n      7200\n  name: web\n"},
		"replace nothing": {[]policy.Change{change("x", "z")},
			"metadata:\n  annotations:\n    x: # c\n    u: ~\n",
			"metadata:\n  annotations:\n    x: z # c\n    u: ~\n"},
		"replace null": {[]policy.Change{change("x", "z")},
			"metadata:\n  annotations: {x: ~ }\n",
			"metadata:\n  annotations: {x: z }\n"},
		"replace behind a tag": {[]policy.Change{change("x", "7200")},
			"metadata: {annotations: {x: !!str 7200s}}\n",
			"metadata: {annotations: {x: !!str 7200}}\n"},

		"remove": {[]policy.Change{change("x"), change("z")},
			"metadata:\n  annotations:\n    w: x\n    x: v # c\n    # d\n    u: z\n    z: |\n      a\n\n  name: web\n",
			"metadata:\n  annotations:\n    w: x\n    # d\n    u: z\n\n  name: web\n"},
		"remove at the end": {[]policy.Change{change("x"), change("z")},
			"metadata:\n  annotations:\n    w: x\n    x: v\n    z: a",
			"metadata:\n  annotations:\n    w: x"},
		"remove all": {[]policy.Change{change("x")},
			"metadata:\n  annotations:\n    x: v\n  name: web\n",
			"metadata:\n  name: web\n"},
		"remove all and a record that doesn't say what was there": {
			[]policy.Change{change("x"), {Target: policy.AnnotationTarget(policy.RecordAnnotation), From: new(`{"x":"v"}`)}},
			"metadata:\n  annotations:\n    x: v\n    holdfast.dev/injected: '{\"x\":\"v\"}'\n  name: web\n",
			"metadata:\n  annotations: {}\n  name: web\n"},
		"remove and add": {[]policy.Change{change("x"), change("z", "a")},
			"metadata:\n  annotations:\n    x: v",
			"metadata:\n  annotations:\n    z: a"},
		"remove in braces": {[]policy.Change{change("x"), change("z")},
			"metadata: {annotations: {w: x, x: v, u: z , z: a }}\n",
			"metadata: {annotations: {w: x, u: z }}\n"},
		"remove the first in braces": {[]policy.Change{change("w"), change("x")},
			"metadata: {annotations: { w: x, x: v, u: z }}\n",
			"metadata: {annotations: { u: z }}\n"},
		"remove all in braces": {[]policy.Change{change("w"), change("x")},
			"metadata: {annotations: {w: x, x: v}}\n",
			"metadata: {}\n"},
		"remove all and add in braces": {[]policy.Change{change("w"), change("x"), change("u", "z")},
			"metadata: {annotations: { w: x, x: v }}\n",
			"metadata: {annotations: { u: z }}\n"},
		"remove the last and add in braces": {[]policy.Change{change("x"), change("u", "z")},
			"metadata: {annotations: {w: x, x: v}}\n",
			"metadata: {annotations: {w: x, u: z}}\n"},
		"remove what isn't there": {[]policy.Change{change("x")},
			"metadata:\n  name: web\n",
			"metadata:\n  name: web\n"},

		"affinity": {[]policy.Change{sticky},
			"metadata: {}\nspec:\n  ports:\n  - port: 80\n    name: |\n      x\n  # end\n",
			"metadata: {}\nspec:\n  ports:\n  - port: 80\n    name: |\n      x\n  sessionAffinity: ClientIP\n  sessionAffinityConfig:\n    clientIP:\n" +
				"      timeoutSeconds: 60\n  # end\n"},
		"affinity instead of None": {[]policy.Change{sticky},
			"spec:\n    sessionAffinity: \"None\" # c\n    type: ClusterIP\n    selector:\n        x: v\n",
			"spec:\n    sessionAffinity: \"ClientIP\" # c\n    type: ClusterIP\n    selector:\n        x: v\n    sessionAffinityConfig:\n        clientIP:\n" +
				"            timeoutSeconds: 60\n"},
		"another timeout": {[]policy.Change{sticky},
			"spec:\n  sessionAffinity: ClientIP\n  sessionAffinityConfig:\n    clientIP:\n      timeoutSeconds: 7 # c\n",
			"spec:\n  sessionAffinity: ClientIP\n  sessionAffinityConfig:\n    clientIP:\n      timeoutSeconds: 60 # c\n"},
		"a timeout where there is none": {[]policy.Change{sticky},
			"spec:\n  sessionAffinity: ClientIP\n  sessionAffinityConfig: {clientIP: {}}\n",
			"spec:\n  sessionAffinity: ClientIP\n  sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}\n"},
		"no affinity": {[]policy.Change{unsticky},
			"spec:\n  sessionAffinity: ClientIP\n  ports: []\n  sessionAffinityConfig:\n    clientIP:\n      timeoutSeconds: 60\n",
			"spec:\n  ports: []\n"},
		"affinity None": {[]policy.Change{change(policy.SessionAffinity, "None")},
			"spec: {sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}, ports: []}\n",
			"spec: {sessionAffinity: None, ports: []}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			for marker, first := range map[string]string{"": serviceType, "marked": "--- # first\n" + serviceType} {
				if strings.Contains(test.in, "\r\n") {
					first = strings.ReplaceAll(first, "\n", "\r\n")
				}
				c := read(t, first+test.in)
				require.Len(t, c.Objects, 1)
				c.Objects[0].Change(changesOf(c.Objects[0], test.changes))
				got, faults := c.Bytes()
				assert.Empty(t, faults, marker)
				assert.Equal(t, first+test.want, string(got), marker)
			}
		})
	}
}

func TestWriteJSON(t *testing.T) {
	changes := []policy.Change{change("a.b/c", `{"d":"3600"}`), sticky}
	for name, test := range map[string]struct{ in, want string }{
		"compact": {
			`{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"ports":[]}}`,
			`{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","annotations":{"a.b/c":"{\"d\":\"3600\"}"}},` +
				`"spec":{"ports":[],"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":60}}}}`,
		},
		"on many lines": {
			"{\n\t\"kind\": \"Service\",\n\t\"apiVersion\": \"v1\",\n\t\"metadata\": {\n\t\t\"annotations\": {}\n\t},\n\t\"spec\": {\n\t\t\"ports\": [\n\t\t]\n\t}\n}\n",
			"{\n\t\"kind\": \"Service\",\n\t\"apiVersion\": \"v1\",\n\t\"metadata\": {\n\t\t\"annotations\": {\n\t\t\t\"a.b/c\": \"{\\\"d\\\":\\\"3600\\\"}\"\n" +
				"\t\t}\n\t},\n\t\"spec\": {\n\t\t\"ports\": [\n\t\t],\n\t\t\"sessionAffinity\": \"ClientIP\",\n\t\t\"sessionAffinityConfig\": {\n" +
				"\t\t\t\"clientIP\": {\n\t\t\t\t\"timeoutSeconds\": 60\n\t\t\t}\n\t\t}\n\t}\n}\n",
		},
		"replaced": {
			`{"apiVersion": "v1", "kind": "Service", "metadata": {"annotations": {"a.b/c": "x"}}, "spec": {"sessionAffinity": "None"}}`,
			`{"apiVersion": "v1", "kind": "Service", "metadata": {"annotations": {"a.b/c": "{\"d\":\"3600\"}"}}, ` +
				`"spec": {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 60}}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := read(t, test.in)
			c.Objects[0].Change(changesOf(c.Objects[0], changes))
			got, faults := c.Bytes()
			assert.Empty(t, faults)
			assert.Equal(t, test.want, string(got))
			assert.True(t, json.Valid(got))
		})
	}
}

func TestWriteList(t *testing.T) {
	c := read(t, `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: a}
  spec:
    ports: []
- metadata:
    name: b
  apiVersion: v1
  kind: Service
- {apiVersion: v1, kind: Service, metadata: {name: c}}
`)
	for _, o := range c.Objects {
		o.Change([]policy.Change{change("x", o.Name)})
	}
	got, faults := c.Bytes()
	assert.Empty(t, faults)
	assert.Equal(t, `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: a, annotations: {x: a}}
  spec:
    ports: []
- metadata:
    name: b
    annotations:
      x: b
  apiVersion: v1
  kind: Service
- {apiVersion: v1, kind: Service, metadata: {name: c, annotations: {x: c}}}
`, string(got))
}

// TestRestore removes the last annotation of maps that were missing or empty before
// Holdfast wrote into them.
func TestRestore(t *testing.T) {
	for name, test := range map[string]struct{ record, in, want string }{
		"missing": {`{"/metadata/annotations":"{}"}`,
			"metadata:\n  annotations:\n    RECORD\n  name: web\n",
			"metadata:\n  name: web\n"},
		"missing, and others came": {`{"/metadata/annotations":"{}"}`,
			"metadata:\n  annotations:\n    RECORD\n    x: v\n  name: web\n",
			"metadata:\n  annotations:\n    x: v\n  name: web\n"},
		"empty": {`{"/metadata/annotations":{"set":"{}","was":": {}"}}`,
			"metadata:\n  annotations: # c\n    # d\n    RECORD",
			"metadata:\n  annotations: {} # c\n    # d"},
		"empty on two lines": {`{"/metadata/annotations":{"set":"{}","was":":\n    {}"}}`,
			"metadata:\n  annotations:\n    RECORD\n  name: web\n",
			"metadata:\n  annotations:\n    {}\n  name: web\n"},
		"not noted": {`{}`,
			"metadata:\n  annotations:\n    RECORD\n  name: web\n",
			"metadata:\n  annotations: {}\n  name: web\n"},
		"no record": {`x`,
			"metadata: {annotations: {RECORD}}\n",
			"metadata: {annotations: {}}\n"},
		"missing in braces": {`{"/metadata/annotations":"{}"}`,
			"metadata: {annotations: {RECORD}, name: web}\n",
			"metadata: {name: web}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			in := strings.Replace(test.in, "RECORD", "holdfast.dev/injected: '"+test.record+"'", 1)
			c := read(t, serviceType+in)
			c.Objects[0].Change([]policy.Change{{Target: policy.ParseKey(policy.RecordAnnotation), From: &test.record}})
			got, faults := c.Bytes()
			assert.Empty(t, faults)
			assert.Equal(t, serviceType+test.want, string(got))
		})
	}
}

// TestWriteRefuses refuses changes that would change something else as well.
func TestWriteRefuses(t *testing.T) {
	evil := `{"/metadata/annotations":{"set":"{}","was":":\n  name: other"}}`
	for name, test := range map[string]struct {
		changes []policy.Change
		in      string
		want    string
	}{
		"annotations that others use": {
			[]policy.Change{change("x", "w")},
			"metadata:\n  annotations: &a\n    x: z\nspec: *a\n",
			"in.yaml:4:16: Service: metadata.annotations: an alias (*a) uses this at another place too, which would change as well; write it out there",
		},
		"others' annotations": {
			[]policy.Change{change("x", "w")},
			"common: &a {x: z}\nmetadata:\n  annotations: *a\n",
			"in.yaml:5:16: Service: metadata.annotations: is an alias (*a), so a change would change other places too; write it out",
		},
		"a value that others use": {
			[]policy.Change{change("x", "w")},
			"metadata:\n  annotations:\n    x: &z z\n    u: *z\n",
			"in.yaml:5:8: Service: metadata.annotations[x]: an alias (*z) uses this at another place too; write it out there",
		},
		"removing what is merged in": {
			[]policy.Change{change("x")},
			"metadata:\n  annotations:\n    <<: {x: z}\n",
			`in.yaml:5:13: Service: metadata.annotations[x]: is merged in ("<<"), so it can't be changed here alone; write it out`,
		},
		"annotations that are merged in": {
			[]policy.Change{change("x", "w")},
			"metadata:\n  <<: {annotations: {x: z}}\n",
			`in.yaml:4:21: Service: metadata.annotations: is merged in ("<<"), so it can't be changed here alone; write it out`,
		},
		"no metadata": {
			[]policy.Change{change("x", "w")},
			"spec: {}\n",
			"in.yaml:1:1: Service: metadata: must be set, and not empty",
		},
		"no spec": {
			[]policy.Change{sticky},
			"metadata: {name: web}\nspec: {}\n",
			"in.yaml:1:1: Service web: spec: must be set, and not empty",
		},
		"a record that holds more than an empty mapping": {
			[]policy.Change{{Target: policy.ParseKey(policy.RecordAnnotation), From: &evil}},
			"metadata:\n  annotations:\n    holdfast.dev/injected: x\n",
			"in.yaml:1:1: Service: metadata: can't be changed safely as it is written; put each field on a line of its own",
		},
		"what is merged in by an open last line": {
			[]policy.Change{change("x", "w")},
			"metadata:\n  annotations:\n    y: z\n    <<:\n      x: |\n        v",
			"in.yaml:1:1: Service: metadata: can't be changed safely as it is written; put each field on a line of its own",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := read(t, serviceType+test.in)
			c.Objects[0].Change(changesOf(c.Objects[0], test.changes))
			got, faults := c.Bytes()
			require.Len(t, faults, 1, "%s", got)
			assert.Equal(t, test.want, faults[0].Error())
			assert.Equal(t, serviceType+test.in, string(got))
		})
	}
}

func TestAnObjectThatCannotBeChangedKeepsNoOtherFromIt(t *testing.T) {
	const list = "apiVersion: v1\nkind: ServiceList\nitems:\n  - metadata: {name: a, annotations: &a {x: v}}\n    spec: {}\n  - metadata: {name: b, annotations: *a}\n    spec: {}\n" +
		"  - metadata: {name: c}\n    spec: {}\n"
	c := read(t, list)
	require.Len(t, c.Objects, 3)
	for _, o := range c.Objects {
		o.Change([]policy.Change{change("note", "new")})
	}
	text, faults := c.Bytes()
	assert.Len(t, faults, 2)
	assert.Equal(t, strings.Replace(list, "{name: c}", "{name: c, annotations: {note: new}}", 1), string(text))
}

func TestSharedItems(t *testing.T) {
	c := read(t, "apiVersion: v1\nkind: List\nitems:\n- &a\n  apiVersion: v1\n  kind: Service\n  metadata: {name: web}\n- *a\n")
	require.Len(t, c.Objects, 2)
	c.Objects[0].Change([]policy.Change{change("x", "w")})
	_, faults := c.Bytes()
	require.Len(t, faults, 1)
	assert.Contains(t, faults[0].Error(), "an alias (*a) uses this at another place too")
}
