package policy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// m is a map of labels or annotations.
type m = map[string]string

const (
	nginx         = "nginx.ingress.kubernetes.io/"
	readTimeout   = nginx + "proxy-read-timeout"
	sendTimeout   = nginx + "proxy-send-timeout"
	connect       = nginx + "proxy-connect-timeout"
	buffering     = nginx + "proxy-buffering"
	affinity      = nginx + "affinity"
	affinityMode  = nginx + "affinity-mode"
	cookieMaxAge  = nginx + "session-cookie-max-age"
	upstreamHash  = nginx + "upstream-hash-by"
	clientIP      = "ClientIP"
	loadBalancer  = "LoadBalancer"
	corrected     = "corrections: apply"
	byAddress     = "stickySessions: {by: client-address}"
	atMostTwoHour = "timeouts: {read: {maximum: 2h}, send: {maximum: 2h}}"
)

// What is injected into an Ingress without labels and annotations.
var hourlong = timers("3600", "3600")

// What is injected into a sticky Ingress.
var hourlongAndSticky = hourlong + `
+ nginx/affinity: cookie
+ nginx/affinity-mode: persistent
+ nginx/session-cookie-max-age: 10800
`

// timers returns the changes that inject the read and the send timeout.
func timers(read, send string) string {
	return "+ nginx/proxy-read-timeout: " + read + "\n+ nginx/proxy-send-timeout: " + send + "\n"
}

// ingressesFollow is the warning for a Service whose sticky label is set or
// removed.
const ingressesFollow = "warning: holdfast.dev/sticky-session: this Service's Ingresses follow when next written: kubectl patch ingress NAME --type=merge -p '{}' (holdfast)"

// timeoutWithoutLabel is the warning for a time of stickiness on an object that isn't
// sticky.
const timeoutWithoutLabel = `warning: holdfast.dev/sticky-session-timeout: "1h" has no effect without the label holdfast.dev/sticky-session: "true" (holdfast)`

// Parts of sentences that occur often.
const wholeSeconds = `must be whole seconds above zero, such as "3600"`

func outOf(limits string) string { return " is outside this cluster's limits (" + limits + ")" }

// Records, as they stand on objects.
const (
	hourlongRecord = `{"nginx.ingress.kubernetes.io/proxy-read-timeout":"3600","nginx.ingress.kubernetes.io/proxy-send-timeout":"3600"}`
	clientIPRecord = `{"/spec/sessionAffinity":"ClientIP/10800"}`
)

// spec is an object, the cluster around it, and the expected result.
type spec struct {
	object    *policy.Object
	old       *policy.Object
	namespace m
	// cluster are the IngressClasses; nil for one of ingress-nginx.
	cluster  []policy.IngressClass
	services policy.Services
	// policy is a policy file without its header.
	policy string
	// want has a line for each change, then each warning, note and refusal as
	// users and admins see it. "nginx/" stands for ingress-nginx's prefix in
	// changes. The record is written out only where there was one before: a
	// first one lists the changes, which check sees to. The note on reloads has
	// a test of its own and is left out.
	want string
}

func (s spec) input(t *testing.T) policy.Input {
	t.Helper()
	p := policyFile(t, s.policy)
	return policy.Input{
		Object: s.object, Old: s.old, Policy: p,
		Namespace:   policy.Namespace{Name: "chat", Annotations: s.namespace},
		Controller:  p.ResolveController(s.object, s.classes()),
		Controllers: p.Controllers(s.classes()),
		Services:    s.services,
	}
}

// classes are the cluster's: ingress-nginx has the class nginx, unless the
// object of the test is about that.
func (s spec) classes() []policy.IngressClass {
	if s.cluster != nil {
		return s.cluster
	}
	return []policy.IngressClass{{Name: "nginx", Controller: "k8s.io/ingress-nginx"}}
}

func policyFile(t *testing.T, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Read([]byte("apiVersion: " + policy.APIVersion + "\nkind: " + policy.FileKind + "\n" + text))
	require.NoError(t, err)
	return p
}

// check evaluates each spec, compares the result and checks what must hold for
// every object.
func check(t *testing.T, specs map[string]spec) {
	t.Helper()
	for name, s := range specs {
		t.Run(name, func(t *testing.T) {
			in := s.input(t)
			before := clone(in.Object)
			got := policy.Evaluate(in)
			shown := got
			if !recorded(in.Object) && !recorded(in.Old) && !recordsElements(got) {
				shown.Changes = withoutRecord(t, got.Changes)
			}
			assert.Equal(t, lines(s.want), resultLines(shown))
			assert.Equal(t, before, in.Object, "the object that was evaluated has been written to")
			assertPresentable(t, got)
			assertSettled(t, in, got)
		})
	}
}

// recordsElements reports whether a new record has entries for elements of
// composite annotations. Such a record is part of the expected lines.
func recordsElements(got policy.Result) bool {
	return slices.ContainsFunc(got.Changes, func(c policy.Change) bool {
		return c.Target.Key() == policy.RecordAnnotation && c.To != nil && strings.Contains(*c.To, "#")
	})
}

func recorded(o *policy.Object) bool {
	return o != nil && o.Annotations[policy.RecordAnnotation] != ""
}

// lines are a text's lines without the empty ones.
func lines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}

// withoutRecord checks that an object's first record lists the other changes, and
// returns those.
func withoutRecord(t *testing.T, changes []policy.Change) []policy.Change {
	t.Helper()
	if len(changes) == 0 {
		return nil
	}
	others, record := changes[:len(changes)-1], changes[len(changes)-1]
	want := map[string]any{}
	for _, c := range others {
		require.NotNil(t, c.To, "%s: nothing can be removed without a record", c.Target.Key())
		want[c.Target.Key()] = *c.To
		if c.From != nil {
			want[c.Target.Key()] = m{"set": *c.To, "was": *c.From}
		}
	}
	expected, err := json.Marshal(want)
	require.NoError(t, err)
	require.Equal(t, policy.RecordAnnotation, record.Target.Key(), "the record comes last")
	require.Nil(t, record.From)
	assert.Equal(t, string(expected), *record.To)
	return others
}

// resultLines returns a result as the lines of spec.want.
func resultLines(r policy.Result) []string {
	lines := []string{}
	for _, c := range r.Changes {
		lines = append(lines, changeLine(c))
	}
	for _, w := range warningsOf(r) {
		lines = append(lines, "warning: "+w.Warning())
	}
	for _, n := range notesOf(r) {
		if n.Rule != policy.RuleReloadClosesSockets {
			lines = append(lines, "note: "+n.Note())
		}
	}
	for _, refusal := range refusalsOf(r) {
		lines = append(lines, "refused: "+refusal.FieldError().Error())
	}
	return lines
}

// findingsOf returns the findings of a result that match.
func findingsOf(r policy.Result, match func(policy.Finding) bool) []policy.Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f policy.Finding) bool { return !match(f) })
}

// warningsOf returns the findings that warn the author, notesOf those for an
// admin, and refusalsOf those that refuse the object.
func warningsOf(r policy.Result) []policy.Finding {
	return findingsOf(r, func(f policy.Finding) bool { return f.Actor == policy.Author && !f.Refused })
}

func notesOf(r policy.Result) []policy.Finding {
	return findingsOf(r, func(f policy.Finding) bool { return f.Actor == policy.Admin })
}

func refusalsOf(r policy.Result) []policy.Finding {
	return findingsOf(r, func(f policy.Finding) bool { return f.Refused })
}

func changeLine(c policy.Change) string {
	key := c.Target.Key()
	if key == policy.RecordAnnotation {
		key = "record"
	}
	short := func(text string) string { return strings.ReplaceAll(text, nginx, "nginx/") }
	switch {
	case c.From == nil:
		return fmt.Sprintf("+ %s: %s", short(key), short(*c.To))
	case c.To == nil:
		return fmt.Sprintf("- %s: %s", short(key), short(*c.From))
	default:
		return fmt.Sprintf("~ %s: %s -> %s", short(key), short(*c.From), short(*c.To))
	}
}

// assertPresentable checks that the API server passes every sentence on.
func assertPresentable(t *testing.T, r policy.Result) {
	t.Helper()
	for _, w := range warningsOf(r) {
		line := w.Warning()
		assert.True(t, utf8.ValidString(line), "%q is not UTF-8", line)
		assert.LessOrEqual(t, utf8.RuneCountInString(line), 256, "%q", line)
		assert.Equal(t, -1, strings.IndexFunc(line, unicode.IsControl), "%q has a control character", line)
		assert.NotContains(t, line, string(utf8.RuneError))
		assert.True(t, strings.HasSuffix(line, " (holdfast)"), "%q does not lead to Holdfast", line)
		assert.NotEmpty(t, w.Rule)
	}
	for _, refusal := range refusalsOf(r) {
		assert.True(t, strings.HasSuffix(refusal.FieldError().Error(), " (holdfast)"), "%v does not lead to Holdfast", refusal.FieldError())
		assert.NotEmpty(t, refusal.Rule)
		assert.NotEmpty(t, refusal.Detail)
	}
}

// assertSettled applies the changes and evaluates again: as the API server does
// when it calls a webhook twice for one write, and as the next write does.
func assertSettled(t *testing.T, in policy.Input, r policy.Result) {
	t.Helper()
	stored := apply(t, in.Object, r.Changes)
	// The API server fills in an address that an update leaves out.
	stored.Headless = stored.Headless || in.Old != nil && in.Old.Headless && stored.Type != "ExternalName"
	for name, old := range map[string]*policy.Object{
		"created": nil, "called twice": in.Old, "written again": stored, "written the first time": in.Object,
	} {
		again := in
		again.Object, again.Old = stored, old
		assert.Empty(t, changeLines(policy.Evaluate(again)), "evaluated again as %s", name)
	}
}

func changeLines(r policy.Result) []string { return resultLines(policy.Result{Changes: r.Changes}) }

// apply makes changes in a copy of an object.
func apply(t *testing.T, o *policy.Object, changes []policy.Change) *policy.Object {
	t.Helper()
	applied := clone(o)
	for _, c := range changes {
		require.False(t, c.From == nil && c.To == nil, "%s: a change of nothing", c.Target.Key())
		if c.Codec != nil {
			applyToField(t, applied, c)
			continue
		}
		now, there := applied.Annotations[c.Target.Key()]
		require.Equal(t, c.From != nil, there, "%s: only what is there can be removed or replaced", c.Target.Key())
		if there {
			require.Equal(t, *c.From, now, c.Target.Key())
		}
		if c.To == nil {
			delete(applied.Annotations, c.Target.Key())
			continue
		}
		require.False(t, there && now == *c.To, "%s: a change that changes nothing", c.Target.Key())
		if applied.Annotations == nil {
			applied.Annotations = m{}
		}
		applied.Annotations[c.Target.Key()] = *c.To
	}
	if len(applied.Annotations) == 0 {
		applied.Annotations = nil
	}
	return applied
}

func clone(o *policy.Object) *policy.Object {
	c := *o
	c.Labels, c.Annotations, c.Fields = maps.Clone(o.Labels), maps.Clone(o.Annotations), slices.Clone(o.Fields)
	return &c
}

// applyToField makes the change of a field.
func applyToField(t *testing.T, o *policy.Object, c policy.Change) {
	t.Helper()
	i := slices.IndexFunc(o.Fields, func(f policy.Field) bool { return f.Target == c.Target })
	require.GreaterOrEqual(t, i, 0, "%s: the object has no such field", c.Target.Key())
	field := &o.Fields[i]
	require.Equal(t, field.Value, c.From, c.Target.Key())
	require.NotEqual(t, c.From, c.To, "%s: a change that changes nothing", c.Target.Key())
	if c.To != nil {
		require.True(t, field.Codec.Valid(*c.To), "%s: %q", c.Target.Key(), *c.To)
	}
	field.Value = c.To
}

// affinityFields are the fields of a Service with an affinity.
func affinityFields(a policy.Affinity) []policy.Field {
	return []policy.Field{policy.SessionAffinityField(a)}
}

// affinityText returns a Service's affinity as text; empty for none.
func affinityText(o *policy.Object) string {
	if len(o.Fields) == 0 || o.Fields[0].Value == nil {
		return ""
	}
	return *o.Fields[0].Value
}

// ingress is an Ingress of class nginx.
func ingress(annotations m) *policy.Object { return ingressOf("nginx", annotations) }

func ingressOf(class string, annotations m) *policy.Object {
	return &policy.Object{Kind: policy.Ingress, Namespace: "chat", Name: "web", ClassName: &class, Annotations: annotations}
}

func service() *policy.Object {
	return &policy.Object{Kind: policy.Service, Namespace: "chat", Name: "web", Type: "ClusterIP", Fields: affinityFields(policy.Affinity{})}
}

// with gives an object labels, in "key=value" pairs.
func with(o *policy.Object, labels ...string) *policy.Object {
	labelled := clone(o)
	if labelled.Labels == nil {
		labelled.Labels = m{}
	}
	for _, label := range labels {
		key, value, _ := strings.Cut(label, "=")
		labelled.Labels[key] = value
	}
	return labelled
}

const (
	ignored   = policy.PolicyLabel + "=ignore"
	sticky    = policy.StickyLabel + "=true"
	notSticky = policy.StickyLabel + "=false"
)

func stickyService() *policy.Object { return with(service(), sticky) }

// serviceThat is a sticky Service with something more.
func serviceThat(change func(*policy.Object)) *policy.Object { return changed(stickyService(), change) }

func changed(o *policy.Object, change func(*policy.Object)) *policy.Object {
	change(o)
	return o
}

func TestAnIngressGetsThePolicysTimeouts(t *testing.T) {
	check(t, map[string]spec{
		"an Ingress without annotations": {object: ingress(nil), want: hourlong},
		"an Ingress with other annotations": {
			object: ingress(m{"example.com/owner": "team-chat"}), want: hourlong,
		},
		"the user's read timeout is kept": {
			object: ingress(m{readTimeout: "600"}),
			want: `
+ nginx/proxy-send-timeout: 3600`,
		},
		"nothing is injected beside both of the user's timeouts": {
			object: ingress(m{readTimeout: "600", sendTimeout: "600"}),
		},
		"the user's connect timeout is left alone": {
			object: ingress(m{connect: "75"}), want: hourlong,
		},
		"a connect timeout where the policy has a default": {
			object: ingress(nil), policy: "timeouts: {connect: {default: 10s}}",
			want: timers("3600", "3600") + `+ nginx/proxy-connect-timeout: 10`,
		},
		"buffering switched off by the policy": {
			object: ingress(nil), policy: "buffering: {response: disabled, request: disabled}",
			want: timers("3600", "3600") + `+ nginx/proxy-buffering: off
+ nginx/proxy-request-buffering: off`,
		},
		"the user's buffering is kept": {
			object: ingress(m{buffering: "on", readTimeout: "60", sendTimeout: "60"}), policy: "buffering: {response: disabled}",
		},
		"a duration is rounded up to whole seconds": {
			object: ingress(m{policy.IdleTimeoutAnnotation: "90500ms"}),
			want:   timers("91", "91"),
		},
	})
}

func TestWhoseValueWins(t *testing.T) {
	check(t, map[string]spec{
		"the Namespace's annotation overrides the policy's default": {
			object: ingress(nil), namespace: m{policy.IdleTimeoutAnnotation: "2h"},
			want: timers("7200", "7200"),
		},
		"the object's annotation overrides the Namespace's": {
			object: ingress(m{policy.IdleTimeoutAnnotation: "3h"}), namespace: m{policy.IdleTimeoutAnnotation: "2h"},
			want: timers("10800", "10800"),
		},
		"the object's idle-timeout overrides the Namespace's read-timeout": {
			object: ingress(m{policy.IdleTimeoutAnnotation: "3h"}), namespace: m{policy.ReadTimeoutAnnotation: "2h"},
			want: timers("10800", "10800"),
		},
		"the object's read-timeout leaves the send timeout to the Namespace": {
			object: ingress(m{policy.ReadTimeoutAnnotation: "3h"}), namespace: m{policy.IdleTimeoutAnnotation: "2h"},
			want: timers("10800", "7200"),
		},
		"send-timeout overrides idle-timeout on the same object": {
			object: ingress(m{policy.IdleTimeoutAnnotation: "3h", policy.SendTimeoutAnnotation: "30s"}),
			want:   timers("10800", "30"),
		},
		"read-timeout overrides idle-timeout on the same Namespace": {
			object: ingress(nil), namespace: m{policy.IdleTimeoutAnnotation: "3h", policy.ReadTimeoutAnnotation: "30s"},
			want: timers("30", "10800"),
		},
		"a connect timeout that only the object asks for": {
			object: ingress(m{policy.ConnectTimeoutAnnotation: "15"}),
			want:   timers("3600", "3600") + `+ nginx/proxy-connect-timeout: 15`,
		},
		"the user's key overrides Holdfast's annotation, with a warning": {
			object: ingress(m{readTimeout: "600", policy.ReadTimeoutAnnotation: "2h"}),
			want: `
+ nginx/proxy-send-timeout: 3600
warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "600" takes precedence over holdfast.dev/read-timeout: "2h"; remove one of them (holdfast)`,
		},
		"no warning if both have the same value": {
			object: ingress(m{readTimeout: "7200", sendTimeout: "7200", policy.IdleTimeoutAnnotation: "2h"}),
		},
		"the user's annotation overrides the Namespace without a warning": {
			object: ingress(m{readTimeout: "600", sendTimeout: "600"}), namespace: m{policy.IdleTimeoutAnnotation: "2h"},
		},
		"an invalid value on the Namespace is a warning, and the policy's default applies": {
			object: ingress(nil), namespace: m{policy.IdleTimeoutAnnotation: "soon"},
			want: hourlong + `warning: holdfast.dev/idle-timeout: "soon" on Namespace chat is ignored: it must be a duration: "1h", "90m", or "3600" for seconds; ask the Namespace's owner to fix it (holdfast)`,
		},
		"the Namespace's idle-timeout applies if its read-timeout is invalid": {
			object: ingress(nil), namespace: m{policy.IdleTimeoutAnnotation: "2h", policy.ReadTimeoutAnnotation: "0"},
			want: timers("7200", "7200") + `warning: holdfast.dev/read-timeout: "0" on Namespace chat is ignored: it must be between 1s and 576h (24 days); ask the Namespace's owner to fix it (holdfast)`,
		},
		"other annotations of the Namespace are ignored": {
			object: ingress(nil), namespace: m{readTimeout: "5", "holdfast.dev/tpyo": "x"}, want: hourlong,
		},
	})
}

func TestThePolicysLimits(t *testing.T) {
	check(t, map[string]spec{
		"an annotation above the maximum is lowered, with a warning": {
			object: ingress(m{policy.IdleTimeoutAnnotation: "9h"}), policy: atMostTwoHour,
			want: timers("7200", "7200") + `warning: holdfast.dev/idle-timeout: "9h"` + outOf("at most 2h") + `; 2h is used (holdfast)`,
		},
		"an annotation below the minimum is raised, with a warning": {
			object: ingress(m{policy.ReadTimeoutAnnotation: "5s"}), policy: "timeouts: {read: {minimum: 1m}}",
			want: timers("60", "3600") + `warning: holdfast.dev/read-timeout: "5s"` + outOf("at least 1m") + `; 1m is used (holdfast)`,
		},
		"the ends themselves are within": {
			object: ingress(m{policy.ReadTimeoutAnnotation: "1m", policy.SendTimeoutAnnotation: "2h"}),
			policy: "timeouts: {read: {minimum: 1m, maximum: 2h}, send: {minimum: 1m, maximum: 2h}}",
			want:   timers("60", "7200"),
		},
		"a Namespace outside of the limits is a note for the admin": {
			object: ingress(nil), namespace: m{policy.IdleTimeoutAnnotation: "9h"}, policy: atMostTwoHour,
			want: timers("7200", "7200") + `note: Namespace chat: holdfast.dev/idle-timeout: "9h"` + outOf("at most 2h") + `; 2h is used`,
		},
		"the user's value outside of the limits stays, with a warning": {
			object: ingress(m{readTimeout: "36000", sendTimeout: "60"}), policy: atMostTwoHour,
			want: `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "36000"` + outOf("at most 2h") + `; write "7200" (holdfast)`,
		},
		"the user's value outside of the limits is corrected if the policy corrects": {
			object: ingress(m{readTimeout: "5", sendTimeout: "60"}), policy: "corrections: apply\ntimeouts: {read: {minimum: 1m}}",
			want: `
~ nginx/proxy-read-timeout: 5 -> 60
warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "5"` + outOf("at least 1m") + `; Holdfast changed it to "60", please change your manifest too (holdfast)`,
		},
		"the user's cookie age has the limits of stickiness": {
			object: ingress(m{readTimeout: "60", sendTimeout: "60", affinity: "cookie", cookieMaxAge: "172800"}),
			policy: "stickySessions: {timeout: {maximum: 24h}}",
			want:   `warning: nginx.ingress.kubernetes.io/session-cookie-max-age: "172800"` + outOf("at most 24h") + `; write "86400" (holdfast)`,
		},
		"no warning about the limits of an annotation that the user's own overrides": {
			object: ingress(m{readTimeout: "600", sendTimeout: "60", policy.ReadTimeoutAnnotation: "9h"}), policy: atMostTwoHour,
			want: `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "600" takes precedence over holdfast.dev/read-timeout: "9h"; remove one of them (holdfast)`,
		},
		"a bound between two seconds is rounded up": {
			object: ingress(m{readTimeout: "91", sendTimeout: "92"}), policy: "timeouts: {read: {default: 60s, maximum: 90500ms}, send: {default: 60s, maximum: 90500ms}}",
			want: `warning: nginx.ingress.kubernetes.io/proxy-send-timeout: "92"` + outOf("at most 1m30.5s") + `; write "91" (holdfast)`,
		},
	})
}

func TestValuesThatTheControllerCannotRead(t *testing.T) {
	check(t, map[string]spec{
		"3600s is ignored": {
			object: ingress(m{readTimeout: "3600s", sendTimeout: "60"}),
			want:   `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "3600s" is ignored by ingress-nginx; write "3600" (holdfast)`,
		},
		"60m is ignored": {
			object: ingress(m{readTimeout: "60m", sendTimeout: "60"}),
			want:   `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "60m" is ignored by ingress-nginx; write "3600" (holdfast)`,
		},
		"a space before the number": {
			object: ingress(m{readTimeout: " 3600", sendTimeout: "60"}),
			want:   `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: " 3600" is ignored by ingress-nginx; write "3600" (holdfast)`,
		},
		"what was meant is within the policy's limits": {
			object: ingress(m{readTimeout: "9h", sendTimeout: "60"}), policy: atMostTwoHour,
			want: `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "9h" is ignored by ingress-nginx; write "7200" (holdfast)`,
		},
		"a value without a meaning": {
			object: ingress(m{readTimeout: "abc", sendTimeout: "60"}),
			want:   `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "abc" is ignored by ingress-nginx; it ` + wholeSeconds + ` (holdfast)`,
		},
		"a value without a meaning, where the policy has a minimum": {
			object: ingress(m{readTimeout: "abc", sendTimeout: "60"}), policy: "timeouts: {read: {minimum: 1m}}",
			want: `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "abc" is ignored by ingress-nginx; it ` + wholeSeconds + ` (holdfast)`,
		},
		"a value that is ignored, in the way of another request": {
			object: ingress(m{readTimeout: "3600s", sendTimeout: "60", policy.ReadTimeoutAnnotation: "2h"}),
			want:   `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "3600s" is ignored by ingress-nginx, but overrides holdfast.dev/read-timeout: "2h"; write "7200" (holdfast)`,
		},
		"the same, corrected": {
			object: ingress(m{readTimeout: "soon", sendTimeout: "60", policy.IdleTimeoutAnnotation: "1m"}), policy: corrected,
			want: `
~ nginx/proxy-read-timeout: soon -> 60
warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "soon" is ignored by ingress-nginx; Holdfast changed it to "60", please change your manifest too (holdfast)`,
		},
		"a value that is ignored, in the way of another controller's annotation": {
			object: ingress(m{readTimeout: "1h", sendTimeout: "60", "nginx.org/proxy-read-timeout": "2h"}),
			want:   `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "1h" is ignored by ingress-nginx, but overrides nginx.org/proxy-read-timeout: "2h"; write "7200" (holdfast)`,
		},
		"a cookie's age that is ignored, in the way of another request": {
			object: with(ingress(m{readTimeout: "60", sendTimeout: "60", affinity: "cookie", affinityMode: "balanced", cookieMaxAge: "1h", policy.StickyTimeoutAnnotation: "2h"}), sticky),
			want:   `warning: nginx.ingress.kubernetes.io/session-cookie-max-age: "1h" is ignored by ingress-nginx, but overrides holdfast.dev/sticky-session-timeout: "2h"; write "7200" (holdfast)`,
		},
		"an empty value": {
			object: ingress(m{readTimeout: "", sendTimeout: "60"}),
			want:   `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "" is ignored by ingress-nginx; it ` + wholeSeconds + ` (holdfast)`,
		},
		"a plus sign is read by the controller and left alone": {
			object: ingress(m{readTimeout: "+5", sendTimeout: "60"}),
		},
		"zero is a timer that has run out": {
			object: ingress(m{readTimeout: "0", sendTimeout: "60"}),
			want:   `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "0" makes every request fail immediately with 504 on ingress-nginx; it ` + wholeSeconds + ` (holdfast)`,
		},
		"an unknown affinity": {
			object: ingress(m{readTimeout: "60", sendTimeout: "60", affinity: "ip"}),
			want:   `warning: nginx.ingress.kubernetes.io/affinity: "ip" is ignored by ingress-nginx; it must be "cookie" (holdfast)`,
		},
		"an affinity in capitals": {
			object: ingress(m{readTimeout: "60", sendTimeout: "60", affinity: "Cookie"}),
			want:   `warning: nginx.ingress.kubernetes.io/affinity: "Cookie" is ignored by ingress-nginx; write "cookie" (holdfast)`,
		},
		"3600s is corrected if the policy corrects": {
			object: ingress(m{readTimeout: "3600s", sendTimeout: "60"}), policy: corrected,
			want: `
~ nginx/proxy-read-timeout: 3600s -> 3600
warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "3600s" is ignored by ingress-nginx; Holdfast changed it to "3600", please change your manifest too (holdfast)`,
		},
		"a corrected value stays and is reported again at the next write": {
			object: ingress(m{readTimeout: "3600", sendTimeout: "60", policy.RecordAnnotation: `{"` + readTimeout + `":{"set":"3600","was":"3600s"}}`}), policy: corrected,
			want: `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "3600s" is ignored by ingress-nginx; Holdfast changed it to "3600", please change your manifest too (holdfast)`,
		},
		"the user's manifest brings 3600s back, and it is corrected again": {
			object: ingress(m{readTimeout: "3600s", sendTimeout: "60", policy.RecordAnnotation: `{"` + readTimeout + `":{"set":"3600","was":"3600s"}}`}), policy: corrected,
			want: `
~ nginx/proxy-read-timeout: 3600s -> 3600
warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "3600s" is ignored by ingress-nginx; Holdfast changed it to "3600", please change your manifest too (holdfast)`,
		},
		"the user's text is restored when the policy no longer corrects": {
			object: ingress(m{readTimeout: "3600", sendTimeout: "60", policy.RecordAnnotation: `{"` + readTimeout + `":{"set":"3600","was":"3600s"}}`}),
			want: `
~ nginx/proxy-read-timeout: 3600 -> 3600s
- record: {"nginx/proxy-read-timeout":{"set":"3600","was":"3600s"}}
warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "3600s" is ignored by ingress-nginx; write "3600" (holdfast)`,
		},
		"a value without a meaning can't be corrected": {
			object: ingress(m{readTimeout: "abc", sendTimeout: "60"}), policy: corrected,
			want: `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "abc" is ignored by ingress-nginx; it ` + wholeSeconds + ` (holdfast)`,
		},
		"a hash that makes the controller refuse the Ingress": {
			object: ingress(m{readTimeout: "60", sendTimeout: "60", upstreamHash: "$remote_addr;"}),
			want:   `warning: nginx.ingress.kubernetes.io/upstream-hash-by: "$remote_addr;" makes the controller refuse the whole Ingress; it must look like "$remote_addr" (holdfast)`,
		},
		"a cookie that ends at once": {
			object: ingress(m{readTimeout: "60", sendTimeout: "60", cookieMaxAge: "-1"}),
			want:   `warning: nginx.ingress.kubernetes.io/session-cookie-max-age: "-1" makes the cookie expire at once; it ` + wholeSeconds + ` (holdfast)`,
		},
	})
}

func TestStickyIngress(t *testing.T) {
	quiet := m{readTimeout: "60", sendTimeout: "60"}
	plus := func(more m) m {
		all := maps.Clone(quiet)
		maps.Copy(all, more)
		return all
	}
	check(t, map[string]spec{
		"the label adds the controller's cookie and nothing else": {
			object: with(ingress(nil), sticky), want: hourlongAndSticky,
		},
		"the label \"false\" adds nothing": {object: with(ingress(nil), notSticky), want: hourlong},
		"a timeout without the label adds nothing": {
			object: ingress(m{policy.StickyTimeoutAnnotation: "1h"}), want: hourlong + timeoutWithoutLabel,
		},
		"the timeout of the object": {
			object: with(ingress(plus(m{policy.StickyTimeoutAnnotation: "1h"})), sticky), namespace: m{policy.StickyTimeoutAnnotation: "2h"},
			want: `
+ nginx/affinity: cookie
+ nginx/affinity-mode: persistent
+ nginx/session-cookie-max-age: 3600`,
		},
		"the timeout of the Namespace": {
			object: with(ingress(quiet), sticky), namespace: m{policy.StickyTimeoutAnnotation: "2h"},
			want: `
+ nginx/affinity: cookie
+ nginx/affinity-mode: persistent
+ nginx/session-cookie-max-age: 7200`,
		},
		"the policy's cookie": {
			object: with(ingress(quiet), sticky),
			policy: "stickySessions: {cookie: {name: route, maxAge: 30m, path: /chat, sameSite: Strict, secure: true, httpOnly: true}}",
			want: `
+ nginx/affinity: cookie
+ nginx/affinity-mode: persistent
+ nginx/session-cookie-max-age: 1800
+ nginx/session-cookie-name: route
+ nginx/session-cookie-path: /chat
+ nginx/session-cookie-samesite: Strict
+ nginx/session-cookie-secure: true`,
		},
		"an annotation overrides the policy's cookie age": {
			object: with(ingress(plus(m{policy.StickyTimeoutAnnotation: "1h"})), sticky), policy: "stickySessions: {cookie: {maxAge: 30m}}",
			want: `
+ nginx/affinity: cookie
+ nginx/affinity-mode: persistent
+ nginx/session-cookie-max-age: 3600`,
		},
		"by the client's address": {
			object: with(ingress(quiet), sticky), policy: byAddress,
			want: `
+ nginx/upstream-hash-by: $remote_addr`,
		},
		"the user's cookie is left as it is": {
			object: with(ingress(plus(m{affinity: "cookie", affinityMode: "balanced"})), sticky),
		},
		"the user's cookie gets the age that the object asks for": {
			object: with(ingress(plus(m{affinity: "cookie", policy.StickyTimeoutAnnotation: "1h"})), sticky),
			want: `
+ nginx/session-cookie-max-age: 3600`,
		},
		"the user's cookie gets no age of the policy's, the Namespace's or the Service's": {
			object: classed("nginx", plus(m{affinity: "cookie"}), "chat"), namespace: m{policy.StickyTimeoutAnnotation: "2h"},
			services: policy.Services{Sticky: []policy.StickyService{{Name: "chat", Timeout: "1h"}}},
		},
		"the user's hash is kept, and no cookie added": {
			object: with(ingress(plus(m{upstreamHash: "$http_x_client"})), sticky),
		},
		"the user's cookie is kept, and no hash added": {
			object: with(ingress(plus(m{affinity: "cookie", affinityMode: "persistent", cookieMaxAge: "60"})), sticky), policy: byAddress,
		},
		"the user's cookie without the label is left alone": {
			object: ingress(plus(m{affinity: "cookie"})),
		},
		"the user's cookie overrides the label \"false\", with a warning": {
			object: with(ingress(plus(m{affinity: "cookie"})), notSticky),
			want:   `warning: nginx.ingress.kubernetes.io/affinity: "cookie" takes precedence over the label holdfast.dev/sticky-session: "false"; remove one of them (holdfast)`,
		},
		"an affinity that is ignored overrides no label": {
			object: with(ingress(plus(m{affinity: "ip"})), notSticky),
			want:   `warning: nginx.ingress.kubernetes.io/affinity: "ip" is ignored by ingress-nginx; remove it (holdfast)`,
		},
		"an affinity that is ignored isn't stickiness, so the policy's affinity mode is added": {
			object: with(ingress(plus(m{affinity: "ip"})), sticky), policy: byAddress,
			want: `
+ nginx/upstream-hash-by: $remote_addr
warning: nginx.ingress.kubernetes.io/affinity: "ip" is ignored by ingress-nginx; it must be "cookie" (holdfast)`,
		},
		"the user's cookie age overrides the annotation, with a warning": {
			object: with(ingress(plus(m{affinity: "cookie", affinityMode: "persistent", cookieMaxAge: "60", policy.StickyTimeoutAnnotation: "1h"})), sticky),
			want:   `warning: nginx.ingress.kubernetes.io/session-cookie-max-age: "60" takes precedence over holdfast.dev/sticky-session-timeout: "1h"; remove one of them (holdfast)`,
		},
		"an annotation beyond the policy's bound": {
			object: with(ingress(plus(m{policy.StickyTimeoutAnnotation: "20h"})), sticky), policy: "stickySessions: {timeout: {maximum: 4h}}",
			want: `
+ nginx/affinity: cookie
+ nginx/affinity-mode: persistent
+ nginx/session-cookie-max-age: 14400
warning: holdfast.dev/sticky-session-timeout: "20h"` + outOf("at most 4h") + `; 4h is used (holdfast)`,
		},
		"an invalid value of the label": {
			object: with(ingress(quiet), policy.StickyLabel+"=yes"),
			want:   `refused: metadata.labels[holdfast.dev/sticky-session]: Invalid value: "yes": must be "true" or "false" (holdfast)`,
		},
	})
}

func TestStickyService(t *testing.T) {
	const threeHours = `
+ /spec/sessionAffinity: ClientIP/10800`
	const (
		nameCloud = `warning: spec.type: sessionAffinity not set: load balancers on AWS and Oracle fail with it. On another cloud, ask an admin to set "cloud" in Holdfast's policy (holdfast)`
		onAWS     = `warning: spec.type: sessionAffinity not set: load balancers on AWS fail with it; put a ClusterIP Service beside this one (holdfast)`
		onOracle  = `warning: spec.type: sessionAffinity not set: load balancers on Oracle fail with it; put a ClusterIP Service beside this one (holdfast)`
	)
	ofType := func(kind, class string) *policy.Object {
		return serviceThat(func(o *policy.Object) { o.Type, o.LoadBalancerClass = kind, class })
	}
	annotated := func(o *policy.Object, annotations m) *policy.Object {
		o.Annotations = annotations
		return o
	}
	check(t, map[string]spec{
		"a Service without the label":  {object: service()},
		"a Service labelled \"false\"": {object: with(service(), notSticky)},
		"a Service with a timeout and no label": {
			object: annotated(service(), m{policy.StickyTimeoutAnnotation: "1h"}), want: timeoutWithoutLabel,
		},
		"ClusterIP":                              {object: ofType("ClusterIP", ""), want: threeHours},
		"no type":                                {object: ofType("", ""), want: threeHours},
		"NodePort":                               {object: ofType("NodePort", ""), want: threeHours},
		"LoadBalancer on a cloud unknown":        {object: ofType(loadBalancer, ""), want: nameCloud},
		"LoadBalancer on AWS":                    {object: ofType(loadBalancer, ""), policy: "cloud: aws", want: onAWS},
		"LoadBalancer on Oracle's":               {object: ofType(loadBalancer, ""), policy: "cloud: oci", want: onOracle},
		"LoadBalancer on Google's":               {object: ofType(loadBalancer, ""), policy: "cloud: gcp", want: threeHours},
		"LoadBalancer on any other":              {object: ofType(loadBalancer, ""), policy: "cloud: other", want: threeHours},
		"LoadBalancer with a controller":         {object: ofType(loadBalancer, "metallb.io/metallb"), want: threeHours},
		"LoadBalancer with a controller, on AWS": {object: ofType(loadBalancer, "tailscale"), policy: "cloud: aws", want: threeHours},
		"ExternalName": {
			object: ofType("ExternalName", ""),
			want:   `warning: spec.type: ExternalName has no sessionAffinity, so none was set; its Ingresses become sticky all the same (holdfast)`,
		},
		"headless": {
			object: serviceThat(func(o *policy.Object) { o.Headless = true }),
			want:   `warning: spec.clusterIP: None has no sessionAffinity, so none was set; its Ingresses become sticky all the same (holdfast)`,
		},
		"headless, in an update that leaves the address out": {
			object: stickyService(), old: serviceThat(func(o *policy.Object) { o.Headless = true }),
			want: `warning: spec.clusterIP: None has no sessionAffinity, so none was set; its Ingresses become sticky all the same (holdfast)`,
		},
		"headless no more: an ExternalName": {
			object: ofType("ExternalName", ""), old: serviceThat(func(o *policy.Object) { o.Headless = true }),
			want: `warning: spec.type: ExternalName has no sessionAffinity, so none was set; its Ingresses become sticky all the same (holdfast)`,
		},
		"an explicit None counts as the default": {
			object: serviceThat(func(o *policy.Object) { o.Fields = affinityFields(policy.Affinity{Type: policy.AffinityNone}) }),
			want: `
~ /spec/sessionAffinity: None -> ClientIP/10800`,
		},
		"an unknown affinity is left for the API server to refuse": {
			object: serviceThat(func(o *policy.Object) { o.Fields = affinityFields(policy.Affinity{Type: "clientip"}) }),
		},
		"the user's ClientIP is kept": {
			object: serviceThat(func(o *policy.Object) { o.Fields = affinityFields(policy.Affinity{Type: clientIP, Seconds: 600}) }),
		},
		"the user's ClientIP overrides the label \"false\", with a warning": {
			object: with(&policy.Object{Kind: policy.Service, Fields: affinityFields(policy.Affinity{Type: clientIP, Seconds: 600})}, notSticky),
			want:   `warning: spec.sessionAffinity: ClientIP takes precedence over the label holdfast.dev/sticky-session: "false"; remove one of them (holdfast)`,
		},
		"the user's ClientIP overrides the annotation, with a warning": {
			object: annotated(serviceThat(func(o *policy.Object) { o.Fields = affinityFields(policy.Affinity{Type: clientIP, Seconds: 600}) }), m{policy.StickyTimeoutAnnotation: "1h"}),
			want:   `warning: spec.sessionAffinity: ClientIP with 600 s takes precedence over holdfast.dev/sticky-session-timeout: "1h"; remove one of them (holdfast)`,
		},
		"the user's ClientIP with the same timeout as the annotation": {
			object: annotated(serviceThat(func(o *policy.Object) { o.Fields = affinityFields(policy.Affinity{Type: clientIP, Seconds: 3600}) }), m{policy.StickyTimeoutAnnotation: "1h"}),
		},
		"the user's ClientIP that leaves its timeout to the API server": {
			object: annotated(serviceThat(func(o *policy.Object) { o.Fields = affinityFields(policy.Affinity{Type: clientIP}) }), m{policy.StickyTimeoutAnnotation: "1h"}),
			policy: "stickySessions: {timeout: {minimum: 10m}}",
		},
		"a Namespace's idle-timeout isn't read for Services": {
			object: stickyService(), namespace: m{policy.IdleTimeoutAnnotation: "soon"}, want: threeHours,
		},
		"the user's ClientIP outside of the limits": {
			object: serviceThat(func(o *policy.Object) { o.Fields = affinityFields(policy.Affinity{Type: clientIP, Seconds: 60}) }), policy: "stickySessions: {timeout: {minimum: 10m}}",
			want: `warning: spec.sessionAffinity: ClientIP with 60 s` + outOf("at least 10m") + `; write ClientIP with 600 s (holdfast)`,
		},
		"the user's ClientIP at a bound between two seconds": {
			object: serviceThat(func(o *policy.Object) { o.Fields = affinityFields(policy.Affinity{Type: clientIP, Seconds: 91}) }),
			policy: "stickySessions: {timeout: {default: 60s, maximum: 90500ms}}",
		},
		"the user's ClientIP outside of the limits, corrected": {
			object: serviceThat(func(o *policy.Object) { o.Fields = affinityFields(policy.Affinity{Type: clientIP, Seconds: 60}) }), policy: corrected + "\nstickySessions: {timeout: {minimum: 10m}}",
			want: `
~ /spec/sessionAffinity: ClientIP/60 -> ClientIP/600
warning: spec.sessionAffinity: ClientIP with 60 s` + outOf("at least 10m") + `; Holdfast changed it to ClientIP with 600 s, please change your manifest too (holdfast)`,
		},
		"the timeout of the Service": {
			object: annotated(stickyService(), m{policy.StickyTimeoutAnnotation: "1h"}), namespace: m{policy.StickyTimeoutAnnotation: "2h"},
			want: `
+ /spec/sessionAffinity: ClientIP/3600`,
		},
		"the timeout of the Namespace": {
			object: stickyService(), namespace: m{policy.StickyTimeoutAnnotation: "2h"},
			want: `
+ /spec/sessionAffinity: ClientIP/7200`,
		},
		"the timeout of the policy": {
			object: stickyService(), policy: "stickySessions: {timeout: {default: 4h}}",
			want: `
+ /spec/sessionAffinity: ClientIP/14400`,
		},
		"the cookie's age in the policy is not the Service's": {
			object: stickyService(), policy: "stickySessions: {cookie: {maxAge: 30m}}", want: threeHours,
		},
		"the shortest there is": {
			object: annotated(stickyService(), m{policy.StickyTimeoutAnnotation: "1"}),
			want: `
+ /spec/sessionAffinity: ClientIP/1`,
		},
		"the longest there is": {
			object: annotated(stickyService(), m{policy.StickyTimeoutAnnotation: "86400"}),
			want: `
+ /spec/sessionAffinity: ClientIP/86400`,
		},
		"longer than there is": {
			object: annotated(stickyService(), m{policy.StickyTimeoutAnnotation: "86401"}),
			want: threeHours + `
refused: metadata.annotations[holdfast.dev/sticky-session-timeout]: Invalid value: "86401": must be between 1s and 24h (holdfast)`,
		},
		"shorter than there is": {
			object: annotated(stickyService(), m{policy.StickyTimeoutAnnotation: "500ms"}),
			want: threeHours + `
refused: metadata.annotations[holdfast.dev/sticky-session-timeout]: Invalid value: "500ms": must be between 1s and 24h (holdfast)`,
		},
	})
}

func TestAnObjectThatIsBeingDeleted(t *testing.T) {
	going := func(o *policy.Object) *policy.Object {
		o.Deleting = true
		return o
	}
	check(t, map[string]spec{
		"nothing is injected": {object: going(ingress(nil))},
		"nothing is removed":  {object: going(ingressOf("other", m{readTimeout: "3600", policy.RecordAnnotation: hourlongRecord}))},
		"nothing is refused": {
			object: going(with(ingress(m{readTimeout: "-1", policy.IdleTimeoutAnnotation: "soon", policy.RecordAnnotation: "{"}), policy.StickyLabel+"=maybe")),
			old:    ingress(nil),
		},
		"nor on a Service": {object: going(stickyService())},
	})
}

func TestTwentyFourDaysAreTheLongest(t *testing.T) {
	check(t, map[string]spec{
		"in hours": {
			object: ingress(m{policy.IdleTimeoutAnnotation: "576h"}),
			want:   timers("2073600", "2073600"),
		},
	})
}

func TestOpenSocketsEndWithAReload(t *testing.T) {
	reload := func(s spec) (notes []string) {
		for _, n := range notesOf(policy.Evaluate(s.input(t))) {
			if n.Rule == policy.RuleReloadClosesSockets {
				notes = append(notes, n.Note())
			}
		}
		return notes
	}
	sentence := func(value string) []string {
		return []string{"ingress-nginx: a reload closes open WebSockets after 240 s, whatever their timeouts; to change that set worker-shutdown-timeout: " +
			value + " in the controller's ConfigMap, and its pods' terminationGracePeriodSeconds"}
	}
	short := "timeouts: {read: {default: 240s}, send: {default: 60s}}"
	assert.Equal(t, sentence("3600s"), reload(spec{object: ingress(nil)}))
	assert.Equal(t, sentence("241s"), reload(spec{object: ingress(m{policy.ReadTimeoutAnnotation: "241s"}), policy: short}))
	assert.Empty(t, reload(spec{object: ingress(nil), policy: short}), "the controller's default of 240 s is long enough")
	assert.Empty(t, reload(spec{object: ingressOf("other", nil)}))
	assert.Empty(t, reload(spec{object: stickyService()}))
}

func TestTheUsersOwnLongTimerEndsWithAReloadToo(t *testing.T) {
	s := spec{object: ingress(m{readTimeout: "7200", sendTimeout: "7200"}), policy: "timeouts: {read: {default: 60s}, send: {default: 60s}}"}
	assert.Len(t, notesOf(policy.Evaluate(s.input(t))), 1)
}

func TestChangesNameTheirSettingAndOrigin(t *testing.T) {
	s := spec{
		object:    with(ingress(m{policy.ReadTimeoutAnnotation: "2h", connect: "5s"}), sticky),
		namespace: m{policy.IdleTimeoutAnnotation: "90m"}, policy: corrected,
	}
	text := func(text string) *string { return &text }
	changes := policy.Evaluate(s.input(t)).Changes
	require.Len(t, changes, 7)
	assert.Equal(t, []policy.Change{
		{Target: policy.ParseKey(readTimeout), To: text("7200"), Setting: dialect.ReadTimeout, Origin: policy.Origin{Source: policy.FromObject, Key: policy.ReadTimeoutAnnotation, Text: "2h"}},
		{Target: policy.ParseKey(sendTimeout), To: text("5400"), Setting: dialect.SendTimeout, Origin: policy.Origin{Source: policy.FromNamespace, Key: policy.IdleTimeoutAnnotation, Text: "90m"}},
		{Target: policy.ParseKey(connect), From: text("5s"), To: text("5"), Setting: dialect.ConnectTimeout, Origin: policy.Origin{Source: policy.FromUser, Key: connect, Text: "5s"}},
	}, changes[:3])
	assert.Equal(t, policy.Change{Target: policy.ParseKey(cookieMaxAge), To: text("10800"), Setting: dialect.CookieMaxAge, Origin: policy.Origin{Source: policy.FromPolicy}}, changes[5])
	record := changes[6]
	assert.Equal(t, policy.RecordAnnotation, record.Target.Key())
	assert.Empty(t, record.Setting, "the record is about no setting")
	assert.Empty(t, record.Origin, "and has no origin")
}
