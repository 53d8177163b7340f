package manifest_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	kyaml "sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// affinityKinds and affinityConfigs are all ways in which a Service's spec can have a
// session affinity, and its configuration, that the API server takes; an empty one is
// left out. In block style "#" stands for the end of a line.
var (
	affinityKinds   = []string{"", "null", `""`, `"None"`, `"ClientIP"`}
	affinityConfigs = []struct{ flow, block string }{
		{"", ""},
		{"null", "#"},
		{"null", " ~#"},
		{"{}", " {}#"},
		{`{"clientIP": null}`, "#    clientIP:#"},
		{`{"clientIP": null}`, "#    clientIP: null#"},
		{`{"clientIP": {}}`, "#    clientIP: { }#"},
		{`{"clientIP": {"timeoutSeconds": null}}`, "#    clientIP:#      timeoutSeconds:#"},
		{`{"clientIP": {"timeoutSeconds": null}}`, "#    clientIP: {timeoutSeconds: ~}#"},
		{`{"clientIP": {"timeoutSeconds": 600}}`, "#    clientIP:#      timeoutSeconds: 600#"},
		{`{"clientIP": {"timeoutSeconds": 600}}`, "#    clientIP:#      timeoutSeconds: 0x258#"},
		{`{"clientIP": {"timeoutSeconds": 600}}`, " {clientIP: {timeoutSeconds: 600}}#"},
	}
)

// affinityManifests returns Services with an affinity and a configuration, written in
// the ways that people have.
func affinityManifests(kind string, config struct{ flow, block string }) map[string]string {
	const metadata = `{"name": "web", "labels": {"holdfast.dev/sticky-session": "true"}}`
	var flow, block []string
	if kind != "" {
		flow = append(flow, `"sessionAffinity": `+kind)
		block = append(block, "  sessionAffinity: "+kind+"#")
	}
	if config.flow != "" {
		flow = append(flow, `"sessionAffinityConfig": `+config.flow)
		block = append(block, "  sessionAffinityConfig:"+config.block)
	}
	flow, block = append(flow, `"ports": [{"port": 80}]`), append(block, "  ports: [{port: 80}]#")
	all := make(map[string]string)
	for _, order := range []string{"", ", configuration first"} {
		json := `{"apiVersion": "v1", "kind": "Service", "metadata": ` + metadata + `, "spec": {` + strings.Join(flow, ", ") + "}}\n"
		head := serviceType + "metadata: " + metadata + "\nspec:"
		all["JSON"+order] = json
		all["compact JSON"+order] = strings.NewReplacer(": ", ":", ", ", ",").Replace(json)
		all["braces"+order] = head + " { " + strings.Join(flow, " , ") + " }\n"
		all["braces on many lines"+order] = head + " {\n  " + strings.Join(flow, ",\n  ") + "\n}\n"
		lines := head + "\n" + strings.Join(block, "")
		all["block style"+order] = strings.ReplaceAll(lines, "#", "\n")
		all["block style with comments"+order] = strings.ReplaceAll(lines, "#", " # c\n  # d\n")
		flow[0], flow[1%len(flow)] = flow[1%len(flow)], flow[0]
		block[0], block[1%len(block)] = block[1%len(block)], block[0]
	}
	return all
}

// stored returns a Service as the API server stores it: read as kubectl does, and
// defaulted (k8s.io/kubernetes/pkg/apis/core/v1, SetDefaults_Service).
func stored(t *testing.T, manifest string) policy.Affinity {
	t.Helper()
	var service corev1.Service
	require.NoError(t, kyaml.UnmarshalStrict([]byte(manifest), &service), "%s", manifest)
	spec := &service.Spec
	var seconds int64
	if c := spec.SessionAffinityConfig; c != nil && c.ClientIP != nil && c.ClientIP.TimeoutSeconds != nil {
		seconds = int64(*c.ClientIP.TimeoutSeconds)
	}
	switch {
	case spec.SessionAffinity == corev1.ServiceAffinityClientIP:
		return policy.Affinity{Type: policy.AffinityClientIP, Seconds: cmp.Or(seconds, int64(corev1.DefaultClientIPServiceAffinitySeconds))}
	case !hasAffinity(t, manifest):
		// The API server drops the timeout, and kubectl's applied manifest still has it.
		return policy.Affinity{Seconds: seconds}
	default:
		// None, which the API server can't tell from its default.
		return policy.Affinity{}
	}
}

// hasAffinity reports whether a Service has the field sessionAffinity, whatever its
// value.
func hasAffinity(t *testing.T, manifest string) bool {
	t.Helper()
	var service struct{ Spec map[string]any }
	require.NoError(t, kyaml.Unmarshal([]byte(manifest), &service))
	_, there := service.Spec["sessionAffinity"]
	return there
}

// webhookResult returns the affinity that the engine gives a Service that comes from
// the API server.
func webhookResult(t *testing.T, p *policy.Policy, now policy.Affinity) policy.Affinity {
	t.Helper()
	o := &policy.Object{Kind: policy.Service, Name: "web", Labels: map[string]string{policy.StickyLabel: "true"}}
	o.Fields = []policy.Field{policy.SessionAffinityField(now)}
	for _, c := range policy.Evaluate(policy.Input{Object: o, Policy: p}).Changes {
		if c.Target.Pointer() == policy.SessionAffinity {
			made, ok := policy.ParseAffinity(*c.To)
			require.True(t, ok)
			return made
		}
	}
	return now
}

func TestEveryShapeOfASessionAffinity(t *testing.T) {
	atMostFiveMinutes, err := policy.Read([]byte("apiVersion: " + policy.APIVersion + "\nkind: " + policy.FileKind +
		"\ncorrections: apply\nstickySessions: {timeout: {default: 5m, maximum: 5m}}\n"))
	require.NoError(t, err)
	for policyName, p := range map[string]*policy.Policy{"the built-in policy": policy.Default(), "corrections": atMostFiveMinutes} {
		for _, kind := range affinityKinds {
			for _, config := range affinityConfigs {
				t.Run(fmt.Sprintf("%s/affinity %s, configuration %q", policyName, kind, config.block), func(t *testing.T) {
					for _, manifest := range affinityManifests(kind, config) {
						checkAffinity(t, p, manifest)
					}
				})
			}
		}
	}
}

// checkAffinity injects a Service, as the webhook would, and uninjects it.
func checkAffinity(t *testing.T, p *policy.Policy, manifest string) {
	t.Helper()
	evaluate := under(p)
	injected := rewrite(t, manifest, evaluate)
	made := stored(t, injected)
	assert.Equal(t, webhookResult(t, p, stored(t, manifest)), made, "%s\nbecame\n%s", manifest, injected)
	assert.Equal(t, injected, rewrite(t, injected, evaluate), "a second injection changes something")
	earlier := *p
	earlier.StickySessions.Timeout = policy.Timeout{Default: 240 * duration.Second, Maximum: 240 * duration.Second}
	assert.Equal(t, injected, rewrite(t, rewrite(t, manifest, under(&earlier)), evaluate), "it depends on an earlier policy")
	back := uninject(t, injected)
	if stored(t, manifest).Seconds == 600 {
		// A corrected timeout may come back as another scalar.
		assert.Equal(t, stored(t, manifest), stored(t, back))
	} else {
		assert.Equal(t, manifest, back)
	}

	o := readObject(t, injected).Object
	o.EmptyParents, o.Fields = nil, []policy.Field{policy.SessionAffinityField(made)}
	again := evaluate(&o)
	assert.Empty(t, again.Changes, "the webhook changes what inject wrote")
	for _, f := range again.Findings {
		assert.Equal(t, policy.RuleOutOfBounds, f.Rule, "%s", f.Warning())
	}
}

// under returns the evaluation of Services under a policy.
func under(p *policy.Policy) func(*policy.Object) policy.Result {
	return func(o *policy.Object) policy.Result { return policy.Evaluate(policy.Input{Object: o, Policy: p}) }
}

// TestAServiceThatTheAPIServerRefuses isn't injected either.
func TestAServiceThatTheAPIServerRefuses(t *testing.T) {
	for spec, want := range map[string]string{
		`{sessionAffinity: None, sessionAffinityConfig: {clientIP: {timeoutSeconds: "60"}}}`: "must not be set when spec.sessionAffinity is None",
		`{sessionAffinityConfig: {clientIP: {timeoutSeconds: "60"}}}`:                        "must not be set when spec.sessionAffinity is not set",
		`{sessionAffinity: None, sessionAffinityConfig: x}`:                                  "must be a mapping",
		`{sessionAffinity: None, sessionAffinityConfig: {clientIP: []}}`:                     "must be a mapping",
	} {
		c := read(t, serviceType+"metadata: {name: web}\nspec: "+spec+"\n")
		o := c.Objects[0]
		require.Empty(t, o.Faults)
		o.Change(changesOf(o, []policy.Change{sticky}))
		_, faults := c.Bytes()
		require.Len(t, faults, 1, spec)
		assert.Contains(t, faults[0].Error(), want)
	}
}
