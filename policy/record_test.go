package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

// injected returns an Ingress with injected timeouts, then some annotations changed.
func injected(class string, changes m) *policy.Object {
	o := ingressOf(class, m{readTimeout: "3600", sendTimeout: "3600", policy.RecordAnnotation: hourlongRecord})
	for key, value := range changes {
		o.Annotations[key] = value
	}
	return o
}

// injectedService returns a Service with an injected affinity.
func injectedService(labels ...string) *policy.Object {
	o := with(service(), labels...)
	o.Annotations = m{policy.RecordAnnotation: clientIPRecord}
	o.Fields = affinityFields(policy.Affinity{Type: clientIP, Seconds: 10800})
	return o
}

// without removes annotations from an object.
func without(o *policy.Object, keys ...string) *policy.Object {
	for _, key := range keys {
		delete(o.Annotations, key)
	}
	return o
}

const unknownIgnored = "unknownController: ignore"

const hourlongRemoved = `
- nginx/proxy-read-timeout: 3600
- nginx/proxy-send-timeout: 3600
- record: {"nginx/proxy-read-timeout":"3600","nginx/proxy-send-timeout":"3600"}
`

func TestWhatRemovesAnInjection(t *testing.T) {
	const twoHoursInstead = `
~ nginx/proxy-read-timeout: 3600 -> 7200
~ nginx/proxy-send-timeout: 3600 -> 7200
~ record: {"nginx/proxy-read-timeout":"3600","nginx/proxy-send-timeout":"3600"} -> {"nginx/proxy-read-timeout":"7200","nginx/proxy-send-timeout":"7200"}
`
	check(t, map[string]spec{
		"nothing, while nothing changes": {object: injected("nginx", nil)},
		"a class of another controller": {
			object: injected("other", nil), old: injected("nginx", nil), policy: unknownIgnored, want: hourlongRemoved,
		},
		"another policy": {
			object: injected("nginx", nil), policy: "timeouts: {read: {default: 2h}, send: {default: 2h}}", want: twoHoursInstead,
		},
		"another annotation": {
			object: injected("nginx", m{policy.IdleTimeoutAnnotation: "2h"}), old: injected("nginx", nil), want: twoHoursInstead,
		},
		"another Namespace's annotation": {
			object: injected("nginx", nil), namespace: m{policy.IdleTimeoutAnnotation: "2h"}, want: twoHoursInstead,
		},
		"another bound": {
			object: injected("nginx", m{policy.IdleTimeoutAnnotation: "1h"}),
			policy: "timeouts: {read: {minimum: 2h, default: 2h}, send: {minimum: 2h, default: 2h}}",
			want:   twoHoursInstead + `warning: holdfast.dev/idle-timeout: "1h"` + outOf("at least 2h") + `; 2h is used (holdfast)`,
		},
		"a connect timeout that the policy no longer has": {
			object: injected("nginx", m{connect: "5", policy.RecordAnnotation: strings.Replace(hourlongRecord, "{", `{"`+connect+`":"5",`, 1)}),
			want: `
- nginx/proxy-connect-timeout: 5
~ record: {"nginx/proxy-connect-timeout":"5","nginx/proxy-read-timeout":"3600","nginx/proxy-send-timeout":"3600"} -> {"nginx/proxy-read-timeout":"3600","nginx/proxy-send-timeout":"3600"}`,
		},
		"the sticky label, taken off an Ingress": {
			object: ingress(m{
				readTimeout: "60", sendTimeout: "60", affinity: "cookie", affinityMode: "persistent", cookieMaxAge: "10800",
				policy.RecordAnnotation: `{"` + affinity + `":"cookie","` + affinityMode + `":"persistent","` + cookieMaxAge + `":"10800"}`,
			}),
			want: `
- nginx/affinity: cookie
- nginx/affinity-mode: persistent
- nginx/session-cookie-max-age: 10800
- record: {"nginx/affinity":"cookie","nginx/affinity-mode":"persistent","nginx/session-cookie-max-age":"10800"}`,
		},
		"the sticky label, taken off a Service":         {object: injectedService(), old: injectedService(sticky), want: threeHoursRemoved + ingressesFollow},
		"the sticky label of a Service, now \"false\"":  {object: injectedService(notSticky), old: injectedService(sticky), want: threeHoursRemoved + ingressesFollow},
		"the sticky label of a Service, while it is on": {object: injectedService(sticky), old: injectedService(sticky)},
		"a Service that becomes an ExternalName": {
			object: changed(injectedService(sticky), func(o *policy.Object) { o.Type = "ExternalName" }),
			want:   threeHoursRemoved + `warning: spec.type: ExternalName has no sessionAffinity, so none was set; its Ingresses become sticky all the same (holdfast)`,
		},
		"a Service that becomes a LoadBalancer on AWS": {
			object: changed(injectedService(sticky), func(o *policy.Object) { o.Type = loadBalancer }), policy: "cloud: aws",
			want: threeHoursRemoved + `warning: spec.type: sessionAffinity not set: load balancers on AWS fail with it; put a ClusterIP Service beside this one (holdfast)`,
		},
		"a Service that becomes headless": {
			object: changed(injectedService(sticky), func(o *policy.Object) { o.Headless = true }),
			want:   threeHoursRemoved + `warning: spec.clusterIP: None has no sessionAffinity, so none was set; its Ingresses become sticky all the same (holdfast)`,
		},
	})
}

const threeHoursRemoved = `
- /spec/sessionAffinity: ClientIP/10800
- record: {"/spec/sessionAffinity":"ClientIP/10800"}
`

func TestTheLabelOnAndOffAgain(t *testing.T) {
	for name, o := range map[string]*policy.Object{
		"Ingress":                  ingress(nil),
		"Ingress with annotations": ingress(m{"example.com/a": "b", readTimeout: "60"}),
		"Service":                  service(),
		"Service with None":        changed(service(), func(o *policy.Object) { o.Fields = affinityFields(policy.Affinity{Type: policy.AffinityNone}) }),
	} {
		t.Run(name, func(t *testing.T) {
			off := applyAll(t, spec{object: o})
			on := applyAll(t, spec{object: with(off, sticky), old: off})
			require.NotEqual(t, off.Annotations, on.Annotations)
			offAgain := clone(on)
			offAgain.Labels = nil
			assert.Equal(t, off, applyAll(t, spec{object: offAgain, old: on}))
		})
	}
}

// applyAll returns a spec's object with the changes applied.
func applyAll(t *testing.T, s spec) *policy.Object {
	t.Helper()
	return apply(t, s.object, policy.Evaluate(s.input(t)).Changes)
}

func TestAnObjectThatIsLeftAlone(t *testing.T) {
	injected := func() *policy.Object {
		return ingress(m{readTimeout: "3600", sendTimeout: "3600", policy.RecordAnnotation: hourlongRecord})
	}
	check(t, map[string]spec{
		"nothing is injected": {object: with(ingress(nil), ignored)},
		"what was injected is removed": {
			object: with(injected(), ignored), old: injected(),
			want: `
- nginx/proxy-read-timeout: 3600
- nginx/proxy-send-timeout: 3600
- record: ` + `{"nginx/proxy-read-timeout":"3600","nginx/proxy-send-timeout":"3600"}`,
		},
		"what was corrected is restored": {
			object: with(ingress(m{readTimeout: "3600", policy.RecordAnnotation: `{"` + readTimeout + `":{"set":"3600","was":"3600s"}}`}), ignored), policy: corrected,
			want: `
~ nginx/proxy-read-timeout: 3600 -> 3600s
- record: {"nginx/proxy-read-timeout":{"set":"3600","was":"3600s"}}`,
		},
		"no advice, no refusal": {
			object:    with(ingress(m{readTimeout: "-1", policy.IdleTimeoutAnnotation: "soon", "holdfast.dev/typo": ""}), ignored, policy.StickyLabel+"=maybe"),
			namespace: m{policy.IdleTimeoutAnnotation: "soon"},
		},
		"a sticky Service": {
			object: with(serviceThat(func(o *policy.Object) {
				o.Fields, o.Annotations = affinityFields(policy.Affinity{Type: clientIP, Seconds: 10800}), m{policy.RecordAnnotation: clientIPRecord}
			}), ignored),
			want: `
- /spec/sessionAffinity: ClientIP/10800
- record: {"/spec/sessionAffinity":"ClientIP/10800"}`,
		},
		"the label comes off again": {object: ingress(nil), old: with(ingress(nil), ignored), want: hourlong},
		"the policy doesn't honor the label": {
			object: with(ingress(nil), ignored), policy: "ignoreLabel: warn",
			want: hourlong + `warning: holdfast.dev/policy: "ignore" has no effect under this cluster's policy; ask its admins (holdfast)`,
		},
		"the label has another value": {
			object: with(ingress(m{readTimeout: "60", sendTimeout: "60"}), policy.PolicyLabel+"=enforce"),
			want:   `refused: metadata.labels[holdfast.dev/policy]: Invalid value: "enforce": must be "ignore" or absent; enforce, warn and audit go on the Namespace (holdfast)`,
		},
	})
}

func TestTheLiveRecord(t *testing.T) {
	const (
		sendRecord = `{"` + sendTimeout + `":"3600"}`
		readGone   = `~ record: {"nginx/proxy-read-timeout":"3600","nginx/proxy-send-timeout":"3600"} -> {"nginx/proxy-send-timeout":"3600"}`
	)
	check(t, map[string]spec{
		"a value that the user changed is the user's": {
			object: injected("nginx", m{readTimeout: "600"}), old: injected("nginx", nil), want: readGone,
		},
		"it stays the user's when the reason for the injection is gone": {
			object: injected("other", m{readTimeout: "600"}), old: injected("nginx", nil), policy: unknownIgnored,
			want: `
- nginx/proxy-send-timeout: 3600
- record: {"nginx/proxy-read-timeout":"3600","nginx/proxy-send-timeout":"3600"}`,
		},
		"it stays the user's when it is the old one again": {
			object: injected("other", m{policy.RecordAnnotation: sendRecord}),
			old:    injected("nginx", m{readTimeout: "600", policy.RecordAnnotation: sendRecord}), policy: unknownIgnored,
			want: `
- nginx/proxy-send-timeout: 3600
- record: {"nginx/proxy-send-timeout":"3600"}`,
		},
		"a value that the user removed is injected again": {
			object: without(injected("nginx", nil), readTimeout), old: injected("nginx", nil),
			want: "+ nginx/proxy-read-timeout: 3600\nwarning: " + readTimeout + ": put back by Holdfast; to keep it out label this Ingress holdfast.dev/policy=ignore (holdfast)",
		},
		"a value that the user removed stays away when its reason is gone": {
			object: without(injected("other", nil), readTimeout), old: injected("nginx", nil), policy: unknownIgnored,
			want: `
- nginx/proxy-send-timeout: 3600
- record: {"nginx/proxy-read-timeout":"3600","nginx/proxy-send-timeout":"3600"}`,
		},
		"a client that drops the record and keeps the values": {
			object: without(injected("nginx", nil), policy.RecordAnnotation), old: injected("nginx", nil),
			want: `+ record: {"nginx/proxy-read-timeout":"3600","nginx/proxy-send-timeout":"3600"}`,
		},
		"a client that drops the record and changes the class": {
			object: without(injected("other", nil), policy.RecordAnnotation), old: injected("nginx", nil), policy: unknownIgnored,
			want: `
- nginx/proxy-read-timeout: 3600
- nginx/proxy-send-timeout: 3600`,
		},
		"a client that drops the record and changes a value": {
			object: without(injected("nginx", m{readTimeout: "600"}), policy.RecordAnnotation), old: injected("nginx", nil),
			want: `+ record: {"nginx/proxy-send-timeout":"3600"}`,
		},
		"a client that keeps a part of the record": {
			object: injected("other", m{policy.RecordAnnotation: sendRecord}), old: injected("nginx", nil), policy: unknownIgnored,
			want: `
- nginx/proxy-read-timeout: 3600
- nginx/proxy-send-timeout: 3600
- record: {"nginx/proxy-send-timeout":"3600"}`,
		},
		"a client that replaces the whole object": {object: ingress(nil), old: injected("nginx", nil), want: hourlong + `+ record: {"nginx/proxy-read-timeout":"3600","nginx/proxy-send-timeout":"3600"}`},
		"a client that drops a Service's record": {
			object: without(injectedService(), policy.RecordAnnotation), old: injectedService(sticky),
			want: "- /spec/sessionAffinity: ClientIP/10800\n" + ingressesFollow,
		},
		"the user's ClientIP in place of the injected one": {
			object: changed(injectedService(), func(o *policy.Object) { o.Fields = affinityFields(policy.Affinity{Type: clientIP, Seconds: 600}) }), old: injectedService(sticky),
			want: `- record: {"/spec/sessionAffinity":"ClientIP/10800"}` + "\n" + ingressesFollow,
		},
		"an old record that doesn't parse is reported only when it is written": {
			object: ingress(m{readTimeout: "60", sendTimeout: "60"}), old: ingress(m{policy.RecordAnnotation: "{"}),
		},
		"an empty record is removed": {object: ingress(m{readTimeout: "60", sendTimeout: "60", policy.RecordAnnotation: "{}"}), want: `- record: {}`},
		"values without a record are the user's": {
			object: without(injected("other", nil), policy.RecordAnnotation), policy: unknownIgnored,
		},
		"a changed value is restored": {
			object: ingress(m{readTimeout: "3600", sendTimeout: "60", policy.RecordAnnotation: `{"` + readTimeout + `":{"set":"3600","was":"3600s"}}`}),
			policy: "ingressClasses: {nginx: {dialect: ingress-nginx}}",
			want: `
~ nginx/proxy-read-timeout: 3600 -> 3600s
- record: {"nginx/proxy-read-timeout":{"set":"3600","was":"3600s"}}
warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "3600s" is ignored by ingress-nginx; write "3600" (holdfast)`,
		},
		"None is restored": {
			object: changed(injectedService(), func(o *policy.Object) {
				o.Annotations = m{policy.RecordAnnotation: `{"/spec/sessionAffinity":{"set":"ClientIP/10800","was":"None"}}`}
			}),
			want: `
~ /spec/sessionAffinity: ClientIP/10800 -> None
- record: {"/spec/sessionAffinity":{"set":"ClientIP/10800","was":"None"}}`,
		},
	})
}

func TestARecordThatHoldfastDidNotWrite(t *testing.T) {
	recording := func(record string) *policy.Object {
		return ingress(m{readTimeout: "60", sendTimeout: "60", "example.com/owner": "team-chat", policy.RecordAnnotation: record})
	}
	const (
		unreadable = `warning: holdfast.dev/injected: Holdfast writes this annotation; your value was ignored (holdfast)`
		foreign    = `warning: holdfast.dev/injected: ignored the entry "example.com/owner", which Holdfast doesn't manage (holdfast)`
	)
	specs := map[string]spec{
		"it names an annotation of no dialect": {
			object: recording(`{"example.com/owner":"team-chat"}`),
			want:   `- record: {"example.com/owner":"team-chat"}` + "\n" + foreign,
		},
		"it names Holdfast's annotations": {
			object: ingress(m{readTimeout: "60", sendTimeout: "60", policy.ReadTimeoutAnnotation: "60", policy.RecordAnnotation: `{"holdfast.dev/read-timeout":"60"}`}),
			want: `
- record: {"holdfast.dev/read-timeout":"60"}
warning: holdfast.dev/injected: ignored the entry "holdfast.dev/read-timeout", which Holdfast doesn't manage (holdfast)`,
		},
		"it names a Service's affinity on an Ingress": {
			object: recording(`{"/spec/sessionAffinity":"ClientIP/10800"}`),
			want: `
- record: {"/spec/sessionAffinity":"ClientIP/10800"}
warning: holdfast.dev/injected: ignored the entry "/spec/sessionAffinity", which Holdfast doesn't manage (holdfast)`,
		},
		"it names an Ingress's key on a Service": {
			object: changed(service(), func(o *policy.Object) {
				o.Annotations = m{readTimeout: "3600", policy.RecordAnnotation: `{"` + readTimeout + `":"3600"}`}
			}),
			want: `
- record: {"nginx/proxy-read-timeout":"3600"}
warning: holdfast.dev/injected: ignored the entry "nginx.ingress.kubernetes.io/proxy-read-timeout", which Holdfast doesn't manage (holdfast)
warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "3600" is read by no controller of this cluster; annotate the Ingress with holdfast.dev/read-timeout: "3600" (holdfast)`,
		},
		"it would restore an unknown affinity": {
			object: changed(injectedService(), func(o *policy.Object) {
				o.Annotations = m{policy.RecordAnnotation: `{"/spec/sessionAffinity":{"set":"ClientIP/10800","was":"Sticky"}}`}
			}),
			want: `
- record: {"/spec/sessionAffinity":{"set":"ClientIP/10800","was":"Sticky"}}
warning: holdfast.dev/injected: ignored the entry "/spec/sessionAffinity", which Holdfast doesn't manage (holdfast)`,
		},
		"it notes a parent that Holdfast never writes": {
			object: recording(`{"/metadata/annotations":"[]"}`),
			want: `
- record: {"/metadata/annotations":"[]"}
warning: holdfast.dev/injected: ignored the entry "/metadata/annotations", which Holdfast doesn't manage (holdfast)`,
		},
		"it names several": {
			object: recording(`{"example.com/z":"1","example.com/owner":"team-chat","example.com/p":"1"}`),
			want:   `- record: {"example.com/z":"1","example.com/owner":"team-chat","example.com/p":"1"}` + "\n" + foreign,
		},
		"its other entries are used": {
			object: ingressOf("other", m{"example.com/owner": "team-chat", readTimeout: "3600", policy.RecordAnnotation: `{"` + readTimeout + `":"3600","example.com/owner":"team-chat"}`}),
			policy: unknownIgnored,
			want: `
- nginx/proxy-read-timeout: 3600
- record: {"nginx/proxy-read-timeout":"3600","example.com/owner":"team-chat"}
` + foreign,
		},
		"it is replaced by a right one": {
			object: ingress(m{policy.RecordAnnotation: "true"}),
			want: hourlong + `
~ record: true -> {"nginx/proxy-read-timeout":"3600","nginx/proxy-send-timeout":"3600"}
` + unreadable,
		},
		"the old object's entries are used too": {
			object: injected("other", m{policy.RecordAnnotation: "{"}), old: injected("nginx", nil), policy: unknownIgnored,
			want: `
- nginx/proxy-read-timeout: 3600
- nginx/proxy-send-timeout: 3600
- record: {
` + unreadable,
		},
		"it is never a reason to refuse": {
			object: with(recording("{"), "team=chat"), old: recording(`{"example.com/owner":"team-chat"}`),
			want: "- record: {\n" + unreadable,
		},
	}
	specs["an entry that set nothing"] = spec{
		object: recording(`{"` + readTimeout + `":{"was":"60"}}`),
		want:   `- record: {"nginx/proxy-read-timeout":{"was":"60"}}` + "\n" + unreadable,
	}
	for _, text := range []string{
		"{", "true", "[]", `"3600"`, "3600", "soon", `{"a":1}`, `{"a":null}`, `{"a":{}}`, `{"a":["x"]}`, `{"a":"b"}x`,
		`{"` + readTimeout + `":{"set":"60"}}`,
		`{"` + readTimeout + `":{"set":"60","was":null}}`, `{"` + readTimeout + `":{"set":"60","was":"5","by":"me"}}`,
	} {
		specs[text] = spec{object: recording(text), want: "- record: " + strings.ReplaceAll(text, nginx, "nginx/") + "\n" + unreadable}
	}
	check(t, specs)
}

func TestAForgedRecordBringsNoHarmfulValue(t *testing.T) {
	forged := func() *policy.Object {
		return ingress(m{readTimeout: "3600", sendTimeout: "60", policy.RecordAnnotation: `{"` + readTimeout + `":{"set":"3600","was":"-1"}}`})
	}
	for name, s := range map[string]spec{
		"when it is created":                             {object: forged()},
		"when it is added to what is there":              {object: forged(), old: ingress(m{readTimeout: "3600", sendTimeout: "60"})},
		"when the policy doesn't honor the label ignore": {object: with(forged(), ignored), old: ingress(m{readTimeout: "3600", sendTimeout: "60"}), policy: "ignoreLabel: warn"},
	} {
		t.Run(name, func(t *testing.T) {
			r := policy.Evaluate(s.input(t))
			if len(refusalsOf(r)) == 0 {
				assert.NotContains(t, changeLines(r), "~ nginx/proxy-read-timeout: 3600 -> -1")
			}
		})
	}
}

func TestTheRecordOfAMapThatHadToBeCreated(t *testing.T) {
	const parent = policy.AnnotationsPointer
	lacking := func(text string) *policy.Object {
		o := ingress(nil)
		o.EmptyParents = m{parent: text}
		return o
	}
	record := func(o *policy.Object) string {
		return applyAll(t, spec{object: o}).Annotations[policy.RecordAnnotation]
	}
	assert.Equal(t, `{"/metadata/annotations":"{}",`+hourlongRecord[1:], record(lacking(policy.NoParent)), "there was none")
	assert.Equal(t, `{"/metadata/annotations":{"set":"{}","was":"null"},`+hourlongRecord[1:], record(lacking("null")), "there was an empty one")
	assert.Equal(t, `{"/metadata/annotations":{"set":"{}","was":"{ } # <none>"},`+hourlongRecord[1:], record(lacking("{ } # <none>")), "only what needs an escape is escaped")
	assert.Equal(t, hourlongRecord, record(ingress(nil)), "the API server can't tell")

	t.Run("it is kept while anything is injected", func(t *testing.T) {
		noted := lacking(policy.NoParent)
		noted.EmptyParents, noted.Annotations = nil, m{policy.RecordAnnotation: `{"/metadata/annotations":"{}"}`}
		assert.Equal(t, `{"/metadata/annotations":"{}",`+hourlongRecord[1:], record(noted))
	})
	t.Run("it goes with the last injected value", func(t *testing.T) {
		noted := injected("other", m{policy.RecordAnnotation: `{"/metadata/annotations":"{}",` + hourlongRecord[1:]})
		assert.Empty(t, applyAll(t, spec{object: noted}).Annotations)
	})
	t.Run("nothing injected, nothing noted", func(t *testing.T) {
		o := lacking(policy.NoParent)
		*o.ClassName = "other"
		assert.Empty(t, applyAll(t, spec{object: o}).Annotations)
	})
}

func TestARecordIsReadableAsItStands(t *testing.T) {
	o := with(ingress(m{readTimeout: "60", sendTimeout: "60", connect: " 5s"}), sticky)
	got := applyAll(t, spec{object: o, policy: corrected + "\nstickySessions: {cookie: {path: /chat}}"})
	assert.Equal(t, `{"`+affinity+`":"cookie","`+affinityMode+`":"persistent","`+connect+`":{"set":"5","was":" 5s"},"`+cookieMaxAge+`":"10800","`+nginx+`session-cookie-path":"/chat"}`,
		got.Annotations[policy.RecordAnnotation], "sorted, on one line, nothing escaped")
}

func TestUndoChangesTheSameAsTheLabelIgnore(t *testing.T) {
	for name, o := range map[string]*policy.Object{
		"an Ingress":                   injected("nginx", nil),
		"of an unknown class":          injected("other", m{"a": "b"}),
		"one with a value of the user": injected("nginx", m{readTimeout: "7200"}),
		"a sticky Service":             injectedService(sticky),
		"an invalid record":            injected("nginx", m{policy.RecordAnnotation: "x"}),
		"a record of another tool":     injected("nginx", m{policy.RecordAnnotation: `{"a":"b"}`}),
		"nothing to remove":            service(),
	} {
		t.Run(name, func(t *testing.T) {
			undone := policy.Undo(o)
			assert.Equal(t, policy.Evaluate(policy.Input{Object: with(o, ignored), Policy: policy.Default()}).Changes, undone.Changes)
		})
	}
}

func TestUndoReportsABadRecord(t *testing.T) {
	undone := policy.Undo(injected("nginx", m{policy.RecordAnnotation: "x"}))
	require.Len(t, warningsOf(undone), 1)
	assert.Equal(t, policy.RuleInvalidRecord, warningsOf(undone)[0].Rule)
	assert.Len(t, undone.Changes, 1, "it is removed all the same")
}

func TestAnnotationsThatWereEmpty(t *testing.T) {
	for record, want := range map[string]string{
		`{"/metadata/annotations":"{}"}`:                        "{}",
		`{"/metadata/annotations":{"set":"{}","was":": null"}}`: ": null",
		`{"a":"b"}`: "",
		`x`:         "",
	} {
		before, noted := policy.TextsBefore(record)[policy.AnnotationsPointer]
		assert.Equal(t, want, before, record)
		assert.Equal(t, want != "", noted, record)
	}
}

func TestMapsOfFieldsThatWereEmpty(t *testing.T) {
	for record, want := range map[string]string{
		`{"/spec/rules/0/timeouts":"{}"}`:                      "{}",
		`{"/spec/rules/0/timeouts":{"set":"{}","was":": {}"}}`: ": {}",
		`{"/spec/rules/1/timeouts":"{}"}`:                      "",
		`{"/spec/rules/0/timeouts/request":"10s"}`:             "",
	} {
		before, noted := policy.TextsBefore(record)["/spec/rules/0/timeouts"]
		assert.Equal(t, want, before, record)
		assert.Equal(t, want != "", noted, record)
	}
}

func TestAnEmptyAffinityOfAFile(t *testing.T) {
	const noted = `{"/spec/sessionAffinity":{"set":"ClientIP/10800","was":": null"}}`
	o := stickyService()
	o.Annotations = m{"a": "b"}
	o.Fields[0].EmptyText = ": null"
	first := policy.Evaluate(policy.Input{Object: o, Policy: policy.Default()})
	require.Len(t, first.Changes, 2)
	assert.Equal(t, noted, *first.Changes[1].To)

	stored := injectedService(sticky)
	stored.Annotations = m{policy.RecordAnnotation: noted}
	again := policy.Evaluate(policy.Input{Object: stored, Policy: policy.Default()})
	assert.Empty(t, again.Changes, "the text noted from a file stays")
	assert.Empty(t, warningsOf(again))
	undone := policy.Undo(stored)
	require.Len(t, undone.Changes, 2)
	assert.Nil(t, undone.Changes[0].To)

	for record, want := range map[string]string{
		noted: ": null",
		`{"/spec/sessionAffinity":"ClientIP/10800"}`:                           "",
		`{"/spec/sessionAffinity":{"set":"ClientIP/10800","was":"None"}}`:      "",
		`{"/spec/sessionAffinity":{"set":"ClientIP/10800","was":": \n x: y"}}`: "",
	} {
		before, ok := policy.TextsBefore(record)[policy.SessionAffinity]
		assert.Equal(t, want, before, record)
		assert.Equal(t, want != "", ok, record)
	}
}

func TestTheConfigurationOfAnAffinityNoneOfAFile(t *testing.T) {
	const (
		pointer = "/spec/sessionAffinityConfig/clientIP/timeoutSeconds"
		noted   = `{"/spec/sessionAffinity":{"set":"ClientIP/10800","was":"None"},"` + pointer + `":{"set":"{}","was":": 600"}}`
		none    = `{"/spec/sessionAffinity":{"set":"ClientIP/10800","was":"None"}}`
	)
	written := func(o *policy.Object) string {
		return applyAll(t, spec{object: o}).Annotations[policy.RecordAnnotation]
	}
	fromFile := func(text string, record m) *policy.Object {
		o := stickyService()
		o.Annotations, o.Fields = record, affinityFields(policy.Affinity{Type: policy.AffinityNone})
		o.EmptyParents = m{pointer: text}
		return o
	}
	injected := func(record string) *policy.Object {
		o := injectedService(sticky)
		o.Annotations = m{policy.RecordAnnotation: record}
		return o
	}
	assert.Equal(t, noted, written(fromFile(": 600", m{"a": "b"})), "it is noted")
	assert.Equal(t, noted, written(injected(noted)), "the webhook keeps the note")
	assert.Empty(t, warningsOf(policy.Evaluate(policy.Input{Object: injected(noted), Policy: policy.Default()})))
	assert.Equal(t, strings.ReplaceAll(noted, "600", "700"), written(fromFile(": 700", m{policy.RecordAnnotation: noted})), "what the user wrote since counts")

	gone := injected(noted)
	gone.Labels = nil
	assert.Empty(t, applyAll(t, spec{object: gone}).Annotations, "it goes with the affinity")
	theirs := injected(strings.ReplaceAll(noted, "ClientIP/10800", "ClientIP/60"))
	assert.Empty(t, written(theirs), "nothing is noted beside the user's own affinity")

	foreign := injected(strings.ReplaceAll(noted, pointer, "/spec/sessionAffinityPolicy/clientIP"))
	assert.Equal(t, none, written(foreign))
	assert.Len(t, warningsOf(policy.Evaluate(policy.Input{Object: foreign, Policy: policy.Default()})), 1, "no field has such a member")
}
