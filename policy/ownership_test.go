package policy_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

// manager is an entry of managedFields. Its fields are annotations' keys, or paths
// such as "spec.sessionAffinity".
type manager struct {
	operation string
	fields    []string
}

func applies(fields ...string) manager { return manager{"Apply", fields} }
func updates(fields ...string) manager { return manager{"Update", fields} }

// A write that adds the label ignore: by kubectl label, and by a server-side apply.
var (
	labelling = updates("metadata.labels")
	applying  = applies("metadata.labels")
)

// managedBy gives an object managedFields.
func managedBy(o *policy.Object, managers ...manager) *policy.Object {
	o = clone(o)
	entries := make([]string, len(managers))
	for i, m := range managers {
		entries[i] = fmt.Sprintf(`{"manager":"m%d","operation":%q,"apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":%s}`, i, m.operation, m.fieldsV1())
	}
	o.Ownership.ManagedFields = []byte("[" + strings.Join(entries, ",") + "]")
	return o
}

// fieldsV1 returns the fields in the form of managedFields.
func (m manager) fieldsV1() string {
	set := map[string]any{}
	for _, field := range m.fields {
		path := []string{"metadata", "annotations", field}
		if !strings.Contains(field, "/") {
			path = strings.Split(field, ".")
		}
		at := set
		for _, name := range path {
			inner, ok := at["f:"+name].(map[string]any)
			if !ok {
				inner = map[string]any{}
				at["f:"+name] = inner
			}
			at = inner
		}
	}
	text, err := json.Marshal(set)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// applied gives an object the annotation that kubectl apply keeps the manifest in.
func applied(o *policy.Object, manifest string) *policy.Object {
	o = clone(o)
	text, err := json.Marshal(manifest)
	if err != nil {
		panic(err)
	}
	o.Ownership.LastApplied = text
	return o
}

// annotating returns a manifest with annotations.
func annotating(annotations m) string {
	text, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": annotations}})
	if err != nil {
		panic(err)
	}
	return string(text)
}

const (
	recordOnlyRemoved = `- record: {"nginx/proxy-read-timeout":"3600","nginx/proxy-send-timeout":"3600"}`
	onlySendRemoved   = "- nginx/proxy-send-timeout: 3600\n" + recordOnlyRemoved
)

func TestWhatTheUserWroteToo(t *testing.T) {
	optedOut := func() *policy.Object { return with(injected("nginx", nil), ignored) }
	corrected := func() *policy.Object {
		return with(ingress(m{readTimeout: "3600", policy.RecordAnnotation: `{"` + readTimeout + `":{"set":"3600","was":"3600s"}}`}), ignored)
	}
	const restored = "~ nginx/proxy-read-timeout: 3600 -> 3600s\n" + `- record: {"nginx/proxy-read-timeout":{"set":"3600","was":"3600s"}}`
	const gateway = "appgw.ingress.kubernetes.io/cookie-based-affinity"
	own := m{
		"appgw.ingress.kubernetes.io/request-timeout": "3600", "appgw.ingress.kubernetes.io/connection-draining": "true",
		"appgw.ingress.kubernetes.io/connection-draining-timeout": "3600", gateway: "true",
		policy.RecordAnnotation: `{"` + gateway + `":"true"}`,
	}
	check(t, map[string]spec{
		"nobody, without managedFields":     {object: optedOut(), want: hourlongRemoved},
		"a field manager that applies":      {object: managedBy(optedOut(), applies(readTimeout)), want: onlySendRemoved},
		"a field manager that updates":      {object: managedBy(optedOut(), updates(readTimeout, sendTimeout)), want: recordOnlyRemoved},
		"one of several":                    {object: managedBy(optedOut(), applies("spec.rules"), updates(readTimeout)), want: onlySendRemoved},
		"not the owner of another value":    {object: managedBy(optedOut(), applies(connect)), want: hourlongRemoved},
		"not one that copied the record":    {object: managedBy(optedOut(), updates(readTimeout, sendTimeout, policy.RecordAnnotation)), want: hourlongRemoved},
		"one beside one that copied it":     {object: managedBy(optedOut(), updates(readTimeout, sendTimeout, policy.RecordAnnotation), applies(readTimeout)), want: onlySendRemoved},
		"kubectl apply":                     {object: applied(optedOut(), annotating(m{readTimeout: "3600"})), want: onlySendRemoved},
		"not kubectl apply of another text": {object: applied(optedOut(), annotating(m{readTimeout: "60"})), want: hourlongRemoved},
		"not kubectl apply of an export": {
			object: applied(optedOut(), annotating(m{readTimeout: "3600", sendTimeout: "3600", policy.RecordAnnotation: hourlongRecord})), want: hourlongRemoved,
		},
		"nobody, if managedFields can't be read": {
			object: changed(optedOut(), func(o *policy.Object) { o.Ownership.ManagedFields = []byte(`[{"fieldsV1":[]}]`) }), want: hourlongRemoved,
		},
		"nobody, if the applied manifest can't be read": {object: applied(optedOut(), "{"), want: hourlongRemoved},
		"a corrected value always has an owner":         {object: managedBy(corrected(), applies(readTimeout)), want: restored},
		"a corrected value, written right by now": {
			object: applied(corrected(), annotating(m{readTimeout: "3600"})), want: `- record: {"nginx/proxy-read-timeout":{"set":"3600","was":"3600s"}}`,
		},
		"a corrected value, still written wrong": {object: applied(corrected(), annotating(m{readTimeout: "3600s"})), want: restored},
		"it stays when the policy changes": {
			object: managedBy(injected("nginx", nil), applies(readTimeout)), policy: "timeouts: {read: {default: 2h}, send: {default: 2h}}",
			want: `
~ nginx/proxy-send-timeout: 3600 -> 7200
~ record: {"nginx/proxy-read-timeout":"3600","nginx/proxy-send-timeout":"3600"} -> {"nginx/proxy-send-timeout":"7200"}`,
		},
		"it stays when the class changes": {
			object: managedBy(injected("other", nil), applies(readTimeout, sendTimeout)), policy: unknownIgnored, want: recordOnlyRemoved,
		},
		"nothing is added beside stickiness that the user wrote too": {
			object: managedBy(classed("azure-application-gateway", own, "chat"), applies(gateway)), cluster: everyClass,
			services: policy.Services{Sticky: []policy.StickyService{{Name: "chat"}}},
			want: `- record: ` + own[policy.RecordAnnotation] + `
note: azure-agic: frontend-timeout 1h: the gateway's public IP closes idle connections after 4 minutes: raise its IdleTimeoutInMinutes (30 at most), and have clients send pings`,
		},
		"nobody is looked for while nothing is removed": {object: managedBy(injected("nginx", nil), applies(readTimeout, sendTimeout))},
	})
}

func TestElementsThatTheUserWroteToo(t *testing.T) {
	alb := func() *policy.Object {
		return with(classed("alb", m{
			albBalancer: "a=b,idle_timeout.timeout_seconds=3600", policy.RecordAnnotation: `{"` + albBalancer + `#idle_timeout.timeout_seconds":"3600"}`,
		}, "chat"), ignored)
	}
	f5 := func() *policy.Object {
		return with(classed("f5", m{f5WebSocket: "a,b,c", policy.RecordAnnotation: `{"` + f5WebSocket + `#*":"b,c"}`}, "a", "b", "c"), ignored)
	}
	const (
		elementRemoved = `- record: {"alb.ingress.kubernetes.io/load-balancer-attributes#idle_timeout.timeout_seconds":"3600"}`
		removed        = "~ alb.ingress.kubernetes.io/load-balancer-attributes: a=b,idle_timeout.timeout_seconds=3600 -> a=b\n" + elementRemoved +
			"\nwarning: alb.ingress.kubernetes.io/load-balancer-attributes: Holdfast removed idle_timeout.timeout_seconds, but AWS keeps the old value; to reset it set idle_timeout.timeout_seconds=60 (holdfast)"
	)
	check(t, onClasses(everyClass, map[string]spec{
		"managedFields can't tell":            {object: managedBy(alb(), applies(albBalancer)), want: removed},
		"kubectl apply of the element":        {object: applied(alb(), annotating(m{albBalancer: "a=b, idle_timeout.timeout_seconds=3600"})), want: elementRemoved},
		"not kubectl apply of another value":  {object: applied(alb(), annotating(m{albBalancer: "idle_timeout.timeout_seconds=60"})), want: removed},
		"not kubectl apply of other elements": {object: applied(alb(), annotating(m{albBalancer: "a=b"})), want: removed},
		"a name of a list": {object: applied(f5(), annotating(m{f5WebSocket: "c"})), want: `
~ nginx.org/websocket-services: a,b,c -> a,c
- record: {"nginx.org/websocket-services#*":"b,c"}`},
	}))
}

func TestAnAffinityThatTheUserWroteToo(t *testing.T) {
	const (
		recordRemoved = `- record: {"/spec/sessionAffinity":"ClientIP/10800"}`
		corrected     = `{"set":"ClientIP/7200","was":"ClientIP/60"}`
	)
	hours := func(entry string) *policy.Object {
		return withAffinity(policy.Affinity{Type: clientIP, Seconds: 7200}, `{"/spec/sessionAffinity":`+entry+`}`)
	}
	check(t, map[string]spec{
		"a server-side apply":                           {object: managedBy(injectedService(), applies("spec.sessionAffinity")), want: recordRemoved},
		"not an update, which may own the default None": {object: managedBy(injectedService(), updates("spec.sessionAffinity")), want: threeHoursRemoved},
		"not the apply of an export": {
			object: managedBy(injectedService(), applies("spec.sessionAffinity", policy.RecordAnnotation)), want: threeHoursRemoved,
		},
		"kubectl apply":             {object: applied(injectedService(), `{"spec":{"sessionAffinity":"ClientIP"}}`), want: recordRemoved},
		"not kubectl apply of None": {object: applied(injectedService(), `{"spec":{"sessionAffinity":"None"}}`), want: threeHoursRemoved},
		"not kubectl apply without": {object: applied(injectedService(), `{"spec":{"ports":[{"port":80}]}}`), want: threeHoursRemoved},
		"a type that is applied without a timeout gets the API server's": {
			object: managedBy(hours(`"ClientIP/7200"`), applies("spec.sessionAffinity")),
			want:   "~ /spec/sessionAffinity: ClientIP/7200 -> ClientIP/10800\n" + `- record: {"/spec/sessionAffinity":"ClientIP/7200"}`,
		},
		"by kubectl apply too": {
			object: applied(hours(`"ClientIP/7200"`), `{"spec":{"sessionAffinity":"ClientIP"}}`),
			want:   "~ /spec/sessionAffinity: ClientIP/7200 -> ClientIP/10800\n" + `- record: {"/spec/sessionAffinity":"ClientIP/7200"}`,
		},
		"a type that is applied with the same timeout": {
			object: managedBy(hours(`"ClientIP/7200"`), applies("spec.sessionAffinity", timeoutSeconds)), want: `- record: {"/spec/sessionAffinity":"ClientIP/7200"}`,
		},
		"a corrected one always has an owner": {
			object: managedBy(hours(corrected), applies("spec.sessionAffinity", timeoutSeconds)),
			want:   "~ /spec/sessionAffinity: ClientIP/7200 -> ClientIP/60\n" + `- record: {"/spec/sessionAffinity":` + corrected + "}",
		},
		"a corrected one, written right by now": {
			object: applied(hours(corrected), `{"spec":{"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":7200}}}}`),
			want:   `- record: {"/spec/sessionAffinity":` + corrected + "}",
		},
		"the label ignore, and apply": {object: applied(with(injectedService(sticky), ignored), `{"spec":{"sessionAffinity":"ClientIP"}}`), want: recordRemoved},
	})
}

// removedTimers is the warning that two timeouts were removed which the user may have
// written too.
const removedTimers = "warning: nginx.ingress.kubernetes.io/proxy-read-timeout: Holdfast removed this and proxy-send-timeout, which it had set; if any of it is yours, write it again (holdfast)"

func TestARemovalThatNothingExplains(t *testing.T) {
	before := func() *policy.Object { return managedBy(injected("nginx", nil), updates("spec.rules")) }
	after := func(managers ...manager) *policy.Object { return managedBy(with(before(), ignored), managers...) }
	check(t, map[string]spec{
		"kubectl label, edit, patch or helm 3": {object: after(updates("spec.rules"), labelling), old: before(), want: hourlongRemoved + removedTimers},
		"a replace, which drops the record": {
			object: without(after(updates("spec.rules", "metadata.labels")), policy.RecordAnnotation), old: before(), want: `
- nginx/proxy-read-timeout: 3600
- nginx/proxy-send-timeout: 3600
` + removedTimers,
		},
		"a label that was removed leaves no owner": {
			object: managedBy(injected("other", nil)), old: managedBy(injected("nginx", nil), labelling), policy: unknownIgnored, want: hourlongRemoved + removedTimers,
		},
		"a server-side apply would own the values":   {object: after(updates("spec.rules"), applying), old: before(), want: hourlongRemoved},
		"kubectl apply would have them written down": {object: applied(after(updates("spec.rules"), labelling), annotating(m{})), old: applied(before(), "{}"), want: hourlongRemoved},
		"kubectl label after kubectl apply": {
			object: applied(after(updates("spec.rules"), labelling), "{}"), old: applied(before(), "{}"), want: hourlongRemoved + removedTimers,
		},
		"a file has no old object":      {object: after(updates("spec.rules"), labelling), want: hourlongRemoved},
		"without managedFields":         {object: with(injected("nginx", nil), ignored), old: injected("nginx", nil), want: hourlongRemoved},
		"what the user wrote too stays": {object: after(updates(readTimeout, sendTimeout)), old: before(), want: recordOnlyRemoved},
		"a Service": {
			object: managedBy(injectedService(), labelling), old: managedBy(injectedService(sticky), updates("spec.ports")),
			want: threeHoursRemoved + ingressesFollow + "\nwarning: spec.sessionAffinity: Holdfast removed this, which it had set; if any of it is yours, write it again (holdfast)",
		},
	})
}

func TestManyRemovalsAreNamedInSeveralSentences(t *testing.T) {
	o := ingress(m{
		readTimeout: "3600", sendTimeout: "3600", affinity: "cookie", affinityMode: "persistent", cookieMaxAge: "10800",
		policy.RecordAnnotation: `{"` + affinity + `":"cookie","` + affinityMode + `":"persistent","` + cookieMaxAge + `":"10800",` + hourlongRecord[1:],
	})
	s := spec{object: managedBy(with(o, ignored), labelling), old: managedBy(o)}
	found := warningsOf(policy.Evaluate(s.input(t)))
	require.Len(t, found, 2)
	assert.Contains(t, found[0].Warning(), "/affinity: Holdfast removed this, affinity-mode and proxy-read-timeout, which")
	assert.Contains(t, found[1].Warning(), "/proxy-send-timeout: Holdfast removed this and session-cookie-max-age, which")
}

func TestUndoLeavesWhatTheUserWroteToo(t *testing.T) {
	o := managedBy(injected("nginx", nil), applies(readTimeout))
	assert.Equal(t, lines(onlySendRemoved), changeLines(policy.Undo(o)))
	assert.Equal(t, lines(hourlongRemoved), changeLines(policy.Undo(injected("nginx", nil))))
}
