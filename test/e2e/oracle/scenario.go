// Package oracle says what must hold of any object that Holdfast changes, and makes
// random objects and writes to try it on. Each scenario goes to two Namespaces: one
// that never meets Holdfast, and one in which it injects. What is stored there may
// differ only by what the record says.
//
// A scenario follows from its seed and its number alone, whatever the cluster does:
// the same numbers give the same writes.
package oracle

import (
	"math/rand/v2"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// Kind is the kind of an object.
type Kind string

// The kinds that Holdfast changes.
const (
	Ingress Kind = "Ingress"
	Service Kind = "Service"
)

// Scenario is the life of one object: the writes that its users make.
type Scenario struct {
	Kind  Kind
	Steps []Step
}

// Step is one write.
type Step struct {
	Write *Write
	// Manifest is what the user wants, without what Holdfast injects.
	Manifest *unstructured.Unstructured
	// Adopt says that the user also writes what Holdfast has injected, as his own.
	Adopt bool
}

// Generator makes scenarios.
type Generator struct {
	Table Table
	Seed  uint64
}

// Seldom are the scenarios, by their numbers, whose objects are near a limit of the
// API server. They are slow.
const (
	everyLargeAnnotations, largeAnnotationsAt = 40, 11
	everyLargeObject, largeObjectAt           = 80, 33
)

// Scenario returns the scenario with a number. The numbers go through all dialects
// in turn.
func (g Generator) Scenario(number int) Scenario {
	r := &random{Rand: rand.New(rand.NewPCG(g.Seed, uint64(number))), table: g.Table}
	classes := g.Table.classes()
	o := objects{random: r, name: objectName(number), class: classes[number%len(classes)]}
	switch {
	case number%everyLargeAnnotations == largeAnnotationsAt:
		return o.nearTheAnnotationLimit()
	case number%everyLargeObject == largeObjectAt:
		return o.nearTheObjectLimit()
	case r.percent(60):
		return o.scenario(Ingress)
	default:
		return o.scenario(Service)
	}
}

// objectName returns a name that no other scenario's object has.
func objectName(number int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz"
	var name strings.Builder
	name.WriteString("chat-")
	for n := number; ; n /= len(alphabet) {
		name.WriteByte(alphabet[n%len(alphabet)])
		if n < len(alphabet) {
			return name.String()
		}
	}
}

// scenario returns a life with some changes.
func (o *objects) scenario(kind Kind) Scenario {
	s := Scenario{Kind: kind}
	manifest := o.object(kind)
	habit := pick(o.random, habits)
	first := habit
	switch {
	case o.percent(8):
		first = create
		manifest.SetName("")
		manifest.SetGenerateName(o.name + "-")
	case !first.Creates:
		first = create
	}
	s.Steps = append(s.Steps, Step{Write: first, Manifest: manifest})
	generated := manifest.GetGenerateName() != ""
	for range 1 + o.IntN(4) {
		write := habit
		if o.percent(40) && habit.Applier == "" {
			write = pick(o.random, mixed)
		}
		if habit.Applier != "" && o.percent(30) {
			write = pick(o.random, appliers)
		}
		if write == create || generated && write.NeedsName {
			write = mergePatch
		}
		last := s.Steps[len(s.Steps)-1]
		step := o.change(kind, last.Manifest)
		step.Write = write
		if last.Adopt {
			// What was taken over stays the user's for a while.
			step.Adopt = o.percent(70)
		}
		if generated {
			step.Manifest.SetName("")
			step.Manifest.SetGenerateName(manifest.GetGenerateName())
		}
		s.Steps = append(s.Steps, step)
	}
	return s
}

// change returns a step that changes a manifest in one of the ways in which users
// do.
func (o *objects) change(kind Kind, before *unstructured.Unstructured) Step {
	after := before.DeepCopy()
	switch n := o.IntN(100); {
	case n < 15:
		after = o.object(kind)
	case n < 35:
		toggleLabel(after, stickyLabel, "true")
	case n < 50:
		toggleLabel(after, policyLabel, ignore)
	case n < 65:
		o.changeAnnotation(after, kind)
	case n < 75 && kind == Service:
		o.affinity(after)
	case n < 90:
		return Step{Manifest: after, Adopt: true}
	}
	return Step{Manifest: after}
}

// toggleLabel adds a label, or removes it.
func toggleLabel(u *unstructured.Unstructured, key, value string) {
	labels := u.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	if labels[key] == value {
		delete(labels, key)
	} else {
		labels[key] = value
	}
	u.SetLabels(labels)
}

// changeAnnotation takes an annotation out, or puts further ones in.
func (o *objects) changeAnnotation(u *unstructured.Unstructured, kind Kind) {
	annotations := u.GetAnnotations()
	if len(annotations) > 0 && o.percent(50) {
		delete(annotations, pick(o.random, sortedKeys(annotations)))
		u.SetAnnotations(annotations)
		return
	}
	further := o.annotations(kind)
	for _, key := range sortedKeys(annotations) {
		if _, replaced := further[key]; !replaced {
			further[key] = annotations[key]
		}
	}
	u.SetAnnotations(further)
}

// String returns the steps as a reader can repeat them by hand.
func (s Scenario) String() string {
	var text strings.Builder
	for i, step := range s.Steps {
		text.WriteString("# step " + number(i+1) + ": " + step.Write.Name)
		if step.Adopt {
			text.WriteString(", with what Holdfast had injected written as the user's own")
		}
		text.WriteString("\n" + shown(step.Manifest) + "---\n")
	}
	return text.String()
}

// shown returns an object as YAML, with long texts cut.
func shown(u *unstructured.Unstructured) string {
	if u == nil {
		return "nothing\n"
	}
	text, err := yaml.Marshal(shorten(u.DeepCopy().Object))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// maxShown is how much of a text or of a list is shown.
const maxShown = 400

// shorten cuts long texts and lists.
func shorten(value any) any {
	switch v := value.(type) {
	case string:
		if len(v) > maxShown {
			return strings.ToValidUTF8(v[:maxShown], "") + "… (" + number(len(v)) + " bytes)"
		}
	case map[string]any:
		for key := range v {
			v[key] = shorten(v[key])
		}
	case []any:
		if len(v) > maxShown/10 {
			v = append(v[:3:3], "… "+number(len(v))+" in all")
		}
		for i := range v {
			v[i] = shorten(v[i])
		}
		return v
	}
	return value
}

// ClassesAreKnown returns a scenario that holds only once Holdfast knows the
// IngressClass of the last dialect that injects anything.
func ClassesAreKnown(t Table) Scenario {
	names := t.Injects()
	return Scenario{Ingress, []Step{{Write: create, Manifest: ofDialect(t, names[len(names)-1]).bare()}}}
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
