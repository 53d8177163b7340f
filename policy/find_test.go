package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

// configMap is a ConfigMap whose data are given.
func configMap(data string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: holdfast-policy}\ndata:\n" + data
}

// indented is a text as a block of YAML has it.
func indented(text, by string) string {
	return by + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+by) + "\n"
}

func TestPoliciesAreFoundWhereAdminsHaveThem(t *testing.T) {
	google := header + "cloud: gcp\n"
	for name, c := range map[string]struct {
		file, at, digest string
	}{
		"a policy file":                       {google, "", policy.Digest([]byte(google))},
		"a ConfigMap":                         {configMap("  policy.yaml: |\n" + indented(google, "    ")), "data[policy.yaml]", policy.Digest([]byte(google))},
		"a ConfigMap with another key":        {configMap("  other: x\n  strict: |\n" + indented(google, "    ")), "data[strict]", policy.Digest([]byte(google))},
		"a ConfigMap in JSON":                 {fmt.Sprintf(`{"apiVersion":"v1","kind":"ConfigMap","data":{"policy.yaml":%q}}`, google), "data[policy.yaml]", policy.Digest([]byte(google))},
		"a List of ConfigMaps":                {"apiVersion: v1\nkind: List\nitems:\n" + "- kind: ConfigMap\n  data:\n    policy.yaml: |\n" + indented(google, "      "), "data[policy.yaml]", policy.Digest([]byte(google))},
		"a chart's manifests":                 {"kind: ServiceAccount\n---\n" + configMap("  policy.yaml: |\n"+indented(google, "    ")) + "---\nkind: Deployment\n", "data[policy.yaml]", policy.Digest([]byte(google))},
		"values of the chart":                 {"replicas: 3\npolicy:\n  cloud: gcp\n", "policy", ""},
		"values of the chart with the header": {"policy:\n" + indented(google, "  "), "policy", ""},
	} {
		t.Run(name, func(t *testing.T) {
			found := policy.Find([]byte(c.file))
			require.Len(t, found, 1)
			assert.Empty(t, found[0].Faults)
			require.NotNil(t, found[0].Policy)
			assert.Equal(t, policy.CloudGoogle, found[0].Policy.Cloud)
			assert.Equal(t, c.at, found[0].At)
			assert.Equal(t, c.digest, found[0].Digest)
		})
	}
}

func TestFaultsHaveTheLinesOfTheFileThatThePolicyIsIn(t *testing.T) {
	bad := header + "cloud: gpc\ntimeouts:\n  raed: {}\n"
	for name, c := range map[string]struct {
		file string
		want []string
	}{
		"a ConfigMap": {
			configMap("  a: b\n  policy.yaml: |\n" + indented(bad, "      ")),
			[]string{"9:14: cloud: \"gpc\" must be", "11:9: timeouts.raed: unknown field; did you mean read?"},
		},
		"a ConfigMap with Windows's line ends": {
			strings.ReplaceAll(configMap("  policy.yaml: |\n"+indented(bad, "    ")), "\n", "\r\n"),
			[]string{"8:12: cloud: \"gpc\" must be", "10:7: timeouts.raed: unknown field"},
		},
		"a ConfigMap in JSON, where the policy is one line": {
			fmt.Sprintf("{\"kind\":\"ConfigMap\",\n \"data\":{\"policy.yaml\":%q}}", bad),
			[]string{"2:24: line 3 of data[policy.yaml]: cloud: \"gpc\" must be", "2:24: line 5 of data[policy.yaml]: timeouts.raed: unknown field"},
		},
		"a policy of a ConfigMap that isn't YAML": {
			configMap("  policy.yaml: |\n    apiVersion: config.holdfast.dev/v1alpha1\n    kind: WebSocketPolicy\n    cloud: [\n"),
			[]string{"9:1: "},
		},
		"a key twice": {
			configMap("  policy.yaml: |\n" + indented(header+"cloud: aws\ncloud: gcp\n", "    ")), []string{"9:5: cloud: duplicate key, first set on line 8"},
		},
		"values": {
			"replicas: 3\npolicy:\n  cloud: gpc\n  timeouts: {read: {minimum: 2h}}\n",
			[]string{"3:10: policy.cloud: \"gpc\" must be", "4:20: policy.timeouts.read: default 1h must be at least 2h"},
		},
		"values with a syntax error elsewhere": {
			"image: {repository: a\npolicy:\n  cloud: gpc\n",
			[]string{"2:7: did not find expected ',' or '}' for the brace on line 1", "3:10: policy.cloud: \"gpc\" must be"},
		},
		"values with a syntax error in the policy": {
			"replicas: 3\npolicy: {cloud: gcp\nimage: {}\n", []string{"3:6: did not find expected ',' or '}' for the brace on line 2"},
		},
		"a ConfigMap with a syntax error in its data": {
			configMap("  policy.yaml: {a\n"), []string{"6:1: did not find expected"},
		},
		"a ConfigMap without a policy": {
			configMap("  settings: x\n"), []string{"1:1: no policy found: a ConfigMap has it under the key policy.yaml, or under one whose value has kind: WebSocketPolicy"},
		},
		"a file of something else": {"kind: Deployment\n", []string{"1:1: apiVersion: missing", `1:7: kind: "Deployment" must be "WebSocketPolicy"`}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, found := range policy.Find([]byte(c.file)) {
				if len(found.Faults) > 0 {
					assert.Nil(t, found.Policy)
				}
				for _, f := range found.Faults {
					got = append(got, fmt.Sprintf("%d:%d: %s", f.Line, f.Column, f.Text()))
				}
			}
			require.Len(t, got, len(c.want), "%q", got)
			for i, want := range c.want {
				assert.True(t, strings.HasPrefix(got[i], want), "%s\n%s", want, got[i])
			}
		})
	}
}

func TestEveryPolicyOfAFileIsFound(t *testing.T) {
	found := policy.Find([]byte(configMap("  a: |\n" + indented(header+"cloud: gcp\n", "    ") + "  b: |\n" + indented(header+"cloud: aws\n", "    "))))
	require.Len(t, found, 2)
	assert.Equal(t, policy.CloudGoogle, found[0].Policy.Cloud)
	assert.Equal(t, policy.CloudAWS, found[1].Policy.Cloud)
}

func FuzzFind(f *testing.F) {
	f.Add([]byte(header))
	f.Add([]byte(configMap("  policy.yaml: |\n" + indented(header+"cloud: x\n", "    "))))
	f.Add([]byte("policy: {cloud: x}\n"))
	f.Add([]byte("kind: List\nitems: [{kind: ConfigMap, data: {policy.yaml: 'a: ['}}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		found := policy.Find(data)
		assert.NotEmpty(t, found)
		for _, each := range found {
			assert.Equal(t, len(each.Faults) == 0, each.Policy != nil)
			for _, fault := range each.Faults {
				assert.Positive(t, fault.Line)
			}
		}
	})
}
