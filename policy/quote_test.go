package policy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

func TestLongValuesAreShownWhereTheyDiffer(t *testing.T) {
	const attributes = "routing.http2.enabled=true,access_logs.s3.enabled=true,idle_timeout.timeout_seconds=60"
	for name, c := range map[string]struct{ a, b, shownA, shownB string }{
		"short ones": {"3600s", "3600", `"3600s"`, `"3600"`},
		"a comma at the end": {
			attributes + ",", attributes, `"…3.enabled=true,idle_timeout.timeout_seconds=60,"`, `"…3.enabled=true,idle_timeout.timeout_seconds=60"`,
		},
		"a number in the middle": {
			strings.Replace(attributes, "true,access", "True,access", 1), attributes,
			`"…g.http2.enabled=True,access_logs.s3.enabled=tr…"`, `"…g.http2.enabled=true,access_logs.s3.enabled=tr…"`,
		},
		"the beginning": {
			" " + attributes, attributes,
			`" routing.http2.enabled=true,access_logs.s3.enab…"`, `"routing.http2.enabled=true,access_logs.s3.enabl…"`,
		},
		"a long one and a short one": {
			strings.Repeat("3600 ", 20), "3600",
			`"3600 3600 3600 3600 3600 3600 3600 3600 3600 36…"`, `"3600"`,
		},
		"one more of the same": {
			strings.Repeat("x", 80), strings.Repeat("x", 79), `"…` + strings.Repeat("x", 47) + `"`, `"…` + strings.Repeat("x", 46) + `"`,
		},
		"characters that are escaped": {
			strings.Repeat("\U000e0001", 40), strings.Repeat("\U000e0001", 39), `"…\U000e0001\U000e0001\U000e0001\U000e0001"`, `"…\U000e0001\U000e0001\U000e0001"`,
		},
		"no UTF-8": {
			strings.Repeat("é", 50) + "\xff", strings.Repeat("é", 50) + "\xfe",
			`"…` + strings.Repeat("é", 43) + `\xff"`, `"…` + strings.Repeat("é", 43) + `\xfe"`,
		},
		"a replacement": {
			strings.Repeat("é", 50) + "\ufffd", strings.Repeat("é", 50) + " ",
			`"…` + strings.Repeat("é", 41) + `\ufffd"`, `"…` + strings.Repeat("é", 41) + ` "`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			shownA, shownB := quotePair(c.a, c.b)
			assert.Equal(t, c.shownA, shownA)
			assert.Equal(t, c.shownB, shownB)
		})
	}
}

func TestPropertyTwoValuesAreNeverShownAsTheSameText(t *testing.T) {
	parts := []string{"a", "a", "aaaaaaaaaaaaaaaaaaaa", ",", " ", "…", "é", `"`, "\n", "\xff", "\ufffd", "\U000e0001", "key=value,"}
	for seed := range uint64(20_000) {
		r := rand.New(rand.NewPCG(seed, 0))
		var a []string
		for range r.IntN(40) {
			a = append(a, parts[r.IntN(len(parts))])
		}
		b := slices.Clone(a)
		for range r.IntN(3) {
			at := r.IntN(len(b) + 1)
			b = slices.Insert(b, at, parts[r.IntN(len(parts))])
		}
		if one, other := strings.Join(a, ""), strings.Join(b, ""); one != other {
			checkPair(t, one, other)
			checkPair(t, other, one)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func checkPair(t *testing.T, a, b string) {
	t.Helper()
	shownA, shownB := quotePair(a, b)
	// As a warning has them.
	assert.NotEqual(t, line(shownA, ""), line(shownB, ""), "%q and %q", a, b)
	for _, shown := range []string{shownA, shownB} {
		assert.LessOrEqual(t, utf8.RuneCountInString(shown), maxValue+len(`""`), "%q", shown)
	}
}

// Whatever a user writes in an annotation of a controller, no sentence shows what he
// wrote and what he is to write as the same text.
func TestNoRemedyIsShownAsTheSameTextAsTheFault(t *testing.T) {
	both := 0
	for _, d := range dialect.All() {
		for _, a := range d.Annotations {
			for _, text := range longValues(a) {
				o := ingressWith(m{a.Key: text})
				o.Kind = a.On
				in := servedBy(d.Name, o)
				in.Controllers = []dialect.Installation{in.Controller.Installation()}
				for _, f := range Evaluate(in).Findings {
					if f.Found == f.Wanted || f.Found == "" || f.Wanted == "" || !strings.Contains(string(f.Message), "{found}") {
						continue
					}
					found, wanted := f.part("found"), f.part("wanted")
					assert.NotEqual(t, wanted, found, "%s", f.Warning())
					if strings.Contains(found, "…") && strings.Contains(string(f.Message), "{wanted}") {
						both++
						assert.Contains(t, f.Warning(), wanted, "the remedy is cut off: %s", f.Warning())
					}
				}
			}
		}
	}
	assert.Greater(t, both, 5, "the values don't bring long remedies")
}

// longValues returns values of an annotation that are long, most of them with a fault.
func longValues(a *dialect.Annotation) []string {
	codec := a.Codec()
	if codec == nil {
		return []string{strings.Repeat("3600", 20), strings.Repeat(" ", 60) + "3600s", "3600s" + strings.Repeat(" ", 60), "true" + strings.Repeat(" ", 60)}
	}
	var parts []string
	for i := range 12 {
		parts = append(parts, codec.Join(fmt.Sprintf("name%d", i), fmt.Sprintf("a.long.value.%d", i)))
	}
	separator := codec.Separator()
	whole := strings.Join(parts, separator)
	return []string{
		whole, whole + separator, separator + whole, whole + separator + separator, whole + " ", whole + strings.TrimSpace(separator) + " ",
		strings.Join(parts, separator+" "), strings.Join(parts, " "+separator), strings.Replace(whole, separator, separator+separator, 1),
		strings.ReplaceAll(whole, "=", " = "),
	}
}

func TestAChangeOfALongValueShowsWhatDiffers(t *testing.T) {
	long := strings.Repeat("key=value,", 20)
	from, to := long+"a=b,", long+"a=b"
	assert.Equal(t,
		`example.com/attributes: would change from "…ue,key=value,key=value,key=value,key=value,a=b,"`+
			` to "…ue,key=value,key=value,key=value,key=value,a=b"`+
			` in a namespace with holdfast.dev/policy: enforce; nothing was changed (holdfast)`,
		Change{Target: AnnotationTarget("example.com/attributes"), From: &from, To: &to}.Finding().Warning())
}

func TestAnOriginIsShownWhereItDiffersFromWhatWasFound(t *testing.T) {
	long := strings.Repeat("key=value,", 20)
	f := Finding{
		Target: AnnotationTarget("example.com/attributes"), Message: msgOverriddenValue,
		Found: long + "a=1", Origin: Origin{Key: "example.com/other", Text: long + "a=2"},
	}
	assert.Equal(t,
		`example.com/attributes: "…lue,key=value,key=value,key=value,key=value,a=1" takes precedence over`+
			` example.com/other: "…lue,key=value,key=value,key=value,key=value,a=2"; remove one of them (holdfast)`, f.Warning())
}
