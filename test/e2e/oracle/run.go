package oracle

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Server is a Namespace of a cluster as clients reach it.
type Server interface {
	Do(Request) (Response, error)
}

// Worlds are the Namespaces that a scenario goes to.
type Worlds struct {
	// Without never meets Holdfast. It injects in With, and in Fresh, where objects are
	// created in dry runs only.
	Without, With, Fresh Server
}

// run is a scenario that is being tried.
type run struct {
	Scenario
	Worlds
	table  Table
	counts *Counts
	pair   Pair
	// equal are the places that the user wrote although the same was injected.
	equal map[string]bool
	step  int
	again bool
	// manifests are those that both Namespaces have taken.
	manifests []*unstructured.Unstructured
	// created are the deletions of what was created.
	created []deletion
}

// deletion is the request that deletes an object.
type deletion struct {
	server Server
	Request
}

// Run tries a scenario. The failure is nil if all rules hold; the error is about the
// cluster.
func Run(s Scenario, table Table, worlds Worlds, counts *Counts) (*Failure, error) {
	r := &run{
		Scenario: s, Worlds: worlds, table: table, counts: counts, equal: map[string]bool{},
		pair: Pair{Equal: record{}, table: table},
	}
	counts.Scenarios++
	failure, err := r.steps()
	if errors.Is(err, errStop) {
		err = nil
	}
	return failure, errors.Join(err, r.remove())
}

func (r *run) steps() (*Failure, error) {
	for r.step = range r.Steps {
		r.again = false
		step := r.Steps[r.step]
		if r.pair.With == nil && !step.Write.Creates {
			// What came before was refused.
			continue
		}
		before, manifest := r.manifestsOf(step)
		taken, failure, err := r.write(step.Write, before, manifest)
		if failure != nil || err != nil {
			return failure, err
		}
		if !taken {
			continue
		}
		r.manifests = append(r.manifests, manifest)
		for _, check := range []func(*Write, *unstructured.Unstructured, *unstructured.Unstructured) (*Failure, error){r.twice, r.readBack, r.history} {
			if failure, err := check(step.Write, before, manifest); failure != nil || err != nil {
				return failure, err
			}
		}
	}
	return nil, nil
}

// manifestsOf returns what the user wrote before a step, and what the user writes
// now.
func (r *run) manifestsOf(step Step) (before, after *unstructured.Unstructured) {
	before, after = step.Manifest, step.Manifest
	if n := len(r.manifests); n > 0 {
		before = r.manifests[n-1]
	}
	switch {
	case step.Write == export:
		return before, before
	case step.Adopt:
		after = adopted(after, r.pair.With)
	}
	return before, after
}

// do makes the requests of a write in one Namespace; the last answer counts.
func (r *run) do(to Server, w *Write, live, before, after *unstructured.Unstructured) (Response, error) {
	requests, err := w.requests(change{kind: r.Kind, live: live, before: before, after: after})
	if err != nil {
		return Response{}, fmt.Errorf("making the request of %s: %w", w.Name, err)
	}
	answer := Response{Code: http.StatusOK, Object: live}
	for _, request := range requests {
		if answer, err = r.request(to, request); err != nil || !answer.ok() {
			return answer, err
		}
		if request.Method == http.MethodPost || live == nil {
			r.created = append(r.created, deletion{to, Request{Method: http.MethodDelete, Kind: r.Kind, Name: answer.Object.GetName()}})
		}
	}
	return answer, nil
}

func (r *run) request(to Server, request Request) (Response, error) {
	r.counts.Requests++
	return to.Do(request)
}

// write makes a write in both Namespaces. It reports whether they took it.
func (r *run) write(w *Write, before, after *unstructured.Unstructured) (taken bool, _ *Failure, _ error) {
	with, err := r.do(r.With, w, r.pair.With, before, after)
	if err != nil {
		return false, nil, err
	}
	if problems := r.check(ruleWarnings, checkWarnings(with.Warnings)); problems != nil {
		return false, problems, nil
	}
	if with.byHoldfast() {
		failure, err := r.refused(with, w, before, after)
		return false, failure, err
	}
	without, err := r.do(r.Without, w, r.pair.Without, before, after)
	if err != nil {
		return false, nil, err
	}
	if with.Code != without.Code || with.Reason != without.Reason {
		if r.secondApplier(w, with, without) || r.outOfRange(w, with, without) {
			return false, nil, errStop
		}
		return false, r.check(ruleStatus, []Problem{problem(causeOf(with, without), "%d %s with Holdfast, %d %s without it: %s",
			with.Code, with.Reason, without.Code, without.Reason, cut(with.Message+without.Message))}), nil
	}
	r.check(ruleStatus, nil)
	if !with.ok() {
		return false, nil, nil
	}
	if failure := r.check(ruleRefusal, r.table.checkRefusal(with, r.pair.Without, without.Object)); failure != nil {
		return false, failure, nil
	}
	return true, r.stored(w, after, without.Object, with.Object), nil
}

// causeOf returns the field that one of two answers names as the cause of its
// refusal; empty for none.
func causeOf(answers ...Response) string {
	for _, answer := range answers {
		if len(answer.Causes) > 0 {
			return answer.Causes[0].Field
		}
	}
	return ""
}

// errStop ends a scenario whose Namespaces differ from here on for a known reason.
var errStop = errors.New("an exemption ends the scenario")

// secondApplier reports whether only the exemption of that name makes the answers
// differ: one of them is a conflict over nothing but what Holdfast changes.
func (r *run) secondApplier(w *Write, with, without Response) bool {
	conflict := with
	if without.Code == http.StatusConflict {
		conflict = without
	}
	if w.Applier == "" || w.Forces || conflict.Code != http.StatusConflict {
		return false
	}
	for _, cause := range conflict.Causes {
		ours := strings.Contains(cause.Field, "sessionAffinity") || strings.Contains(cause.Field, recordAnnotation)
		if !ours && cause.Field != ".metadata.annotations" && !r.table.namesComposite(cause.Field) {
			return false
		}
	}
	r.counts.Exempted[exemptSecondApplier]++
	return true
}

// outOfRange reports whether only the exemption of that name makes the answers differ.
func (r *run) outOfRange(w *Write, with, without Response) bool {
	if r.pair.With == nil || !w.untraced() || !with.ok() || causeOf(without) != "spec.sessionAffinityConfig.clientIP.timeoutSeconds" {
		return false
	}
	if injected, _ := readRecord(r.pair.With); injected[affinityPointer].Set == "" {
		return false
	}
	r.counts.Exempted[exemptOutsideLimits]++
	return true
}

// refused checks a refusal of Holdfast's: whether the contract has it, and that
// nothing was changed. The Namespace without Holdfast isn't written to, so that both
// stay alike.
func (r *run) refused(answer Response, w *Write, before, after *unstructured.Unstructured) (*Failure, error) {
	r.counts.Refused++
	if w == export {
		// The object was deleted before it was refused, as a new one.
		failure := r.check(ruleRefusal, r.table.checkRefusal(answer, nil, r.pair.Without))
		return failure, errStop
	}
	requests, err := w.requests(change{kind: r.Kind, live: r.pair.Without, before: before, after: after})
	if err != nil || len(requests) == 0 {
		return nil, err
	}
	request := requests[len(requests)-1]
	request.Query = with(request.Query, "dryRun", "All")
	dry, err := r.request(r.Without, request)
	if err != nil || !dry.ok() {
		return nil, err
	}
	if failure := r.check(ruleRefusal, r.table.checkRefusal(answer, r.pair.Without, dry.Object)); failure != nil {
		return failure, nil
	}
	if r.pair.With == nil {
		return nil, nil
	}
	now, err := r.request(r.With, Request{Method: http.MethodGet, Kind: r.Kind, Name: r.pair.With.GetName()})
	if err != nil {
		return nil, err
	}
	return r.check(ruleUntouched, sameVersion(r.pair.With, now.Object)), nil
}

func with(query url.Values, key, value string) url.Values {
	more := url.Values{key: {value}}
	for name, values := range query {
		more[name] = values
	}
	return more
}

// stored takes in what both Namespaces have now, and checks all rules about it.
func (r *run) stored(w *Write, manifest, without, with *unstructured.Unstructured) *Failure {
	lone := loneTimeout(manifest) || w.Partial && timeoutBesideNone(manifest)
	_, forged := manifest.GetAnnotations()[recordAnnotation]
	after := Pair{
		Without: without, With: with, Equal: r.pair.Equal, table: r.table,
		LoneTimeout: r.pair.LoneTimeout || lone, UntracedTimeout: r.pair.UntracedTimeout || lone && (w.untraced() || forged),
		Forged: r.pair.Forged || forged, appliedTimeout: lone && w.Applier != "",
	}
	if r.pair.With != nil {
		r.pair.learn(after)
		for key := range r.pair.Equal {
			r.equal[parseKey(key).place()] = true
		}
	}
	r.pair = after
	r.note()
	for _, rule := range rules {
		if failure := r.check(rule.Name, rule.Check(r.pair)); failure != nil {
			return failure
		}
	}
	return nil
}

// note counts what was injected, and the exemptions that were used.
func (r *run) note() {
	for key := range r.pair.Equal {
		if r.pair.untraced(parseKey(key).place()) {
			r.counts.Exempted[exemptUntraced]++
		}
	}
	if r.pair.UntracedTimeout {
		r.counts.Exempted[exemptLoneUntraced]++
	}
	injected, _ := r.pair.injected()
	for key := range r.pair.With.GetAnnotations() {
		_, users := r.pair.Without.GetAnnotations()[key]
		if _, recorded := injected[key]; !users && !recorded && r.pair.applied(key) {
			r.counts.Exempted[exemptStale]++
		}
	}
	for _, c := range r.table.classes() {
		field, _, _ := unstructured.NestedString(r.pair.With.Object, "spec", "ingressClassName")
		if len(injected) > 0 && r.Kind == Ingress && field == c.field && r.pair.With.GetAnnotations()[legacyClass] == c.legacy {
			r.counts.Injected[c.dialect.Name]++
		}
	}
}

// check returns the failure of a rule; nil if there are no problems.
func (r *run) check(rule string, problems []Problem) *Failure {
	r.counts.Checked[rule]++
	if len(problems) == 0 {
		return nil
	}
	return &Failure{
		Rule: rule, Scenario: r.Scenario, Step: r.step, Again: r.again, Problem: problems[0],
		Equal: r.equal[problems[0].Place], Pair: r.pair,
	}
}

// remove deletes the object in both Namespaces.
func (r *run) remove() error {
	var failed error
	for _, d := range r.created {
		_, err := r.request(d.server, d.Request)
		failed = errors.Join(failed, err)
	}
	return failed
}
