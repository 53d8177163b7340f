package oracle

import (
	"fmt"
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Pair is one object as it is stored without Holdfast and with it.
type Pair struct {
	Without, With *unstructured.Unstructured
	// Equal are the entries of the record that the user has written too.
	Equal record
	// LoneTimeout says that the user wrote a timeout of ClientIP without ClientIP, which
	// the API server drops where there is no ClientIP.
	LoneTimeout bool
	// UntracedTimeout says that a write brought it that leaves no trace, or whose manager
	// has written the record too.
	UntracedTimeout bool
	// Forged says that the user wrote a record himself.
	Forged bool
	// appliedTimeout says that the last write was a server-side apply of a timeout alone.
	appliedTimeout bool
	table          Table
}

// Problem is what isn't as it must be.
type Problem struct {
	// Place is the annotation or field; empty for the whole object.
	Place string
	Text  string
}

func problem(place, format string, arguments ...any) Problem {
	return Problem{place, fmt.Sprintf(format, arguments...)}
}

// Rule is something that must hold of each object after each write.
type Rule struct {
	Name  string
	Check func(Pair) []Problem
}

// The names of the rules about writes, which run.go checks, beside those of the
// table below.
const (
	ruleStatus    = "what the API server takes without Holdfast it takes with it, and else both say the same"
	ruleRefusal   = "Holdfast refuses exactly what the contract says"
	ruleUntouched = "a refused write changes nothing"
	ruleTwice     = "the same write again changes nothing"
	ruleReadBack  = "an object written back as it was read doesn't change"
	ruleHistory   = "an object is the same as one that is created as it is now"
	ruleWarnings  = "a warning is one line of at most 256 characters, and says who warns"
)

// rules are what must hold of each pair.
var rules = []Rule{
	{"labels and all other metadata are the user's", metadataIsTheUsers},
	{"every annotation of the user's is there, byte for byte", annotationsAreTheUsers},
	{"what was added is exactly what the record says", additionsAreRecorded},
	{"the spec is the user's, but for a recorded session affinity", specIsTheUsers},
	{"an object that is ignored is as if it had never met Holdfast", ignoredIsUntouched},
	{"what was added belongs to no field manager, unless that has the record too", additionsHaveNoOwner},
	{"an Ingress without annotations gets the timers of its controller", bareIngressIsInjected},
	{"a sticky Service that says nothing of its affinity gets ClientIP", stickyServiceIsInjected},
}

// RuleNames returns the names of all rules.
func RuleNames() []string {
	names := []string{ruleStatus, ruleRefusal, ruleUntouched, ruleTwice, ruleReadBack, ruleHistory, ruleWarnings}
	for _, rule := range rules {
		names = append(names, rule.Name)
	}
	return names
}

func metadataIsTheUsers(p Pair) []Problem {
	metadata := func(u *unstructured.Unstructured) map[string]any {
		all, _ := usersView(u).Object["metadata"].(map[string]any)
		delete(all, "annotations")
		return all
	}
	if without, with := metadata(p.Without), metadata(p.With); !equal(without, with) {
		return []Problem{problem("metadata", "%v instead of %v", with, without)}
	}
	return nil
}

// annotationsAreTheUsers takes out what the record says, and looks for what is left
// of the user's.
func annotationsAreTheUsers(p Pair) []Problem {
	injected, _ := p.injected()
	with, without := p.With.GetAnnotations(), p.Without.GetAnnotations()
	var problems []Problem
	for _, key := range sortedKeys(without) {
		if key == recordAnnotation || p.open(key) {
			continue
		}
		text, there := with[key]
		_, isInjected := injected[key]
		was := injected[key].Was
		switch {
		case !there:
			problems = append(problems, problem(key, "is missing; it was %q", cut(without[key])))
		case isInjected && was == nil:
			problems = append(problems, problem(key, "counts as injected, but the user wrote it: %q", cut(without[key])))
		case isInjected && *was == without[key]:
		case text != without[key] && !injected.explains(key, text, without[key]):
			problems = append(problems, problem(key, "is %q instead of %q", cut(text), cut(without[key])))
		}
	}
	return problems
}

// additionsAreRecorded compares what the user didn't write with the record, both
// ways.
func additionsAreRecorded(p Pair) []Problem {
	injected, err := p.injected()
	if err != nil {
		return []Problem{problem(recordAnnotation, "%v", err)}
	}
	with, without := p.With.GetAnnotations(), p.Without.GetAnnotations()
	recorded := map[string]bool{recordAnnotation: true}
	var problems []Problem
	for _, key := range sortedKeys(injected) {
		t := parseKey(key)
		recorded[t.place()] = true
		switch {
		case p.open(t.place()):
		case !holds(p.With, key, injected[key]):
			problems = append(problems, problem(t.place(), "is recorded as %s: %q, but isn't that", key, injected[key].Set))
		case t.element != "" && !injected.explains(t.annotation, with[t.annotation], without[t.annotation]):
			problems = append(problems, problem(t.place(), "is %q, which isn't %q with what is recorded", cut(with[t.annotation]), cut(without[t.annotation])))
		}
	}
	for _, key := range sortedKeys(with) {
		if _, users := without[key]; !users && !recorded[key] && !p.open(key) {
			problems = append(problems, problem(key, "was added and isn't recorded: %q", cut(with[key])))
		}
	}
	return problems
}

func specIsTheUsers(p Pair) []Problem {
	injected, _ := p.injected()
	without, with := usersView(p.Without).Object["spec"], usersView(p.With).Object["spec"]
	_, isInjected := injected[affinityPointer]
	switch {
	case p.open(affinityPointer):
		withoutAffinity(with)
		withoutAffinity(without)
	case isInjected:
		withoutAffinity(with)
	}
	if !equal(without, with) {
		return []Problem{problem(differentField(with, without), "%s instead of %s", cut(fmt.Sprint(with)), cut(fmt.Sprint(without)))}
	}
	return nil
}

// differentField returns the pointer of a field that two specs differ in, that of the
// affinity for both fields of it.
func differentField(with, without any) string {
	a, _ := with.(map[string]any)
	b, _ := without.(map[string]any)
	patch := difference(a, b)
	for _, name := range sortedKeys(patch) {
		return strings.Replace("/spec/"+name, affinityPointer+"Config", affinityPointer, 1)
	}
	return "/spec"
}

// withoutAffinity makes the affinity of a spec the API server's default.
func withoutAffinity(spec any) {
	if fields, ok := spec.(map[string]any); ok {
		fields["sessionAffinity"] = "None"
		delete(fields, "sessionAffinityConfig")
	}
}

func affinityText(u *unstructured.Unstructured) string {
	kind, seconds := affinityOf(u)
	return fmt.Sprint(kind, "/", seconds)
}

// isIgnored reports whether an object is to be left alone.
func isIgnored(u *unstructured.Unstructured) bool { return u.GetLabels()[policyLabel] == ignore }

func ignoredIsUntouched(p Pair) []Problem {
	if !isIgnored(p.Without) {
		return nil
	}
	var problems []Problem
	with, without := p.With.GetAnnotations(), p.Without.GetAnnotations()
	// A record that the user forged is removed if Holdfast is called, and else stays.
	delete(without, recordAnnotation)
	if users, forged := p.Without.GetAnnotations()[recordAnnotation]; forged && with[recordAnnotation] == users {
		delete(with, recordAnnotation)
	}
	for _, key := range union(with, without) {
		mine, there := with[key]
		theirs, also := without[key]
		if (there != also || mine != theirs) && !p.open(key) {
			problems = append(problems, problem(key, "is %q instead of %q", cut(mine), cut(theirs)))
		}
	}
	if affinityText(p.With) != affinityText(p.Without) && !p.open(affinityPointer) {
		problems = append(problems, problem(affinityPointer, "is %s instead of %s", affinityText(p.With), affinityText(p.Without)))
	}
	return problems
}

// additionsHaveNoOwner is about whole annotations. What is added to a composite one
// stands in a value of the user's, and the API server counts its default None as
// written by the client that creates a Service.
func additionsHaveNoOwner(p Pair) []Problem {
	injected, _ := p.injected()
	var problems []Problem
	for _, key := range sortedKeys(injected) {
		t := parseKey(key)
		if t.affinity || t.element != "" || injected[key].Was != nil || p.open(t.place()) {
			continue
		}
		for _, o := range ownersOf(p.With) {
			if o.annotations[key] && !o.annotations[recordAnnotation] {
				problems = append(problems, problem(key, "counts as injected, but belongs to %q", o.name))
			}
		}
	}
	return problems
}

func bareIngressIsInjected(p Pair) []Problem {
	if p.Without.GetKind() != string(Ingress) || isIgnored(p.Without) {
		return nil
	}
	annotations := maps.Clone(p.Without.GetAnnotations())
	delete(annotations, lastApplied)
	legacy, hasLegacy := annotations[legacyClass]
	delete(annotations, legacyClass)
	if len(annotations) > 0 || tooLargeToInject(p.Without) {
		return nil
	}
	field, _, _ := unstructured.NestedString(p.Without.Object, "spec", "ingressClassName")
	var problems []Problem
	for _, c := range p.table.classes() {
		if c.field != field || c.legacy != legacy || hasLegacy && field != "" {
			continue
		}
		for _, key := range c.dialect.always() {
			if _, there := p.With.GetAnnotations()[key]; !there && hasItems(p.Without) {
				problems = append(problems, problem(key, "isn't injected"))
			}
		}
	}
	return problems
}

// hasItems reports whether an Ingress has a Service and a path to name in a list.
func hasItems(u *unstructured.Unstructured) bool {
	text := fmt.Sprint(u.Object["spec"])
	return strings.Contains(text, "service:") && strings.Contains(text, "path:/") && !strings.Contains(text, "path:/a,b")
}

// tooLargeToInject reports whether an object is near a limit of the API server.
func tooLargeToInject(u *unstructured.Unstructured) bool {
	const room = 100 << 10
	size := 0
	for key, text := range u.GetAnnotations() {
		size += len(key) + len(text)
	}
	return size > maxAnnotations-room || protobufSize(u) > maxRequest-room
}

func stickyServiceIsInjected(p Pair) []Problem {
	u := p.Without
	if u.GetKind() != string(Service) || isIgnored(u) || u.GetLabels()[stickyLabel] != "true" || len(withoutNotes(u.GetAnnotations())) > 0 {
		return nil
	}
	kind, _, _ := unstructured.NestedString(u.Object, "spec", "type")
	address, _, _ := unstructured.NestedString(u.Object, "spec", "clusterIP")
	if kind != "ClusterIP" && kind != "NodePort" || address == "None" {
		return nil
	}
	if affinity, _ := affinityOf(p.With); affinity != clientIP {
		return []Problem{problem(affinityPointer, "is %s", affinityText(p.With))}
	}
	return nil
}

// withoutNotes leaves out annotations that nobody reads.
func withoutNotes(annotations map[string]string) map[string]string {
	rest := maps.Clone(annotations)
	delete(rest, lastApplied)
	delete(rest, "example.com/note")
	return rest
}

// historyMatters compares an object with one that was created as it is now.
func historyMatters(p Pair, fresh *unstructured.Unstructured) []Problem {
	mine, _ := p.injected()
	theirs, _ := readRecord(fresh)
	var problems []Problem
	// Elements of a composite annotation may stand in another order.
	composite := map[string]bool{recordAnnotation: true}
	for _, key := range union(mine, theirs) {
		t := parseKey(key)
		composite[t.place()] = composite[t.place()] || t.element != ""
		a, there := mine[key]
		b, also := theirs[key]
		forgotten := t.affinity && p.LoneTimeout
		if (there != also || a.Set != b.Set) && !p.open(t.place()) && !forgotten {
			problems = append(problems, problem(t.place(), "is recorded as %q instead of %q", a.Set, b.Set))
		}
	}
	with, anew := p.With.GetAnnotations(), fresh.GetAnnotations()
	for _, key := range union(with, anew) {
		if with[key] != anew[key] && !composite[key] && !p.open(key) {
			problems = append(problems, problem(key, "is %q instead of %q", cut(with[key]), cut(anew[key])))
		}
	}
	if affinityText(p.With) != affinityText(fresh) && !p.open(affinityPointer) && !p.LoneTimeout {
		problems = append(problems, problem(affinityPointer, "is %s instead of %s", affinityText(p.With), affinityText(fresh)))
	}
	return problems
}

// checkWarnings is the rule about warnings.
func checkWarnings(warnings []string) []Problem {
	const longest = 256
	var problems []Problem
	for _, text := range warnings {
		ours := strings.Contains(text, "holdfast")
		if ours && (len([]rune(text)) > longest || !strings.HasSuffix(text, "(holdfast)") || strings.ContainsAny(text, "\r\n")) {
			problems = append(problems, problem("", "%q has %d characters", text, len([]rune(text))))
		}
	}
	return problems
}

// cut shortens a text for a message.
func cut(text string) string {
	const longest = 300
	if len(text) > longest {
		return strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}
