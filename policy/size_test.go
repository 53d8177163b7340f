package policy_test

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// large are evaluations with n of something. The work for each has to be linear in
// n: 40,000 commas in one annotation once took 86 s.
var large = map[string]func(n int) (class string, o *policy.Object, services policy.Services){
	"paths of Contour": func(n int) (string, *policy.Object, policy.Services) {
		o := classed("contour", m{}, "chat")
		o.Paths = numbered("/", n)
		return "contour", o, policy.Services{}
	},
	"listed paths of Contour": func(n int) (string, *policy.Object, policy.Services) {
		return "contour", classed("contour", m{contourRoutes: strings.Join(numbered("/", n), ",")}, "chat"), policy.Services{}
	},
	"commas for Contour": func(n int) (string, *policy.Object, policy.Services) {
		return "contour", classed("contour", m{contourRoutes: strings.Repeat(",", n-1)}, "chat"), policy.Services{}
	},
	"backends of F5": func(n int) (string, *policy.Object, policy.Services) {
		return "nginx-inc", classed("f5", m{}, numbered("s", n)...), policy.Services{}
	},
	"sticky backends of F5": func(n int) (string, *policy.Object, policy.Services) {
		names := numbered("s", n)
		var known policy.Services
		for _, name := range names {
			known.Sticky = append(known.Sticky, policy.StickyService{Name: name, Timeout: "1h"})
		}
		return "nginx-inc", classed("f5", m{}, names...), known
	},
	"cookies of F5": func(n int) (string, *policy.Object, policy.Services) {
		parts := numbered("s", n)
		for i, name := range parts {
			parts[i] = "serviceName=" + name + " c" + strconv.Itoa(i) + " path=/"
		}
		return "nginx-inc", with(classed("f5", m{f5Sticky: strings.Join(parts, ";")}, numbered("s", n)...), sticky), policy.Services{}
	},
	"attributes of AWS": func(n int) (string, *policy.Object, policy.Services) {
		parts := numbered("a", n)
		for i := range parts {
			parts[i] += "=b"
		}
		return "aws-alb", classed("alb", m{albBalancer: strings.Join(parts, ",")}, "chat"), policy.Services{}
	},
	"filters of Skipper": func(n int) (string, *policy.Object, policy.Services) {
		parts := numbered("f", n)
		for i := range parts {
			parts[i] += `("x")`
		}
		return "skipper", with(classed("skipper", m{skipperFilter: strings.Join(parts, " -> ")}, "chat"), sticky), policy.Services{}
	},
	"recorded names": func(n int) (string, *policy.Object, policy.Services) {
		names := strings.Join(numbered("s", n), ",")
		return "nginx-inc", classed("f5", m{f5WebSocket: names, policy.RecordAnnotation: `{"` + f5WebSocket + `#*":"` + names + `"}`}, "chat"), policy.Services{}
	},
	"recorded entries": func(n int) (string, *policy.Object, policy.Services) {
		entries, parts := numbered("s", n), numbered("s", n)
		for i, name := range entries {
			entries[i] = fmt.Sprintf("%q:%q", f5Sticky+"#"+name, "c path=/")
			parts[i] = "serviceName=" + name + " c path=/"
		}
		return "nginx-inc", classed("f5", m{
			f5Sticky: strings.Join(parts, ";"), policy.RecordAnnotation: "{" + strings.Join(entries, ",") + "}",
		}, "chat"), policy.Services{}
	},
	"forged entries": func(n int) (string, *policy.Object, policy.Services) {
		entries := numbered("example.com/", n)
		for i, name := range entries {
			entries[i] = fmt.Sprintf("%q:%q", name, "x")
		}
		return "nginx-inc", classed("f5", m{policy.RecordAnnotation: "{" + strings.Join(entries, ",") + "}"}, "chat"), policy.Services{}
	},
	"field managers": func(n int) (string, *policy.Object, policy.Services) {
		managers := make([]manager, n)
		for i, key := range numbered("example.com/", n) {
			managers[i] = applies(key)
		}
		return "ingress-nginx", managedBy(with(injected("nginx", nil), ignored), managers...), policy.Services{}
	},
	"applied names": func(n int) (string, *policy.Object, policy.Services) {
		names := strings.Join(numbered("s", n), ",")
		o := classed("f5", m{f5WebSocket: names, policy.RecordAnnotation: `{"` + f5WebSocket + `#*":"` + names + `"}`}, "chat")
		return "nginx-inc", applied(with(o, ignored), annotating(m{f5WebSocket: names})), policy.Services{}
	},
	"annotations": func(n int) (string, *policy.Object, policy.Services) {
		o := classed("nginx", m{}, "chat")
		for _, key := range numbered("example.com/", n) {
			o.Annotations[key] = "x"
		}
		return "ingress-nginx", o, policy.Services{}
	},
	"unknown annotations of Traefik": func(n int) (string, *policy.Object, policy.Services) {
		o := classed("traefik", m{}, "chat")
		for _, key := range numbered("traefik.ingress.kubernetes.io/router.middleware", n) {
			o.Annotations[key] = "x"
		}
		return "traefik", o, policy.Services{}
	},
	"typos": func(n int) (string, *policy.Object, policy.Services) {
		o := classed("nginx", m{}, "chat")
		for _, key := range numbered(policy.Prefix+"idle-timeou", n) {
			o.Annotations[key] = "1h"
		}
		return "ingress-nginx", o, policy.Services{}
	},
}

func numbered(prefix string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = prefix + strconv.Itoa(i)
	}
	return all
}

func largeInput(name string, n int) policy.Input {
	of, o, services := large[name](n)
	in := served(policy.Default(), dialect.ByName(of), o)
	in.Services = services
	return in
}

// BenchmarkSizes shows what an item costs, for the numbers of items up to the bound.
func BenchmarkSizes(b *testing.B) {
	for name := range large {
		for _, n := range []int{100, 1_000, 10_000} {
			b.Run(fmt.Sprintf("%s/n=%d", name, n), func(b *testing.B) {
				in := largeInput(name, n)
				for b.Loop() {
					policy.Evaluate(in)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/item")
			})
		}
	}
}

// allocated is what an evaluation allocates for n items.
func allocated(name string, n int) float64 {
	in := largeInput(name, n)
	return testing.AllocsPerRun(1, func() { policy.Evaluate(in) })
}

func TestTheAllocationsForAnItemDoNotGrowWithTheirNumber(t *testing.T) {
	for name := range large {
		t.Run(name, func(t *testing.T) {
			few, many := allocated(name, 1_000), allocated(name, 8_000)
			assert.Less(t, many, 12*few+100, "eight times as many items")
		})
	}
}

func TestAboveTheBoundNothingIsChanged(t *testing.T) {
	for _, name := range []string{
		"paths of Contour", "listed paths of Contour", "commas for Contour", "backends of F5", "cookies of F5", "attributes of AWS", "filters of Skipper", "recorded names", "recorded entries",
	} {
		t.Run(name, func(t *testing.T) {
			result := policy.Evaluate(largeInput(name, 10_001))
			assert.Empty(t, result.Changes, "the record included")
			require.Len(t, result.Findings, 1)
			assert.Equal(t, policy.RuleTooManyItems, result.Findings[0].Rule)
			assert.Equal(t, policy.Author, result.Findings[0].Actor)
			assert.Contains(t, result.Findings[0].Warning(), "10001")

			within := policy.Evaluate(largeInput(name, 9_000))
			for _, f := range within.Findings {
				assert.NotEqual(t, policy.RuleTooManyItems, f.Rule)
			}
		})
	}
	_, o, _ := large["recorded names"](10_001)
	undone := policy.Undo(o)
	assert.Empty(t, undone.Changes)
	assert.Equal(t, policy.RuleTooManyItems, undone.Findings[0].Rule)
}

// keysOf returns that many keys with a prefix.
func keysOf(prefix string, n int) map[string]string {
	all := make(map[string]string, n)
	for i := range n {
		all[prefix+strconv.Itoa(i)] = ""
	}
	return all
}

// A webhook doesn't read the keys above the bound, so it can't count them.
func TestAboveTheBoundOfKeysNothingIsChanged(t *testing.T) {
	for name, c := range map[string]struct {
		labels, annotations map[string]string
		warning             string
	}{
		"annotations": {nil, keysOf("x", 10_001),
			"metadata.annotations: nothing was changed, because there are more than 10000 annotations and Holdfast handles at most 10000"},
		"labels": {keysOf(policy.Prefix, 12_000), nil,
			"metadata.labels: nothing was changed, because there are more than 10000 labels under holdfast.dev/ and Holdfast handles at most 10000"},
		"as many annotations as may be": {nil, keysOf("x", 10_000), ""},
		"labels of others":              {keysOf("x", 12_000), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := ingress(c.annotations)
			o.Labels = c.labels
			result := policy.Evaluate(served(policy.Default(), dialect.ByName("ingress-nginx"), o))
			if c.warning == "" {
				assert.NotEmpty(t, result.Changes)
				return
			}
			assert.Empty(t, result.Changes)
			require.Len(t, result.Findings, 1)
			assert.Equal(t, policy.RuleTooManyItems, result.Findings[0].Rule)
			assert.Contains(t, result.Findings[0].Warning(), c.warning)
		})
	}
}

// An element takes a hundred times the memory of its text.
func TestElementsFarAboveTheLimitTakeNoMemory(t *testing.T) {
	for key, c := range map[string]struct{ controller, separator string }{
		"projectcontour.io/websocket-routes":                 {"contour", ","},
		"nginx.org/websocket-services":                       {"nginx-inc", ","},
		"nginx.com/sticky-cookie-services":                   {"nginx-inc", ";"},
		"zalando.org/skipper-filter":                         {"skipper", " -> "},
		"alb.ingress.kubernetes.io/load-balancer-attributes": {"aws-alb", ","},
	} {
		o := ingress(map[string]string{
			key: strings.Repeat("a"+c.separator, 500_000), policy.RecordAnnotation: `{"` + key + `#idle_timeout.timeout_seconds":{"set":"3600"}}`,
		})
		in := served(policy.Default(), dialect.ByName(c.controller), o)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		result := policy.Evaluate(in)
		runtime.ReadMemStats(&after)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20), key)
		assert.Empty(t, result.Changes, key)
		require.NotEmpty(t, result.Findings, key)
		assert.Contains(t, result.Findings[0].Warning(), "500000 elements and Holdfast handles at most 10000", key)
	}
}
