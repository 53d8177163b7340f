package oracle

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Shrink makes a failing scenario simpler for as long as the same rule fails at the
// same place, until nothing more can be left out or the time is over.
func Shrink(f *Failure, until time.Time, try func(Scenario) (*Failure, error)) *Failure {
	for simpler := true; simpler; {
		simpler = false
		for _, candidate := range f.Scenario.simpler() {
			if time.Now().After(until) {
				return f
			}
			failure, err := try(candidate)
			if err == nil && failure != nil && failure.Rule == f.Rule && failure.Place == f.Place {
				f, simpler = failure, true
				break
			}
		}
	}
	return f
}

// simpler returns the scenarios that have one thing less: a step, a label or an
// annotation of all steps or of one, a part of the spec.
func (s Scenario) simpler() []Scenario {
	var all []Scenario
	for i := range s.Steps {
		if without := slices.Delete(slices.Clone(s.Steps), i, i+1); len(without) > 0 && without[0].Write.Creates {
			all = append(all, Scenario{s.Kind, without})
		}
	}
	for i, step := range s.Steps {
		if step.Adopt {
			steps := slices.Clone(s.Steps)
			steps[i].Adopt = false
			all = append(all, Scenario{s.Kind, steps})
		}
	}
	for _, part := range s.parts() {
		all = append(all, s.without(part, 0, len(s.Steps)))
		if shorter, some := s.withFirst(part); some {
			all = append(all, shorter)
		}
		for i := range s.Steps {
			if part.in(s.Steps[i].Manifest) && len(s.Steps) > 1 {
				all = append(all, s.without(part, i, i+1))
			}
		}
	}
	return all
}

// part is the path of something that a manifest may do without.
type part []string

func (p part) in(u *unstructured.Unstructured) bool {
	_, there, _ := unstructured.NestedFieldNoCopy(u.Object, p...)
	return there
}

// parts returns what any of the manifests could do without.
func (s Scenario) parts() []part {
	var all []part
	seen := map[string]bool{}
	for _, step := range s.Steps {
		for _, parent := range [][]string{{"metadata", "annotations"}, {"metadata", "labels"}, {"spec"}} {
			fields, _, _ := unstructured.NestedMap(step.Manifest.Object, parent...)
			for _, name := range sortedKeys(fields) {
				if id := parent[len(parent)-1] + "/" + name; !seen[id] {
					seen[id] = true
					all = append(all, append(slices.Clone(parent), name))
				}
			}
		}
	}
	return all
}

// without returns the scenario without a part of the manifests of some steps.
func (s Scenario) without(p part, from, to int) Scenario {
	steps := slices.Clone(s.Steps)
	for i := from; i < to; i++ {
		steps[i].Manifest = steps[i].Manifest.DeepCopy()
		unstructured.RemoveNestedField(steps[i].Manifest.Object, p...)
	}
	return Scenario{s.Kind, steps}
}

// withFirst returns the scenario with nothing but the first element of the lists at a
// part; false if they have no more.
func (s Scenario) withFirst(p part) (Scenario, bool) {
	steps, some := slices.Clone(s.Steps), false
	for i := range steps {
		list, there, _ := unstructured.NestedSlice(steps[i].Manifest.Object, p...)
		if !there || len(list) < 2 {
			continue
		}
		steps[i].Manifest, some = steps[i].Manifest.DeepCopy(), true
		fields, _, _ := unstructured.NestedMap(steps[i].Manifest.Object, p[:len(p)-1]...)
		fields[p[len(p)-1]] = list[:1]
		_ = unstructured.SetNestedMap(steps[i].Manifest.Object, fields, p[:len(p)-1]...)
	}
	return Scenario{s.Kind, steps}, some
}
