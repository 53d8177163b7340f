package manifest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	kyaml "sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// read reads the one document of a text.
func read(t testing.TB, text string) *manifest.Contents {
	t.Helper()
	all := readAll(t, text)
	require.Len(t, all, 1)
	c, err := all[0].Read()
	require.NoError(t, err)
	return c
}

// readObject reads the one object of a text.
func readObject(t testing.TB, text string) *manifest.Object {
	t.Helper()
	c := read(t, text)
	require.Len(t, c.Objects, 1)
	return c.Objects[0]
}

const (
	ingressType = "apiVersion: networking.k8s.io/v1\nkind: Ingress\n"
	serviceType = "apiVersion: v1\nkind: Service\n"
)

func ptr[T any](v T) *T { return &v }

func TestReadIngress(t *testing.T) {
	o := readObject(t, ingressType+`metadata:
  name: web
  namespace: shop
  deletionTimestamp: "2026-11-21T00:00:00Z"
  labels: {holdfast.dev/sticky-session: "true"}
  annotations:
    date: 2027-03-01
    null: ~
    text: |
      two
      lines
spec:
  ingressClassName: nginx
`)
	assert.Empty(t, o.Faults)
	assert.Equal(t, policy.Object{
		Kind:      policy.Ingress,
		Namespace: "shop",
		Name:      "web",
		Labels:    map[string]string{"holdfast.dev/sticky-session": "true"},
		// kubectl reads a date as a text, and the API server null as an empty one.
		Annotations: map[string]string{"date": "2027-03-01", "null": "", "text": "two\nlines\n"},
		Deleting:    true,
		ClassName:   ptr("nginx"),
	}, o.Object)
	assert.Equal(t, "Ingress shop/web", o.String())
}

func TestReadService(t *testing.T) {
	for spec, want := range map[string]policy.Object{
		"{}": {},
		"{type: LoadBalancer, loadBalancerClass: example.com/lb}": {Type: "LoadBalancer", LoadBalancerClass: "example.com/lb"},
		"{clusterIP: None}":     {Headless: true},
		"{clusterIP: 10.0.0.1}": {},
	} {
		o := readObject(t, serviceType+"metadata: {name: web, annotations: {a: b}}\nspec: "+spec+"\n")
		want.Kind, want.Name, want.Annotations = policy.Service, "web", map[string]string{"a": "b"}
		want.Fields = []policy.Field{policy.SessionAffinityField(policy.Affinity{})}
		assert.Empty(t, o.Faults)
		assert.Equal(t, want, o.Object, spec)
	}
}

func TestReadSessionAffinity(t *testing.T) {
	for spec, want := range map[string]struct {
		affinity  policy.Affinity
		emptyText string
	}{
		"{}":                          {},
		"{sessionAffinity: None}":     {affinity: policy.Affinity{Type: "None"}},
		"{sessionAffinity: ClientIP}": {affinity: policy.Affinity{Type: "ClientIP", Seconds: 10800}},
		"{sessionAffinity: null}":     {emptyText: ": null"},
		"{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}}": {affinity: policy.Affinity{Type: "ClientIP", Seconds: 60}},
		"{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {}}}":                   {affinity: policy.Affinity{Type: "ClientIP", Seconds: 10800}},
	} {
		o := readObject(t, serviceType+"metadata: {name: web}\nspec: "+spec+"\n")
		field := policy.SessionAffinityField(want.affinity)
		field.EmptyText = want.emptyText
		assert.Empty(t, o.Faults)
		assert.Equal(t, []policy.Field{field}, o.Fields, spec)
	}
}

func TestReadMerged(t *testing.T) {
	o := readObject(t, serviceType+`x-common: &common
  a: common
  b: common
metadata: &self
  name: web
  annotations:
    a: own
    <<: [*common, {b: second, c: second}]
    b: own
  labels: {<<: *self}
spec: {}
`)
	// For kubectl a "<<" replaces what is before it.
	assert.Equal(t, map[string]string{"a": "common", "b": "own", "c": "second"}, o.Annotations)
}

func TestEmptyParents(t *testing.T) {
	for metadata, text := range map[string]string{
		"\n  name: web":                              policy.NoParent,
		"\n  annotations:":                           ":",
		"\n  annotations: {} # none":                 ": {}",
		"\n  annotations: ~":                         ": ~",
		"\n  annotations:\n    {}\n  name: web":      ":\n    {}",
		"\n  annotations: { # none\n  }":             ": { # none\n  }",
		" {\"annotations\":{}}":                      ":{}",
		" {\"annotations\" : {}}":                    " : {}",
		" {annotations, name: web}":                  "",
		"\n  annotations: !!map {}":                  ": !!map {}",
		"\n  annotations: # none yet\n  name: web":   ":",
		"\n  name: web\n  annotations: \t\n  uid: x": ":",
	} {
		o := readObject(t, serviceType+"metadata:"+metadata+"\nspec: {}\n")
		assert.Equal(t, map[string]string{policy.AnnotationsPointer: text}, o.EmptyParents, "%q", metadata)
	}
}

func TestReadSurroundings(t *testing.T) {
	c := read(t, `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Namespace
  metadata:
    name: shop
    labels: {holdfast.dev/policy: warn}
    annotations: {holdfast.dev/idle-timeout: 2h, other: x}
- apiVersion: networking.k8s.io/v1
  kind: IngressClass
  metadata:
    name: edge
    annotations: {ingressclass.kubernetes.io/is-default-class: "true"}
  spec: {controller: k8s.io/ingress-nginx}
`)
	require.Len(t, c.Namespaces, 1)
	assert.Equal(t, policy.Namespace{Name: "shop", Annotations: map[string]string{"holdfast.dev/idle-timeout": "2h"}}, c.Namespaces[0].Namespace)
	assert.Equal(t, ptr("warn"), c.Namespaces[0].Label)
	assert.Equal(t, "in.yaml:8:35", c.Namespaces[0].Position(policy.PolicyLabel).String())
	require.Len(t, c.Classes, 1)
	assert.Equal(t, policy.IngressClass{Name: "edge", Controller: "k8s.io/ingress-nginx", Default: true}, c.Classes[0].IngressClass)
}

func TestReadLists(t *testing.T) {
	for name, test := range map[string]struct {
		text  string
		names []string
	}{
		"of many kinds": {"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: a}}\n" +
			"- {apiVersion: v1, kind: Secret, metadata: {name: b}}\n", []string{"Service a"}},
		"typed": {"apiVersion: networking.k8s.io/v1\nkind: IngressList\nitems:\n- metadata: {name: a}\n" +
			"- metadata: {generateName: b-}\n", []string{"Ingress a", "Ingress b-*"}},
		"in a List":  {"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ServiceList, items: [{metadata: {}}]}\n", []string{"Service"}},
		"of itself":  {"&a\napiVersion: v1\nkind: ServiceList\nitems:\n- *a\n", nil},
		"empty":      {"apiVersion: v1\nkind: ServiceList\nitems: []\n", nil},
		"of nothing": {"apiVersion: v1\nkind: ServiceList\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var names []string
			for _, o := range read(t, test.text).Objects {
				names = append(names, o.String())
			}
			assert.Equal(t, test.names, names)
		})
	}
}

func TestOtherDocuments(t *testing.T) {
	for _, text := range []string{
		"# Service\n",
		"--- # Service\n",
		"Service\n",
		"[Service]\n",
		"kind: Service\n",
		"apiVersion: extensions/v1beta1\nkind: Ingress\n",
		"apiVersion: serving.knative.dev/v1\nkind: Service\n",
		"kind: [Service]\napiVersion: {v1: }\n",
		"{{ a template that is none of ours }}: {{\n",
		"\x00\xff",
	} {
		c := read(t, text)
		assert.Empty(t, c.Objects, text)
		written, faults := c.Bytes()
		assert.Empty(t, faults)
		assert.Equal(t, text, string(written))
	}
}

func TestFaults(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"an unquoted boolean": {
			ingressType + "metadata:\n  name: web\n  labels:\n    holdfast.dev/sticky-session: true\n",
			[]string{`in.yaml:6:34: Ingress web: metadata.labels[holdfast.dev/sticky-session]: Invalid value: true: must be quoted: "true"`},
		},
		"a boolean of YAML 1.1": {
			ingressType + "metadata: {name: web, annotations: {é: x, proxy-buffering: off}}\n",
			[]string{`in.yaml:3:60: Ingress web: metadata.annotations[proxy-buffering]: Invalid value: off: must be quoted: "off"`},
		},
		"unquoted numbers": {
			serviceType + "metadata:\n  annotations:\n    a: 3600\n    b: 0x10\n    c: !!int \"1\"\n    d: !!str 1\n    e: 1e3\n",
			[]string{
				`in.yaml:5:8: Service: metadata.annotations[a]: Invalid value: 3600: must be quoted: "3600"`,
				`in.yaml:6:8: Service: metadata.annotations[b]: Invalid value: 0x10: must be quoted: "0x10"`,
				`in.yaml:7:8: Service: metadata.annotations[c]: Invalid value: 1: must be quoted: "1"`,
				`in.yaml:9:8: Service: metadata.annotations[e]: Invalid value: 1e3: must be quoted: "1e3"`,
			},
		},
		"a list": {
			serviceType + "metadata: {name: web, annotations: {a: [b]}}\n",
			[]string{`in.yaml:3:40: Service web: metadata.annotations[a]: must be a string`},
		},
		"no mapping": {
			serviceType + "metadata: {name: web, annotations: [a]}\nspec: x\n",
			[]string{"in.yaml:4:7: Service web: spec: must be a mapping", "in.yaml:3:36: Service web: metadata.annotations: must be a mapping"},
		},
		"a template that YAML can read": {
			serviceType + "metadata:\n  name: {{ .Release.Name }}\n",
			[]string{"in.yaml:4:9: Service: metadata.name: must be a string; this looks like a Helm template; render it first with helm template"},
		},
		"affinity": {
			serviceType + "metadata: {name: web}\nspec: {sessionAffinity: clientIP}\n",
			[]string{`in.yaml:4:25: Service web: spec.sessionAffinity: Invalid value: "clientIP": must be "ClientIP" or "None"`},
		},
		"affinity's timeout": {
			serviceType + "metadata: {name: web}\nspec:\n  sessionAffinity: ClientIP\n  sessionAffinityConfig:\n    clientIP:\n      timeoutSeconds: \"60\"\n",
			[]string{`in.yaml:8:23: Service web: spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: "60": must be a number of seconds, from 1 to 86400`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range readObject(t, test.text).Faults {
				got = append(got, f.Error())
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestSyntaxErrors(t *testing.T) {
	const hidden = `which other YAML parsers wouldn't see; use line feeds and "---"`
	const hint = "; this looks like a Helm template; render it first with helm template"
	for text, want := range map[string]string{
		serviceType + "metadata:\n  name: {{ .Release.Name }}-web\n": "in.yaml:4:28: did not find expected key" + hint,
		serviceType + "{{- if .Values.x }}\nspec: {}\n{{- end }}\n":  "in.yaml:4:1: could not find expected ':'" + hint,
		serviceType + "a: b: c\n":                                    "in.yaml:3:5: mapping values are not allowed in this context",
		serviceType + "a: *b\n":                                      "in.yaml:3:4: unknown anchor 'b' referenced",
		serviceType + "a: \x00\n":                                    "in.yaml:3:4: not UTF-8 text: it contains a NUL byte",
		serviceType + "a: \xff\n":                                    "in.yaml:3:4: not UTF-8 text",
		serviceType + "a: b # \u2028---\nc: d\n":                     "in.yaml:3:9: another document begins here, " + hidden,
	} {
		_, err := readAll(t, text)[0].Read()
		var syntax *manifest.SyntaxError
		require.ErrorAs(t, err, &syntax, text)
		assert.Equal(t, want, err.Error())
	}
}

func TestPositions(t *testing.T) {
	// Neither byte order marks nor what only YAML 1.1 takes for a line break
	// may move the place that an editor shows.
	text := "\ufeffapiVersion: v1\nkind: Service # \u2028\r\nmetadata:\r\n  labels: {é: \"\u2028\", x: 'y'}\r\n  annotations:\r\n    a/b: \"ä\" # ö\r\n" +
		"    c/d: e\r\nspec:\r\n  type: ClusterIP\r\n"
	o := readObject(t, text)
	for name, want := range map[string]string{
		"x":                         "in.yaml:4:23",
		"metadata.labels[x]":        "in.yaml:4:23",
		"c/d":                       "in.yaml:7:10",
		"metadata.annotations[c/d]": "in.yaml:7:10",
		"spec.type":                 "in.yaml:9:9",
		"spec.clusterIP":            "in.yaml:9:3",
		"not/there":                 "in.yaml:6:5",
		"nothing":                   "in.yaml:1:1",
	} {
		assert.Equal(t, want, o.Position(name).String(), name)
	}
	assert.Equal(t, 9, strings.Count(text, "\n"))
}

// TestReadsScalarsAsKubectlDoes reads an annotation's value, however it is written. It
// is refused where the API server refuses what kubectl makes of it.
func TestReadsScalarsAsKubectlDoes(t *testing.T) {
	for _, scalar := range []string{
		"b", "off", "y", "Yes", "n", "true", "tRUE", "~", "null", "nULL", "=", "<<", "-", "@", "%", ".", "1.2.3", "1.2.3.4",
		"0", "1", "-1", "+1", "1.5", ".5", "1.", "1e3", "1e", "0x1f", "0x1g", "0o7", "07", "08", "0b1", "0b2", "1_000", "_1", "1__0", "1e400",
		"9223372036854775808", "99999999999999999999999", ".inf", "-.INF", ".nan", "1:30", "1:30:00", "2001-01-01", "2001-01-01T00:00:00Z",
		"!!str 1", "!!str", "!!int 1", `!!int "1"`, "!!float 1", "!!bool true", "!!null", "!x b", "!x 1", "! b", "!!timestamp 2001-01-01",
		"''", `""`, "'1'", `"off"`, "|\n      1\n", ">-\n      1\n      2\n", "one\n      two", "1\n      2", "&a 1", "&a b", "[b]", "{b: c}", "[]", "{}",
	} {
		t.Run(scalar, func(t *testing.T) {
			text := serviceType + "metadata:\n  annotations:\n    a: " + scalar + "\n    b: c\nspec: {}\n"
			var service corev1.Service
			object, refused := kyaml.YAMLToJSON([]byte(text))
			if refused == nil {
				refused = json.Unmarshal(object, &service)
			}
			c, err := readAll(t, text)[0].Read()
			if refused != nil {
				assert.True(t, err != nil || len(c.Objects[0].Faults) > 0, "%v", refused)
				return
			}
			require.NoError(t, err)
			assert.Empty(t, c.Objects[0].Faults)
			assert.Equal(t, service.Annotations, c.Objects[0].Annotations)
		})
	}
}
