package policy_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// longName returns a name as long as the API server allows for a Service, and twice
// as long as most Ingresses are called.
func longName(last string) string { return strings.Repeat("x", 63-len(last)) + last }

// The names of objects are shortened in a sentence before what to do is cut off.
func TestWhatToDoIsntCutOffBesideLongNames(t *testing.T) {
	requests := m{
		policy.IdleTimeoutAnnotation: "576h", policy.ConnectTimeoutAnnotation: "576h", policy.StickyTimeoutAnnotation: "24h",
	}
	foreign := m{
		nginx + "affinity": "cookie", "haproxy-ingress.github.io/session-cookie-keywords": "indirect",
		"alb.ingress.kubernetes.io/target-group-attributes": "stickiness.enabled=true",
		"ingress.kubernetes.io/cookie-persistence":          "route", "konghq.com/read-timeout": "2073600000",
	}
	names := []string{longName("-a"), longName("-b"), longName("-c"), longName("-d")}
	for _, d := range dialect.All() {
		for _, text := range []string{"", "stickySessions: {by: client-address}\n"} {
			for name, o := range map[string]*policy.Object{
				"requests":                   classed("edge", requests, names...),
				"requests and the label":     with(classed("edge", requests, names...), sticky),
				"another's":                  classed("edge", foreign, names...),
				"a sticky Service among all": classed("edge", m{}, names...),
				"a Service":                  with(serviceWith(requests), sticky),
				"another's on a Service":     with(serviceWith(foreign), sticky),
			} {
				o.Name = longName("")
				if d.Name == "gke" && o.ClassName != nil {
					// It reads no other.
					o.ClassName, o.Annotations = nil, maps.Clone(o.Annotations)
					maps.Insert(o.Annotations, maps.All(m{"kubernetes.io/ingress.class": "gce"}))
				}
				s := spec{
					object: o, policy: text + "ingressClasses: {edge: {dialect: " + d.Name + "}}",
					services: policy.Services{Sticky: []policy.StickyService{{Name: names[1]}}},
				}
				assertNothingCutOff(t, d.Name+": "+name, s)
			}
		}
	}
}

func assertNothingCutOff(t *testing.T, name string, s spec) {
	t.Helper()
	in := s.input(t)
	for _, f := range policy.Evaluate(in).Findings {
		if f.Actor == policy.Author {
			assert.NotContains(t, f.WarningFor(in.Object), "… (holdfast)", name)
		} else {
			assert.NotRegexp(t, "…$", f.Note(), name)
		}
	}
}
