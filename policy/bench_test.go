package policy_test

import (
	"testing"

	"github.com/holdfast-dev/holdfast/policy"
)

func BenchmarkEvaluate(b *testing.B) {
	p := policy.Default()
	o := classed("nginx", m{"example.com/owner": "chat"}, "chat")
	in := policy.Input{Object: o, Policy: p, Namespace: policy.Namespace{Name: "chat"}, Controller: p.ResolveController(o, everyClass)}
	b.ReportAllocs()
	for b.Loop() {
		policy.Evaluate(in)
	}
}
