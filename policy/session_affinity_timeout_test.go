package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
)

// timeoutSeconds is the path of ClientIP's timeout.
const timeoutSeconds = "spec.sessionAffinityConfig.clientIP.timeoutSeconds"

// onlyTimeout is a manifest with a timeout of ClientIP and no type.
const onlyTimeout = `{"spec":{"sessionAffinityConfig":{"clientIP":{"timeoutSeconds":60}}}}`

const minute = `{"/spec/sessionAffinity":{"set":"ClientIP/60","was":"/60"}}`

// withAffinity returns a Service with an affinity and a record.
func withAffinity(affinity policy.Affinity, record string, labels ...string) *policy.Object {
	o := with(service(), labels...)
	o.Fields = affinityFields(affinity)
	if record != "" {
		o.Annotations = m{policy.RecordAnnotation: record}
	}
	return o
}

func TestATimeoutWithoutAType(t *testing.T) {
	minutes := func(seconds int64, record string, labels ...string) *policy.Object {
		return withAffinity(policy.Affinity{Type: clientIP, Seconds: seconds}, record, labels...)
	}
	const (
		dropped     = "warning: spec.sessionAffinityConfig: the API server drops it without sessionAffinity, so ClientIP with 10800 s is set; write sessionAffinity: ClientIP beside it (holdfast)"
		ninety      = `{"/spec/sessionAffinity":"ClientIP/5400"}`
		emptyConfig = "spec.sessionAffinityConfig"

		correctedRecord = `{"/spec/sessionAffinity":{"set":"ClientIP/7200","was":"ClientIP/60"}}`

		outOfRange = "warning: spec.sessionAffinityConfig.clientIP.timeoutSeconds: must be from 1 to 86400, so ClientIP with 10800 s is set; correct it, and write sessionAffinity: ClientIP beside it (holdfast)"
		ours       = `{"/spec/sessionAffinity":"ClientIP/10800"} -> ` + minute
	)
	check(t, map[string]spec{
		"kubectl apply of a type without a timeout": {
			object: applied(stickyService(), `{"spec":{"sessionAffinity":"None","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":60}}}}`),
			want:   "+ /spec/sessionAffinity: ClientIP/10800",
		},
		"a server-side apply has sent it": {
			object: managedBy(stickyService(), applies(timeoutSeconds)), want: "+ /spec/sessionAffinity: ClientIP/10800\n" + dropped,
		},
		"nobody has sent it": {object: managedBy(stickyService(), applies("spec.ports")), want: "+ /spec/sessionAffinity: ClientIP/10800"},
		"the second server-side apply brings it": {
			object: managedBy(minutes(60, clientIPRecord, sticky), applies(timeoutSeconds)), old: injectedService(sticky),
			want: "~ record: " + ours,
		},
		"the second kubectl apply brings it": {
			object: applied(minutes(60, clientIPRecord, sticky), onlyTimeout), old: injectedService(sticky), want: "~ record: " + ours,
		},
		"it stays at the third": {object: managedBy(minutes(60, minute, sticky), applies(timeoutSeconds)), old: minutes(60, minute, sticky)},
		"another one replaces it": {
			object: managedBy(minutes(90, minute, sticky), applies(timeoutSeconds)), old: minutes(60, minute, sticky),
			want: "~ record: " + minute + ` -> {"/spec/sessionAffinity":{"set":"ClientIP/90","was":"/90"}}`,
		},
		"the user removes it, and the API server fills in its own": {
			object: managedBy(minutes(10800, minute, sticky), applies("spec.ports")), old: minutes(60, minute, sticky),
			want: "~ record: " + minute + " -> " + clientIPRecord,
		},
		"the type goes with the label": {
			object: managedBy(minutes(60, minute), applies(timeoutSeconds)), old: managedBy(minutes(60, minute, sticky), applies(timeoutSeconds), labelling),
			want: "~ /spec/sessionAffinity: ClientIP/60 -> /60\n- record: " + minute + "\n" + ingressesFollow + `
warning: spec.sessionAffinity: Holdfast removed this, which it had set; if any of it is yours, write it again (holdfast)`,
		},
		"the label goes with an apply": {
			object: managedBy(minutes(60, minute), applies(timeoutSeconds, "metadata.labels")), old: managedBy(minutes(60, minute, sticky), applies(timeoutSeconds)),
			want: "~ /spec/sessionAffinity: ClientIP/60 -> /60\n- record: " + minute + "\n" + ingressesFollow,
		},
		"the user writes the type too": {
			object: managedBy(minutes(60, minute), applies(timeoutSeconds, "spec.sessionAffinity")), old: minutes(60, minute, sticky),
			want: "- record: " + minute + "\n" + ingressesFollow,
		},
		"the user writes both at once": {
			object: managedBy(minutes(60, clientIPRecord, sticky), applies(timeoutSeconds, "spec.sessionAffinity")), old: injectedService(sticky),
			want: "- record: " + clientIPRecord,
		},
		"an edit of the timeout makes all of it the user's": {
			object: managedBy(minutes(600, clientIPRecord, sticky), updates(timeoutSeconds)), old: injectedService(sticky), want: "- record: " + clientIPRecord,
		},
		"kubectl apply has sent one that is out of range": {
			object: applied(stickyService(), `{"spec":{"sessionAffinityConfig":{"clientIP":{"timeoutSeconds":86401}}}}`),
			want:   "+ /spec/sessionAffinity: ClientIP/10800\n" + outOfRange,
		},
		"the second server-side apply brings zero": {
			object: managedBy(minutes(0, clientIPRecord, sticky), applies(timeoutSeconds)), old: injectedService(sticky),
			want: "~ /spec/sessionAffinity: ClientIP -> ClientIP/10800\n" + outOfRange,
		},
		"an edit brings one that is too long": {
			object: managedBy(minutes(86401, clientIPRecord, sticky), updates(timeoutSeconds)), old: injectedService(sticky),
			want: "~ /spec/sessionAffinity: ClientIP/86401 -> ClientIP/10800\n" + outOfRange,
		},
		"an edit brings a negative one": {
			object: managedBy(minutes(-5, clientIPRecord, sticky), updates(timeoutSeconds)), old: injectedService(sticky),
			want: "~ /spec/sessionAffinity: ClientIP/-5 -> ClientIP/10800\n" + outOfRange,
		},
		"one that is out of range goes with the label": {
			object: managedBy(minutes(0, clientIPRecord), applies(timeoutSeconds)), old: managedBy(injectedService(sticky), applies(timeoutSeconds, "metadata.labels")),
			want: "- /spec/sessionAffinity: ClientIP\n- record: " + clientIPRecord + "\n" + ingressesFollow,
		},
		"the user's own type, and one that is out of range, is left for the API server to refuse": {
			object: managedBy(minutes(0, clientIPRecord, sticky), applies(timeoutSeconds, "spec.sessionAffinity")), old: injectedService(sticky),
			want: "- record: " + clientIPRecord,
		},
		"the user's own type, whose timeout Holdfast has corrected, stays the user's with one that is out of range": {
			object: managedBy(minutes(86401, correctedRecord, sticky), updates(timeoutSeconds)), old: minutes(7200, correctedRecord, sticky),
			want: "- record: " + correctedRecord + "\nwarning: spec.sessionAffinity: ClientIP with 86401 s is outside this cluster's limits (any length); write ClientIP with 86400 s (holdfast)",
		},
		"and with one of the user's": {
			object: managedBy(minutes(90, correctedRecord, sticky), updates(timeoutSeconds)), old: minutes(7200, correctedRecord, sticky),
			want: "- record: " + correctedRecord,
		},
		"an empty configuration goes, and the API server fills in its own": {
			object: managedBy(minutes(10800, ninety, sticky), applies("spec.ports")), old: managedBy(minutes(5400, ninety, sticky), applies(emptyConfig)),
			want: "~ record: " + ninety + " -> " + clientIPRecord,
		},
		"an empty configuration goes with the label": {
			object: managedBy(minutes(10800, ninety), applies("spec.ports")), old: managedBy(minutes(5400, ninety, sticky), applies(emptyConfig)),
			want: threeHoursRemoved[:len(threeHoursRemoved)-len("{\"/spec/sessionAffinity\":\"ClientIP/10800\"}\n")] + ninety + "\n" + ingressesFollow,
		},
		"an edit that sets the API server's own makes all of it the user's": {
			object: managedBy(minutes(10800, ninety, sticky), updates(timeoutSeconds)), old: managedBy(minutes(5400, ninety, sticky), updates("spec.ports")),
			want: "- record: " + ninety,
		},
		"a file has it": {
			object: withAffinity(policy.Affinity{Seconds: 60}, "", sticky), want: "~ /spec/sessionAffinity: /60 -> ClientIP/60",
		},
		"a file without the label":        {object: withAffinity(policy.Affinity{Seconds: 60}, "")},
		"a file with the label \"false\"": {object: withAffinity(policy.Affinity{Seconds: 60}, "", notSticky)},
		"it is outside of the limits": {
			object: withAffinity(policy.Affinity{Seconds: 60}, "", sticky), policy: "stickySessions: {timeout: {minimum: 1h}}",
			want: "~ /spec/sessionAffinity: /60 -> ClientIP/60\nwarning: spec.sessionAffinity: ClientIP with 60 s" + outOf("at least 1h") + "; write ClientIP with 3600 s (holdfast)",
		},
		"it is corrected": {
			object: withAffinity(policy.Affinity{Seconds: 60}, "", sticky), policy: corrected + "\nstickySessions: {timeout: {minimum: 1h}}",
			want: "~ /spec/sessionAffinity: /60 -> ClientIP/3600\nwarning: spec.sessionAffinity: ClientIP with 60 s" + outOf("at least 1h") +
				"; Holdfast changed it to ClientIP with 3600 s, please change your manifest too (holdfast)",
		},
		"a sticky timeout asks for another one": {
			object: changed(withAffinity(policy.Affinity{Seconds: 60}, "", sticky), func(o *policy.Object) { o.Annotations = m{policy.StickyTimeoutAnnotation: "2h"} }),
			want: "~ /spec/sessionAffinity: /60 -> ClientIP/60\n" +
				`warning: spec.sessionAffinity: ClientIP with 60 s takes precedence over holdfast.dev/sticky-session-timeout: "2h"; remove one of them (holdfast)`,
		},
	})
}

func TestATimeoutThatKubectlApplyHasSent(t *testing.T) {
	for name, s := range map[string]spec{
		"with the label":        {object: applied(stickyService(), onlyTimeout)},
		"and a label put later": {object: applied(stickyService(), onlyTimeout), old: applied(service(), onlyTimeout)},
	} {
		t.Run(name, func(t *testing.T) {
			in := s.input(t)
			result := policy.Evaluate(in)
			stored := apply(t, s.object, result.Changes)
			assert.Equal(t, "ClientIP/60", affinityText(stored))
			assert.Equal(t, minute, stored.Annotations[policy.RecordAnnotation], "the type is Holdfast's, the timeout isn't")
			assertSettled(t, in, result)
		})
	}
}

func TestATimeoutWithoutATypeIsShownAsOne(t *testing.T) {
	codec := policy.SessionAffinityField(policy.Affinity{}).Codec
	assert.True(t, codec.Valid("/60"))
	assert.False(t, codec.Valid("/"))
	assert.False(t, codec.Valid("/0"))
	assert.False(t, codec.Valid(""))
	assert.Equal(t, "a timeout of 60 s", codec.Display("/60"))
	text := "/60"
	assert.Equal(t, []policy.Member{
		{Pointer: policy.SessionAffinity}, {Pointer: policy.SessionAffinityConfig, JSON: `{"clientIP":{"timeoutSeconds":60}}`},
	}, codec.Members(&text))
}
