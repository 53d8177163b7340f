package oracle

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// KnownFault is a fault that is being mended. A failure that it explains is counted
// and doesn't fail the test.
type KnownFault struct {
	Name string
	// Explains reports whether a failure is this fault's.
	Explains func(*Failure) bool
	// Reproduction fails for as long as the fault is there.
	Reproduction func(Table) Scenario
}

// KnownFaults are all that is known and not mended. An entry goes when its fault
// does; the test says when.
var KnownFaults = []KnownFault{
	{
		Name: "a timeout that is out of range, without ClientIP, beside which Holdfast adds ClientIP",
		Explains: func(f *Failure) bool {
			about := f.Place == affinityPointer || strings.HasSuffix(f.Place, "timeoutSeconds")
			return about && f.wrote(func(u *unstructured.Unstructured) bool {
				_, seconds := affinityOf(u)
				return loneTimeout(u) && (seconds < 1 || seconds > 86400)
			})
		},
		Reproduction: func(Table) Scenario {
			u := stickyServiceWith(map[string]any{"sessionAffinityConfig": map[string]any{"clientIP": map[string]any{"timeoutSeconds": int64(0)}}})
			u.SetName("no-time")
			return Scenario{Service, []Step{{Write: serverSideApply, Manifest: u}}}
		},
	},
	{
		Name: "W4: a bad holdfast.dev/policy on a Service that has no other key of Holdfast's doesn't call",
		Explains: func(f *Failure) bool {
			return f.Rule == ruleRefusal && f.Place == policyLabel && f.Scenario.Kind == Service && strings.HasSuffix(f.Text, "is admitted")
		},
		Reproduction: func(Table) Scenario {
			u := stickyServiceWith(nil)
			u.SetName("other-policy")
			u.SetLabels(map[string]string{policyLabel: "Ignore"})
			return Scenario{Service, []Step{{Write: create, Manifest: u}}}
		},
	},
	{
		Name: "a user who then writes only sessionAffinity: ClientIP keeps the timeout that was injected with it",
		Explains: func(f *Failure) bool {
			kind, seconds := affinityOf(f.Pair.Without)
			return f.Place == affinityPointer && kind == clientIP && seconds == 10800 && strings.Contains(f.Text, "instead of")
		},
		Reproduction: func(Table) Scenario {
			sticky := stickyServiceWith(nil)
			sticky.SetName("own-type")
			sticky.SetAnnotations(map[string]string{stickyTimeout: "7200"})
			own := stickyServiceWith(map[string]any{"sessionAffinity": clientIP})
			own.SetName("own-type")
			own.SetLabels(nil)
			return Scenario{Service, []Step{{Write: serverSideApply, Manifest: sticky}, {Write: serverSideApply, Manifest: own}}}
		},
	},
	{
		Name: "a timeout that the user applies beside a ClientIP that he wrote without a trace makes only the timeout his",
		Explains: func(f *Failure) bool {
			return f.Place == affinityPointer && f.wrote(loneTimeout) && slices.ContainsFunc(f.Scenario.Steps[:f.Step+1], func(s Step) bool { return s.Adopt })
		},
		Reproduction: func(Table) Scenario {
			sticky, timeout := stickyServiceWith(nil), stickyServiceWith(map[string]any{"sessionAffinityConfig": map[string]any{"clientIP": map[string]any{"timeoutSeconds": int64(60)}}})
			sticky.SetName("adopted")
			timeout.SetName("adopted")
			timeout.SetLabels(nil)
			return Scenario{Service, []Step{{Write: create, Manifest: sticky}, {Write: edit, Manifest: sticky, Adopt: true}, {Write: secondApply, Manifest: timeout}}}
		},
	},
	{
		Name: "a record that the user writes over Holdfast's own makes what was injected the user's, where another manager owns it",
		Explains: func(f *Failure) bool {
			forged := func(u *unstructured.Unstructured) bool { return u.GetAnnotations()[recordAnnotation] != "" }
			return strings.Contains(f.Text, "isn't recorded") && f.wrote(forged)
		},
		Reproduction: func(Table) Scenario {
			sticky, plain := stickyServiceWith(nil), stickyServiceWith(nil)
			sticky.SetName("forged")
			plain.SetName("forged")
			plain.SetLabels(nil)
			forged := plain.DeepCopy()
			forged.SetAnnotations(map[string]string{recordAnnotation: "not JSON"})
			return Scenario{Service, []Step{{Write: create, Manifest: sticky}, {Write: export, Manifest: plain}, {Write: edit, Manifest: forged}}}
		},
	},
	{
		Name: "an empty sessionAffinityConfig of a server-side applier, who owns the timeout that is injected into it",
		Explains: func(f *Failure) bool {
			return f.wrote(emptyAffinityConfig) && (f.Place == affinityPointer || f.Rule == ruleTwice)
		},
		Reproduction: func(Table) Scenario {
			sticky, without := stickyServiceWith(map[string]any{"sessionAffinityConfig": map[string]any{}}), stickyServiceWith(nil)
			sticky.SetName("empty-config")
			sticky.SetAnnotations(map[string]string{stickyTimeout: "90m"})
			without.SetName("empty-config")
			without.SetLabels(nil)
			return Scenario{Service, []Step{{Write: serverSideApply, Manifest: sticky}, {Write: serverSideApply, Manifest: without}}}
		},
	},
}

// wrote reports whether any manifest that was written before the failure is such a
// one.
func (f *Failure) wrote(such func(*unstructured.Unstructured) bool) bool {
	return slices.ContainsFunc(f.Scenario.Steps[:f.Step+1], func(s Step) bool { return such(s.Manifest) })
}

// emptyAffinityConfig reports whether a Service has a sessionAffinityConfig without a
// timeout.
func emptyAffinityConfig(u *unstructured.Unstructured) bool {
	_, there, _ := unstructured.NestedFieldNoCopy(u.Object, "spec", "sessionAffinityConfig")
	_, timeout, _ := unstructured.NestedFieldNoCopy(u.Object, "spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds")
	return there && !timeout
}

// stickyServiceWith returns a sticky Service with further fields.
func stickyServiceWith(fields map[string]any) *unstructured.Unstructured {
	spec := map[string]any{"ports": []any{map[string]any{"port": int64(80)}}}
	merge(spec, fields)
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": string(Service), "metadata": map[string]any{"labels": map[string]any{stickyLabel: "true"}}, "spec": spec,
	}}
}

// ofDialect makes objects of a dialect.
func ofDialect(t Table, name string) *objects {
	o := &objects{random: &random{table: t}, name: "of-" + name}
	for _, c := range t.classes() {
		if c.dialect.Name == name {
			o.class = c
		}
	}
	return o
}
