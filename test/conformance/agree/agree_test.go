package agree_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
	"github.com/holdfast-dev/holdfast/test/conformance/agree"
)

// timer is an annotation in bare seconds, of which "-1" does harm.
var timer = &dialect.Annotation{
	Setting: dialect.ReadTimeout, On: dialect.Ingress, Key: "example.com/timeout", Aliases: []string{"example.com/old-timeout"},
	Format: dialect.Timer{Parser: wholeSeconds, Unit: duration.Second, Zero: "ends at once", OutsideLimits: "does harm"}, Default: "60",
}

func wholeSeconds(text string) (duration.Duration, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return agree.Times(n, time.Second).Duration(), err == nil
}

// seconds is the parser that timer describes.
func seconds(_ *dialect.Annotation, annotations map[string]string) (agree.Heard, error) {
	for _, text := range annotations {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return agree.Times(n, time.Second), nil
		}
	}
	return agree.Lasting(time.Minute), nil
}

func TestATableThatIsRightHasNoDisagreements(t *testing.T) {
	for _, complaint := range (agree.Controller{Parser: seconds}).Disagreements(timer) {
		t.Error(complaint)
	}
}

func TestEveryKindOfDisagreementIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		parser agree.Parser
		want   string
	}{
		"a text is taken that the table passes over": {
			func(a *dialect.Annotation, annotations map[string]string) (agree.Heard, error) {
				if d, err := time.ParseDuration(annotations[a.Key]); err == nil {
					return agree.Lasting(d), nil
				}
				return seconds(a, annotations)
			},
			`"3600s", "60m", "1h", "1h0m0s": the controller goes on with 1h0m0s, the table says that it is ignored`,
		},
		"a text is refused that the table passes over": {
			func(a *dialect.Annotation, annotations map[string]string) (agree.Heard, error) {
				if annotations[a.Key] == "abc" {
					return agree.Heard{}, errors.New("no number")
				}
				return seconds(a, annotations)
			},
			`"abc": the controller refuses it (no number), the table says that it is ignored`,
		},
		"a text is passed over that the table reads": {
			func(*dialect.Annotation, map[string]string) (agree.Heard, error) {
				return agree.Lasting(time.Minute), nil
			},
			`"3600": the controller goes on with 1m0s, the table says that it is 1h`,
		},
		"a text does nothing that the table warns of": {
			func(a *dialect.Annotation, annotations map[string]string) (agree.Heard, error) {
				if strings.HasPrefix(annotations[a.Key], "-") {
					return agree.Lasting(time.Minute), nil
				}
				return seconds(a, annotations)
			},
			`"-1", "-3600": the controller goes on with 1m0s, the table says that it does harm`,
		},
		"a text is right that the table warns of": {
			func(a *dialect.Annotation, annotations map[string]string) (agree.Heard, error) {
				if annotations[a.Key] == "-1" {
					return agree.Lasting(time.Hour), nil
				}
				return seconds(a, annotations)
			},
			`"-1": the controller goes on with 1h0m0s, the table says that it does harm`,
		},
		"a value gets lost": {
			func(a *dialect.Annotation, annotations map[string]string) (agree.Heard, error) {
				if annotations[a.Key] == "5400" {
					return agree.Heard{}, nil
				}
				return seconds(a, annotations)
			},
			`example.com/timeout: "5400": Holdfast writes it: the controller goes on with nothing, the table says that it is 1h30m`,
		},
		"an alias is read differently": {
			func(a *dialect.Annotation, annotations map[string]string) (agree.Heard, error) {
				return seconds(a, map[string]string{a.Key: annotations[a.Key]})
			},
			`example.com/old-timeout: "3600": Holdfast writes it: the controller goes on with 1m0s, the table says that it is 1h`,
		},
		"the default is another": {
			func(a *dialect.Annotation, annotations map[string]string) (agree.Heard, error) {
				if len(annotations) == 0 {
					return agree.Lasting(time.Hour), nil
				}
				return seconds(a, annotations)
			},
			`nothing written: the controller goes on with 1h0m0s, the table says "60"`,
		},
		"no parser can be asked": {
			func(*dialect.Annotation, map[string]string) (agree.Heard, error) {
				return agree.Heard{}, agree.ErrNotAsked
			},
			"nothing written: no parser of the controller is asked",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (agree.Controller{Parser: c.parser}).Disagreements(timer); !slices.Contains(got, c.want) {
				t.Errorf("not among them: %s\n%s", c.want, strings.Join(got, "\n"))
			}
		})
	}
}

func TestATextApartHasToDiffer(t *testing.T) {
	lenient := func(a *dialect.Annotation, annotations map[string]string) (agree.Heard, error) {
		return seconds(a, map[string]string{a.Key: strings.TrimSpace(annotations[a.Key])})
	}
	c := agree.Controller{Parser: lenient, Apart: map[dialect.Setting]map[string]string{
		timer.Setting: {" 3600": "it looks wrong", "3600 ": "it looks wrong", "3600\n": "it looks wrong", "3600": "it looks wrong"},
	}}
	want := []string{`"3600": both say that it is 1h, and not apart: it looks wrong`}
	if got := c.Disagreements(withoutAliases(timer)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestATextThatIsPassedOnMayBeRefused(t *testing.T) {
	limited := withoutAliases(timer)
	limited.Format = dialect.Timer{
		Parser: wholeSeconds, Unit: duration.Second, Longest: 4000 * duration.Second, Zero: "ends at once", OutsideLimits: "does harm",
	}
	if got := (agree.Controller{Parser: seconds}).Disagreements(limited); len(got) == 0 {
		t.Error("nobody refuses it, and nothing is wrong")
	}
	others := map[dialect.Setting]string{timer.Setting: "others refuse it"}
	for _, complaint := range (agree.Controller{Parser: seconds, Forwards: others}).Disagreements(limited) {
		if !strings.Contains(complaint, "Holdfast writes it") {
			t.Error(complaint)
		}
	}
}

func withoutAliases(a *dialect.Annotation) *dialect.Annotation {
	without := *a
	without.Aliases = nil
	return &without
}

func TestAnElementIsAskedInItsAnnotation(t *testing.T) {
	composite := withoutAliases(timer)
	composite.Layout = dialect.OneElement{Codec: dialect.Attributes{}, Name: "idle"}
	parser := func(a *dialect.Annotation, annotations map[string]string) (agree.Heard, error) {
		value, ok := strings.CutPrefix(annotations[a.Key], "idle=")
		if !ok && annotations != nil {
			t.Errorf("%q has no element", annotations[a.Key])
		}
		return seconds(a, map[string]string{a.Key: value})
	}
	for _, complaint := range (agree.Controller{Parser: parser}).Disagreements(composite) {
		t.Error(complaint)
	}
}
