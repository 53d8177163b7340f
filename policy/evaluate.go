package policy

import "github.com/holdfast-dev/holdfast/policy/dialect"

// Input is all that Evaluate knows.
type Input struct {
	Object *Object
	// Old is the object as it was before an update; nil otherwise.
	Old       *Object
	Namespace Namespace
	// Controller is the one that serves an Ingress.
	Controller Controller
	// Controllers are those that may serve a Service: nothing on it shows which
	// one does.
	Controllers []dialect.Installation
	// Services are what is known of the Services that an Ingress sends to.
	Services Services
	Policy   *Policy

	// serving are the controllers whose annotations the object may have. Input.prepared
	// sets it, from Controller or Controllers.
	serving []dialect.Installation
}

// Namespace is what is known of the Namespace of an object.
type Namespace struct {
	Name string
	// Annotations has at least what HoldfastAnnotations returns.
	Annotations map[string]string
}

// Evaluate returns the changes for an object and the findings for its author and
// the admins. It first restores the object as it would be without Holdfast, then
// computes the desired annotations from that baseline and returns the difference.
// So it is idempotent, and an injection whose reason is gone (label, class, policy)
// is removed without extra code. If it changes an object that was injected earlier, it
// evaluates again with the clients that wrote the object: what the user wrote too, in
// the same words, is theirs.
func Evaluate(in Input) Result { return evaluate(in).result }

// evaluation has the values of the steps of Evaluate. The zero evaluation is that of an
// object that is being deleted.
type evaluation struct {
	base baseline
	// want are the zero desiredValues, which aren't resolved, if the object is left alone.
	want   desiredValues
	result Result
}

func evaluate(in Input) evaluation {
	if in.Object.Deleting {
		// Removing a finalizer is an update too: it must not meet any rule.
		return evaluation{}
	}
	in = in.prepared()
	e := evaluateWith(in, nil)
	if e.base.dependsOnOwners(e.result.Changes) {
		e = evaluateWith(in, ownersOf(in.Object, in.Old))
	}
	return e
}

// evaluateWith is one evaluation. Without owners everything that the record lists is
// Holdfast's.
func evaluateWith(in Input, who *owners) evaluation {
	var f Findings
	base := restore(in.Object, in.Old, who, &f)
	if finding, found := base.tooManyItems(); found {
		return evaluation{base: base, result: Result{Findings: []Finding{finding}}}
	}
	over := parseOverrides(in, &f)
	if in.Policy.IsOptedOut(in.Object) {
		// The object is restored. Of a Service it is reported that its Ingresses follow, and
		// nothing else.
		var left Findings
		reportFollowers(in, &left)
		changes, ends := diff(&base, nil, nil, &left)
		return evaluation{base: base, result: Result{changes, left.list, ends}}
	}
	reportIgnored(over, &f)
	want := resolve(in, &base, over, &f)
	edits := appendEdits(make([]Edit, 0, usualEdits), in, &base, &want, &f)
	reportObject(in, &want, &f)
	changes, ends := diff(&base, edits, keptModes(in.serving, &base, &want, edits), &f)
	reportPutBack(in, &base, edits, changes, &f)
	reportUnknownKeys(in, &f)
	return evaluation{base, want, Result{changes, f.list, ends}}
}

// appendEdits appends the edits that give the object what is wanted, for each of its
// controllers, and reports what a controller can't do.
func appendEdits(edits []Edit, in Input, base *baseline, want *desiredValues, f *Findings) []Edit {
	edits = sessionAffinity(edits, in, base, want, f)
	for _, c := range in.serving {
		s := assess(c, base, want)
		edits = render(edits, in, &s, base, want, f)
		reportLimitations(in, &s, base, want, f)
		reportUnknownAnnotations(c, base, f)
	}
	return rewriteComposites(distinct(edits), in, base)
}

// usualEdits is how many edits most objects get: a timeout in each direction.
const usualEdits = 2

// Undo returns the changes that remove all that the object's record calls
// Holdfast's and the user hasn't written too. Its changes are those that Evaluate
// returns for an object that is to be left alone. It needs neither a policy nor a
// controller.
func Undo(o *Object) Result {
	var f Findings
	base := restore(o, nil, ownersOf(o, nil), &f)
	if finding, found := base.tooManyItems(); found {
		return Result{Findings: []Finding{finding}}
	}
	changes, ends := diff(&base, nil, nil, &f)
	return Result{changes, f.list, ends}
}

// prepared returns the input with its serving controllers, and without the Services that
// the policy leaves alone.
func (in Input) prepared() Input {
	in.serving = in.controllers()
	in.Services = in.Services.under(in.Policy)
	return in
}

// controllers returns the controllers whose annotations the object may have: its own, or for
// a Service all of the cluster's.
func (in Input) controllers() []dialect.Installation {
	if !in.Object.Kind.Routes() {
		return in.Controllers
	}
	if in.Controller.Dialect == nil {
		return nil
	}
	return []dialect.Installation{in.Controller.Installation()}
}

// reportObject reports what depends on the kind of the object, and not on its
// controller.
func reportObject(in Input, want *desiredValues, f *Findings) {
	if in.Object.Kind.Routes() {
		reportController(in, f)
		reportMissingServices(in, f)
		return
	}
	if finding, found := unusedStickyTimeout(in.Object, want); found {
		f.add(finding)
	}
	reportUnreadTimeouts(in, want, f)
	reportFollowers(in, f)
}

// reportIgnored warns that the policy doesn't let users opt an object out.
func reportIgnored(over overrides, f *Findings) {
	if over.Ignore {
		f.add(Finding{Rule: RuleIgnoreNotHonored, Actor: Author, Message: msgIgnoreNotHonored, Target: LabelTarget(PolicyLabel), Found: Ignore})
	}
}
