package audit

import (
	"iter"
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
)

// Mended is an object that changes end findings of.
type Mended struct {
	Object  Object
	Source  Locator
	Changes []policy.Change
}

// Mend returns the changes after which nothing is found any more that has a fix. What they
// write is the author's own. Objects that the policy doesn't cover and findings that are
// accepted are left alone.
func Mend(s *Snapshot, o Options) []Mended {
	mended := *s
	mended.Ingresses, mended.Services = slices.Clone(s.Ingresses), slices.Clone(s.Services)
	m := mending{view: newView(&mended, o), mends: make(map[*policy.Object]*policy.Mend)}
	for range maxPasses {
		if !m.pass() {
			break
		}
	}
	return m.all()
}

// maxPasses is how often all objects are looked at: a label that an Ingress asks for on its
// Service changes the Service, and that its Ingresses.
const maxPasses = 4

// mending is a view whose objects are replaced by changed ones.
type mending struct {
	*view
	// mends are those of the objects, by the object as it is now.
	mends map[*policy.Object]*policy.Mend
}

// pass mends each object, and reports whether an object was changed because of another one,
// so that those that depend on it are to be looked at again.
func (m *mending) pass() (again bool) {
	for i := range m.Services {
		m.mend(&m.Services[i].Object)
	}
	for i := range m.Ingresses {
		for _, f := range m.mend(&m.Ingresses[i].Object) {
			again = m.onServices(&m.Ingresses[i].Object, f) || again
		}
	}
	// The first step asks the engine, as mend has done.
	for _, each := range steps[1:] {
		if m.lacks(each.needs) {
			continue
		}
		for _, f := range each.find(m.view) {
			again = m.carryOut(&f) || again
		}
	}
	return again
}

// carryOut carries out the fix of a finding that the engine doesn't have, if it is about an
// object that the engine evaluates.
func (m *mending) carryOut(f *Finding) (changed bool) {
	if f.Fix == (policy.Fix{}) || f.Fix.Withdraws || m.acceptance(f.Object, f.Rule) != nil {
		return false
	}
	for object, source := range m.evaluated() {
		isIt := ObjectOf(*object) == f.Object && (source == nil || source.Position(f.Target.Path()) == f.Position)
		if isIt && !m.leftOut[f.Object] && !m.Policy.IsOptedOut(*object) {
			m.of(object).CarryOut(f.Finding)
			changed = true
		}
	}
	return changed
}

// evaluated returns where the snapshot holds the objects that the engine evaluates.
func (m *mending) evaluated() iter.Seq2[**policy.Object, Locator] {
	return func(yield func(**policy.Object, Locator) bool) {
		for i := range m.Ingresses {
			if !yield(&m.Ingresses[i].Object, m.Ingresses[i].Source) {
				return
			}
		}
		for i := range m.Services {
			if !yield(&m.Services[i].Object, m.Services[i].Source) {
				return
			}
		}
	}
}

// mend mends one object, and returns the findings whose fixes are for its Services.
func (m *mending) mend(object **policy.Object) []policy.Finding {
	o := *object
	if !m.covers(o.Namespace) || m.leftOut[ObjectOf(o)] {
		return nil
	}
	mend := m.of(object)
	onServices := mend.Run(m.input, func(rule policy.Rule) bool { return m.acceptance(ObjectOf(o), rule) != nil })
	m.replace(object, mend)
	return onServices
}

// of returns the mend of an object.
func (m *mending) of(object **policy.Object) *policy.Mend {
	mend, begun := m.mends[*object]
	if !begun {
		mend = policy.NewMend(*object)
		m.replace(object, mend)
	}
	return mend
}

// replace makes the object of a mend the one in the snapshot.
func (m *mending) replace(object **policy.Object, mend *policy.Mend) {
	delete(m.mends, *object)
	*object = mend.Object
	m.mends[mend.Object] = mend
}

// onServices carries out a fix of an Ingress on the Services that it sends to, if all of
// them are in the snapshot and none of them has another value.
func (m *mending) onServices(ingress **policy.Object, f policy.Finding) bool {
	var services []*Service
	for _, backend := range (*ingress).Backends {
		service, known := m.services[name{(*ingress).Namespace, backend}]
		if !known || m.Policy.IsOptedOut(service.Object) || isOtherwise(service.Object, f.Fix) {
			return false
		}
		services = append(services, service)
	}
	for _, service := range services {
		m.of(&service.Object).Set(policy.Change{Target: f.Fix.Target, To: &f.Fix.Value})
	}
	if f.Fix.Moves {
		m.of(ingress).Set(policy.Change{Target: f.Target})
	}
	return len(services) > 0
}

// isOtherwise reports whether an object has another value where a fix would write one.
func isOtherwise(o *policy.Object, fix policy.Fix) bool {
	entries := o.Labels
	if fix.Target.IsAnnotation() {
		entries = o.Annotations
	}
	text, written := entries[fix.Target.Name]
	return written && text != fix.Value
}

// all returns the objects with changes.
func (m *mending) all() []Mended {
	var all []Mended
	for o, source := range m.objects() {
		if mend, begun := m.mends[o]; begun {
			if changes := mend.Changes(); len(changes) > 0 {
				all = append(all, Mended{ObjectOf(o), source, changes})
			}
		}
	}
	return all
}
