package policy_test

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

func TestTyposAreReported(t *testing.T) {
	quiet := func(key string) *policy.Object { return ingress(m{readTimeout: "60", sendTimeout: "60", key: "1h"}) }
	annotated := func(o *policy.Object, key, value string) *policy.Object {
		o.Annotations = m{key: value}
		return o
	}
	check(t, map[string]spec{
		"letters swapped in an annotation": {
			object: quiet("holdfast.dev/idle-timeuot"),
			want:   `warning: holdfast.dev/idle-timeuot: unknown annotation; did you mean holdfast.dev/idle-timeout? (holdfast)`,
		},
		"capitals": {
			object: quiet("holdfast.dev/READ-TIMEOUT"),
			want:   `warning: holdfast.dev/READ-TIMEOUT: unknown annotation; did you mean holdfast.dev/read-timeout? (holdfast)`,
		},
		"a prefix too many": {
			object: quiet("holdfast.dev/proxy-send-timeout"),
			want:   `warning: holdfast.dev/proxy-send-timeout: unknown annotation; did you mean holdfast.dev/send-timeout? (holdfast)`,
		},
		"a key like no other": {
			object: quiet("holdfast.dev/x-forwarded-proto-and-much-more-of-it"),
			want:   `warning: holdfast.dev/x-forwarded-proto-and-much-more-of-it: unknown annotation, ignored; remove it (holdfast)`,
		},
		"the end of several keys": {
			object: quiet("holdfast.dev/timeout"),
			want: `warning: holdfast.dev/timeout: unknown annotation, ignored; ` +
				`did you mean idle-timeout, read-timeout, send-timeout, connect-timeout or sticky-session-timeout? (holdfast)`,
		},
		"the end of the only key on a Service": {
			object: annotated(service(), "holdfast.dev/timeout", "1h"),
			want:   `warning: holdfast.dev/timeout: unknown annotation; did you mean holdfast.dev/sticky-session-timeout? (holdfast)`,
		},
		"the beginning of a key": {
			object: quiet("holdfast.dev/Idle"),
			want:   `warning: holdfast.dev/Idle: unknown annotation; did you mean holdfast.dev/idle-timeout? (holdfast)`,
		},
		"the beginning of a label": {
			object: with(ingress(m{readTimeout: "60", sendTimeout: "60"}), "holdfast.dev/sticky=true"),
			want:   `warning: holdfast.dev/sticky: unknown label; did you mean holdfast.dev/sticky-session? (holdfast)`,
		},
		"the beginning of a label as an annotation": {
			object: quiet("holdfast.dev/sticky"),
			want:   `warning: holdfast.dev/sticky: unknown annotation; did you mean the label holdfast.dev/sticky-session? (holdfast)`,
		},
		"the end of annotations as a label": {
			object: with(ingress(m{readTimeout: "60", sendTimeout: "60"}), "holdfast.dev/timeout=1h"),
			want: `warning: holdfast.dev/timeout: unknown label, ignored; ` +
				`did you mean the annotation idle-timeout, read-timeout, send-timeout, connect-timeout or sticky-session-timeout? (holdfast)`,
		},
		"not a whole part of a key": {
			object: quiet("holdfast.dev/out"),
			want:   `warning: holdfast.dev/out: unknown annotation, ignored; remove it (holdfast)`,
		},
		"a label": {
			object: with(ingress(m{readTimeout: "60", sendTimeout: "60"}), "holdfast.dev/sticky-sesion=true"),
			want:   `warning: holdfast.dev/sticky-sesion: unknown label; did you mean holdfast.dev/sticky-session? (holdfast)`,
		},
		"the policy label": {
			object: with(ingress(m{readTimeout: "60", sendTimeout: "60"}), "holdfast.dev/polcy=ignore"),
			want:   `warning: holdfast.dev/polcy: unknown label; did you mean holdfast.dev/policy? (holdfast)`,
		},
		"a label written as an annotation": {
			object: quiet(policy.StickyLabel),
			want:   `warning: holdfast.dev/sticky-session: must be a label; move it from metadata.annotations to metadata.labels (holdfast)`,
		},
		"a mistyped label written as an annotation": {
			object: quiet("holdfast.dev/sticky-sesion"),
			want:   `warning: holdfast.dev/sticky-sesion: unknown annotation; did you mean the label holdfast.dev/sticky-session? (holdfast)`,
		},
		"an annotation written as a label": {
			object: with(ingress(m{readTimeout: "60", sendTimeout: "60"}), policy.IdleTimeoutAnnotation+"=1h"),
			want:   `warning: holdfast.dev/idle-timeout: must be an annotation; move it from metadata.labels to metadata.annotations (holdfast)`,
		},
		"a mistyped annotation written as a label": {
			object: with(ingress(m{readTimeout: "60", sendTimeout: "60"}), "holdfast.dev/idle-timeuot=1h"),
			want:   `warning: holdfast.dev/idle-timeuot: unknown label; did you mean the annotation holdfast.dev/idle-timeout? (holdfast)`,
		},
		"an idle timeout on a Service": {
			object: annotated(service(), policy.IdleTimeoutAnnotation, "1h"),
			want:   `warning: holdfast.dev/idle-timeout: has no effect on a Service; write it on the Ingress or the Namespace (holdfast)`,
		},
		"an invalid idle timeout on a Service is only misplaced": {
			object: annotated(service(), policy.IdleTimeoutAnnotation, "soon"),
			want:   `warning: holdfast.dev/idle-timeout: has no effect on a Service; write it on the Ingress or the Namespace (holdfast)`,
		},
		"a mistyped timeout on a Service": {
			object: annotated(service(), "holdfast.dev/sticky-session-timout", "1h"),
			want:   `warning: holdfast.dev/sticky-session-timout: unknown annotation; did you mean holdfast.dev/sticky-session-timeout? (holdfast)`,
		},
		"keys with other prefixes are left alone": {
			object: annotated(service(), "holdfast.dev.example.com/idle-timeuot", "1h"),
		},
		"an accepted finding isn't a typo": {
			object: annotated(service(), "accept.holdfast.dev/read-timeout-missing", "known until=2027-03-01"),
		},
	})
}

func TestInvalidValuesOfHoldfastsKeys(t *testing.T) {
	const (
		syntax  = `must be a duration: "1h", "90m", or "3600" for seconds (holdfast)`
		refused = `refused: metadata.annotations[holdfast.dev/idle-timeout]: Invalid value: `
	)
	soon := func() *policy.Object { return ingress(m{policy.IdleTimeoutAnnotation: "soon"}) }
	specs := map[string]spec{
		"on an update that writes it": {
			object: soon(), old: ingress(m{policy.IdleTimeoutAnnotation: "1h"}), want: hourlong + refused + `"soon": ` + syntax,
		},
		"on an update that adds it": {object: soon(), old: ingress(nil), want: hourlong + refused + `"soon": ` + syntax},
		"on an update that turns one bad value into another": {
			object: soon(), old: ingress(m{policy.IdleTimeoutAnnotation: "later"}), want: hourlong + refused + `"soon": ` + syntax,
		},
		"on an update of something else": {
			object: with(soon(), "team=chat"), old: soon(),
			want: hourlong + `warning: holdfast.dev/idle-timeout: "soon" is ignored: it ` + syntax,
		},
		"on an update of something else, a label": {
			object: with(ingress(m{readTimeout: "60"}), policy.StickyLabel+"=yes"), old: with(ingress(nil), policy.StickyLabel+"=yes"),
			want: `
+ nginx/proxy-send-timeout: 3600
warning: holdfast.dev/sticky-session: "yes" is ignored: it must be "true" or "false" (holdfast)`,
		},
		"two of them": {
			object: ingress(m{policy.ReadTimeoutAnnotation: "soon", policy.SendTimeoutAnnotation: "later"}),
			want: hourlong + `
refused: metadata.annotations[holdfast.dev/read-timeout]: Invalid value: "soon": ` + syntax + `
refused: metadata.annotations[holdfast.dev/send-timeout]: Invalid value: "later": ` + syntax,
		},
		"the Namespace's value applies instead": {
			object: soon(), namespace: m{policy.IdleTimeoutAnnotation: "2h"},
			want: timers("7200", "7200") + `` + refused + `"soon": ` + syntax,
		},
		"longer than 24 days": {object: ingress(m{policy.IdleTimeoutAnnotation: "577h"}), want: hourlong + refused + `"577h": must be between 1s and 576h (24 days) (holdfast)`},
	}
	const (
		outside = `must be between 1s and 576h (24 days) (holdfast)`
		days    = `must be a duration: "1h", "90m", or "3600" for seconds; there is no unit for days, write "720h" (holdfast)`
	)
	for value, problem := range map[string]string{
		"": syntax, " ": syntax, "+5": syntax, "3600 ": syntax, "1e3": syntax, "infinity": syntax, "d": syntax, "-1d": syntax, "30d": days,
		"0": outside, "0s": outside, "-1": outside, "-1h": outside,
	} {
		specs[strconv.Quote(value)] = spec{
			object: ingress(m{policy.IdleTimeoutAnnotation: value}), want: hourlong + refused + strconv.Quote(value) + ": " + problem,
		}
	}
	check(t, specs)
}

func TestValuesThatHarmOthersAreRefused(t *testing.T) {
	const (
		harm     = wholeSeconds + `; it makes nginx reject its configuration for every host (holdfast)`
		refused  = "refused: metadata.annotations[" + readTimeout + `]: Invalid value: "-1": ` + harm
		tolerate = "warning: " + readTimeout + `: "-1" ` + harm
	)
	harmful := func() *policy.Object { return ingress(m{readTimeout: "-1", sendTimeout: "60"}) }
	check(t, map[string]spec{
		"-1 on a new Ingress": {object: harmful(), want: refused},
		"-1 on an update that writes it": {
			object: harmful(), old: ingress(m{readTimeout: "60", sendTimeout: "60"}), want: refused,
		},
		"-1 on an update that did not write it": {object: with(harmful(), "team=chat"), old: harmful(), want: tolerate},
		"-1 is refused and not corrected":       {object: harmful(), policy: corrected, want: refused},
		"-1 is harmless with another class": {
			object: ingressOf("other", m{readTimeout: "-1"}), policy: "unknownController: ignore",
		},
		"everything else is still evaluated": {
			object: ingress(m{readTimeout: "-1"}),
			want: `
+ nginx/proxy-send-timeout: 3600
` + refused,
		},
	})
}

func TestAnnotationsThatWouldGrowTooLarge(t *testing.T) {
	const limit = 262144
	const grown = len(readTimeout) + len("3600") + len(sendTimeout) + len("3600") + len(policy.RecordAnnotation) + len(hourlongRecord)
	filled := func(bytes int) *policy.Object {
		return ingress(m{"example.com/blob": strings.Repeat("x", bytes-len("example.com/blob"))})
	}
	check(t, map[string]spec{
		"the last byte may be used": {object: filled(limit - grown), want: hourlong},
		"one more, and nothing is injected": {
			object: filled(limit - grown + 1),
			want:   `warning: metadata.annotations: nothing was injected, because all annotations together would have 262145 bytes of at most 262144; shorten them (holdfast)`,
		},
		"a key counts as much as its value": {
			object: ingress(m{strings.Repeat("k", limit-grown+1): ""}),
			want:   `warning: metadata.annotations: nothing was injected, because all annotations together would have 262145 bytes of at most 262144; shorten them (holdfast)`,
		},
		"a removal makes room": {
			object: ingressOf("other", m{
				"example.com/blob": strings.Repeat("x", limit), readTimeout: "3600", sendTimeout: "3600", policy.RecordAnnotation: hourlongRecord,
			}), policy: "unknownController: ignore",
			want: `
- nginx/proxy-read-timeout: 3600
- nginx/proxy-send-timeout: 3600
- record: {"nginx/proxy-read-timeout":"3600","nginx/proxy-send-timeout":"3600"}`,
		},
		"an affinity needs no room, but its record does": {
			object: serviceThat(func(o *policy.Object) {
				o.Annotations = m{"example.com/blob": strings.Repeat("x", limit-len("example.com/blob")-len(policy.RecordAnnotation)-len(clientIPRecord)+1)}
			}),
			want: `warning: metadata.annotations: nothing was injected, because all annotations together would have 262145 bytes of at most 262144; shorten them (holdfast)`,
		},
	})
}

func TestAnObjectThatWouldBeTooLargeForEtcd(t *testing.T) {
	// What etcd takes, without what the API server may add.
	const limit = 1572864 - 16384
	const grown = len(readTimeout) + len("3600") + len(sendTimeout) + len("3600") + len(policy.RecordAnnotation) + len(hourlongRecord)
	sized := func(o *policy.Object, size int) *policy.Object {
		o.Size = size
		return o
	}
	check(t, map[string]spec{
		"the last byte may be used": {object: sized(ingress(nil), limit-grown), want: hourlong},
		"one more, and nothing is injected": {
			object: sized(ingress(nil), limit-grown+1),
			want:   `warning: metadata.annotations: nothing was injected, because the object would have about 1556481 bytes, and etcd stores less than 1572864; make it smaller (holdfast)`,
		},
		"an affinity takes room too": {
			object: sized(stickyService(), limit),
			want:   `warning: metadata.annotations: nothing was injected, because the object would have about 1556572 bytes, and etcd stores less than 1572864; make it smaller (holdfast)`,
		},
		"what is there already is removed": {
			object: sized(injected("nginx", nil), 1572864), want: hourlongRemoved + `
warning: metadata.annotations: nothing was injected, because the object would have about 1572864 bytes, and etcd stores less than 1572864; make it smaller (holdfast)`,
		},
		"a removal makes room":           {object: sized(with(injected("nginx", nil), ignored), 1572864), want: hourlongRemoved},
		"nothing wanted, nothing to say": {object: sized(ingress(m{readTimeout: "60", sendTimeout: "60"}), 1572864)},
	})
}

// garbage are values that must not spoil a sentence.
var garbage = map[string]string{
	"nothing":               "",
	"a very long value":     strings.Repeat("x", 100_000),
	"many lines":            strings.Repeat("one\ntwo\r\n", 40),
	"control characters":    strings.Repeat("\x00\x1b[31m\x7f\u0085", 40),
	"no UTF-8":              strings.Repeat("\xff\xc3", 40),
	"a replacement":         "\ufffd\ufffd",
	"other line ends":       strings.Repeat("\u2028\u2029", 40),
	"text that runs left":   strings.Repeat("\u202esoon", 40),
	"characters of no form": strings.Repeat("\U000e0001", 100),
	"quotes":                strings.Repeat(`"\`, 100),
	"emoji":                 strings.Repeat("👩‍👩‍👧", 100),
	"a format":              "%s%d%!(EXTRA)",
}

func TestNoValueSpoilsASentence(t *testing.T) {
	object := func(text string) map[string]*policy.Object {
		return map[string]*policy.Object{
			"Holdfast's annotations": ingress(m{policy.IdleTimeoutAnnotation: text, policy.StickyTimeoutAnnotation: text}),
			"Holdfast's labels":      with(ingress(nil), policy.PolicyLabel+"="+text, policy.StickyLabel+"="+text),
			"unknown keys":           with(ingress(m{policy.Prefix + text: ""}), policy.Prefix+text+"="),
			"the controller's annotations": with(ingress(m{
				readTimeout: text, buffering: text, affinity: text, affinityMode: text, cookieMaxAge: text, upstreamHash: text,
			}), notSticky),
			"an overridden label": with(ingress(m{readTimeout: "60", affinity: text}), notSticky),
			"the record":          ingress(m{policy.RecordAnnotation: text}),
			"a recorded key":      ingress(m{policy.RecordAnnotation: `{` + strconv.Quote(text) + `:"x"}`}),
			"the class":           ingressOf(text, nil),
			"the legacy class":    {Kind: policy.Ingress, Annotations: m{"kubernetes.io/ingress.class": text}},
			"a Service's label":   with(service(), policy.StickyLabel+"="+text),
			"a Service's type":    serviceThat(func(o *policy.Object) { o.Type = text }),
			"a Service's ClientIP": serviceThat(func(o *policy.Object) {
				o.Fields, o.Annotations = affinityFields(policy.Affinity{Type: text}), m{policy.StickyTimeoutAnnotation: text}
			}),
		}
	}
	for what, text := range garbage {
		for where, o := range object(text) {
			t.Run(what+" in "+where, func(t *testing.T) {
				for _, file := range []string{"", corrected} {
					s := spec{object: o, namespace: m{policy.IdleTimeoutAnnotation: text}, policy: file}
					assertPresentable(t, policy.Evaluate(s.input(t)))
					s.old = o
					assertPresentable(t, policy.Evaluate(s.input(t)))
				}
			})
		}
	}
}

func TestNoValueHidesTheRemedy(t *testing.T) {
	for what, text := range garbage {
		t.Run(what, func(t *testing.T) {
			s := spec{object: ingress(m{readTimeout: text, sendTimeout: "60"})}
			warnings := warningsOf(policy.Evaluate(s.input(t)))
			require.Len(t, warnings, 1)
			assert.True(t, strings.HasSuffix(warnings[0].Warning(), `; it `+wholeSeconds+` (holdfast)`), warnings[0].Warning())
		})
	}
}

func TestTheNumberOfWarningsIsLimited(t *testing.T) {
	o := ingress(m{})
	for i := range 2000 {
		o.Annotations[policy.Prefix+"typo-"+strconv.Itoa(i)] = ""
	}
	s := spec{object: o}
	assert.LessOrEqual(t, len(warningsOf(policy.Evaluate(s.input(t)))), 100, "the API server shows 4096 characters of all warnings together")
}

func TestALongValueIsShownByItsBeginning(t *testing.T) {
	check(t, map[string]spec{
		"in a warning": {
			object: ingress(m{readTimeout: strings.Repeat("é", 49), sendTimeout: "60"}),
			want:   `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "` + strings.Repeat("é", 47) + `…" is ignored by ingress-nginx; it ` + wholeSeconds + ` (holdfast)`,
		},
		"in a refusal": {
			object: with(ingress(m{readTimeout: "60", sendTimeout: "60"}), policy.StickyLabel+"="+strings.Repeat("é", 49)),
			want:   `refused: metadata.labels[holdfast.dev/sticky-session]: Invalid value: "` + strings.Repeat("é", 47) + `…": must be "true" or "false" (holdfast)`,
		},
		"invisible characters are escaped": {
			object: ingress(m{readTimeout: "1h\n", sendTimeout: `"60"`}),
			want: `
warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "1h\n" is ignored by ingress-nginx; write "3600" (holdfast)
warning: nginx.ingress.kubernetes.io/proxy-send-timeout: "\"60\"" is ignored by ingress-nginx; it ` + wholeSeconds + ` (holdfast)`,
		},
		"of the maximum length": {
			object: ingress(m{readTimeout: strings.Repeat("é", 48), sendTimeout: "60"}),
			want:   `warning: nginx.ingress.kubernetes.io/proxy-read-timeout: "` + strings.Repeat("é", 48) + `" is ignored by ingress-nginx; it ` + wholeSeconds + ` (holdfast)`,
		},
	})
}

func TestAFindingIsReportedOnce(t *testing.T) {
	s := spec{object: ingress(m{policy.IdleTimeoutAnnotation: "9h"}), policy: atMostTwoHour}
	assert.Len(t, warningsOf(policy.Evaluate(s.input(t))), 1, "one annotation for two settings")
}

func TestARefusalIsAWarningWhereNothingIsRefused(t *testing.T) {
	for _, s := range []spec{
		{object: ingress(m{policy.IdleTimeoutAnnotation: "soon"})},
		{object: ingress(m{readTimeout: "-1"})},
		{object: with(ingress(nil), policy.StickyLabel+"=yes")},
		{object: ingress(m{policy.IdleTimeoutAnnotation: strings.Repeat("soon", 100)})},
	} {
		fresh := policy.Evaluate(s.input(t))
		require.Len(t, refusalsOf(fresh), 1)
		s.old = s.object
		again := policy.Evaluate(s.input(t))
		assert.Empty(t, refusalsOf(again))
		want := refusalsOf(fresh)[0]
		want.Refused = false
		assert.Equal(t, []policy.Finding{want}, warningsOf(again))
		assert.Equal(t, fresh.Changes, again.Changes, "what is injected doesn't depend on it")
	}
}

func TestARefusalNamesItsRule(t *testing.T) {
	s := spec{object: with(ingress(m{readTimeout: "-1", policy.IdleTimeoutAnnotation: "soon"}), policy.StickyLabel+"=yes")}
	var rules []policy.Rule
	for _, refusal := range refusalsOf(policy.Evaluate(s.input(t))) {
		rules = append(rules, refusal.Rule)
	}
	assert.Equal(t, []policy.Rule{policy.RuleInvalidValue, policy.RuleInvalidValue, policy.RuleHarmfulValue}, rules)
}

func TestAChangeThatIsNotMade(t *testing.T) {
	text := func(s string) *string { return &s }
	for want, c := range map[string]policy.Change{
		`example.com/key: would be set to "b" in a namespace with holdfast.dev/policy: enforce; nothing was changed (holdfast)`:                                {Target: policy.ParseKey("example.com/key"), To: text("b")},
		`example.com/key: would change from "a" to "b" in a namespace with holdfast.dev/policy: enforce; nothing was changed (holdfast)`:                       {Target: policy.ParseKey("example.com/key"), From: text("a"), To: text("b")},
		`example.com/key: "a" would be removed in a namespace with holdfast.dev/policy: enforce; nothing was changed (holdfast)`:                               {Target: policy.ParseKey("example.com/key"), From: text("a")},
		`spec.sessionAffinity: would be set to ClientIP with 10800 s in a namespace with holdfast.dev/policy: enforce; nothing was changed (holdfast)`:         {Target: policy.ParseKey(policy.SessionAffinity), Codec: affinityFields(policy.Affinity{})[0].Codec, To: text("ClientIP/10800")},
		`example.com/key: would be set to "` + strings.Repeat("x", 47) + `…" in a namespace with holdfast.dev/policy: enforce; nothing was changed (holdfast)`: {Target: policy.ParseKey("example.com/key"), To: text(strings.Repeat("x", 99))},
	} {
		assert.Equal(t, want, c.Finding().Warning())
	}
}

func TestAWarningBeginsWithItsObject(t *testing.T) {
	unknown := policy.Finding{Rule: policy.RuleUnknownKey, Message: `unknown {detail}, ignored; remove it`, Target: policy.AnnotationTarget("holdfast.dev/foo"), Detail: "annotation"}
	long := policy.Finding{Rule: policy.RuleConflictingAnnotation, Message: `{detail}`, Target: policy.AnnotationTarget("holdfast.dev/foo"), Detail: strings.Repeat("x", 170)}
	named := func(name string) *policy.Object { return &policy.Object{Kind: policy.Ingress, Name: name} }
	for name, c := range map[string]struct {
		finding policy.Finding
		object  string
		want    string
	}{
		"its kind and name":                       {unknown, "web", "Ingress web: holdfast.dev/foo: unknown annotation, ignored; remove it (holdfast)"},
		"only its kind, if it has no name yet":    {unknown, "", "Ingress: holdfast.dev/foo: unknown annotation, ignored; remove it (holdfast)"},
		"a long name is cut":                      {unknown, strings.Repeat("n", 64), "Ingress " + strings.Repeat("n", 62) + "…: holdfast.dev/foo: unknown annotation, ignored; remove it (holdfast)"},
		"a longer one beside a sentence is, too":  {long, strings.Repeat("n", 63), "Ingress " + strings.Repeat("n", 46) + "…: holdfast.dev/foo: " + long.Detail + " (holdfast)"},
		"a name with a control character is kept": {unknown, "a\nb", "Ingress a b: holdfast.dev/foo: unknown annotation, ignored; remove it (holdfast)"},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.finding.WarningFor(named(c.object))
			assert.Equal(t, c.want, got)
			assert.LessOrEqual(t, utf8.RuneCountInString(got), 256)
		})
	}
}

// The API server cuts a warning off, and what to do stands at its end.
func TestAWarningAboutAConflictFitsBesideALongText(t *testing.T) {
	named := &policy.Object{Kind: policy.Ingress, Name: strings.Repeat("n", 63)}
	for _, d := range dialect.All() {
		for _, c := range d.Conflicts {
			f := policy.Finding{
				Actor: policy.Author, Message: `{found} {detail}`, Target: policy.AnnotationTarget(c.Key), Found: strings.Repeat("x", 99), Detail: c.Warning,
			}
			assert.NotContains(t, f.WarningFor(named), "… (holdfast)", "%s: %s: %s", d.Name, c.Key, c.Warning)
		}
	}
}
