package oracle

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// twice makes the same write again. It may change something only where it does so
// without Holdfast.
func (r *run) twice(w *Write, before, after *unstructured.Unstructured) (*Failure, error) {
	if w == create || w == export {
		return nil, nil
	}
	r.again = true
	was := r.pair
	taken, failure, err := r.write(w, before, after)
	if failure != nil || err != nil || !taken {
		return failure, err
	}
	if was.Without.GetResourceVersion() != r.pair.Without.GetResourceVersion() {
		return nil, nil
	}
	problems := sameVersion(was.With, r.pair.With)
	if exemption := r.exemptTwice(w, after, was); len(problems) > 0 && exemption != "" {
		r.counts.Exempted[exemption]++
		return r.twiceMore(w, before, after)
	}
	return r.check(ruleTwice, problems), nil
}

// exemptTwice returns the name of the exemption for a second write that changes
// something; empty for none.
func (r *run) exemptTwice(w *Write, manifest *unstructured.Unstructured, first Pair) string {
	_, forged := manifest.GetAnnotations()[recordAnnotation]
	same := sameContent(first.With, r.pair.With)
	switch {
	case w.Applier != "" && loneTimeout(manifest):
		return exemptLoneTimeout
	case forged && (isIgnored(manifest) || same):
		return exemptForged
	case same && (first.With.GetAnnotations()[recordAnnotation] != "" || emptyAffinityConfig(manifest)):
		return exemptOwnership
	case first.differsOnlyWhereOpen(r.pair.With):
		return exemptUntraced
	}
	return ""
}

// differsOnlyWhereOpen reports whether an object differs from the one with Holdfast
// only where nothing tells whose a value is: what was removed with its reason, by the
// write that brought it, is there again by the next one.
func (p Pair) differsOnlyWhereOpen(second *unstructured.Unstructured) bool {
	differences := different(p.With, second)
	for _, place := range differences {
		if place != recordAnnotation && !p.open(place) {
			return false
		}
	}
	return len(differences) > 0
}

// sameContent reports whether two objects differ in nothing but their owners.
func sameContent(a, b *unstructured.Unstructured) bool {
	content := func(u *unstructured.Unstructured) map[string]any {
		u = stored(u)
		u.SetResourceVersion("")
		return u.Object
	}
	return equal(content(a), content(b))
}

// twiceMore makes the same write a third time, which has no exemption, and a fourth time
// if the third has only changed owners: the API server keeps the updates of a manager
// apart by the second in which they were made, so a later one may split what it owns.
func (r *run) twiceMore(w *Write, before, after *unstructured.Unstructured) (*Failure, error) {
	for fourth := false; ; fourth = true {
		was := r.pair
		_, failure, err := r.write(w, before, after)
		if failure != nil || err != nil {
			return failure, err
		}
		problems := sameVersion(was.With, r.pair.With)
		if fourth || len(problems) == 0 || !sameContent(was.With, r.pair.With) {
			return r.check(ruleTwice, problems), nil
		}
	}
}

// loneTimeout reports whether a manifest has a timeout of ClientIP without ClientIP.
func loneTimeout(u *unstructured.Unstructured) bool {
	kind, _, _ := unstructured.NestedString(u.Object, "spec", "sessionAffinity")
	_, there, _ := unstructured.NestedFieldNoCopy(u.Object, "spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds")
	return there && kind == ""
}

// emptyAffinityConfig reports whether a manifest has a sessionAffinityConfig without a
// timeout. What was injected into it is gone with it, and then who owned that.
func emptyAffinityConfig(u *unstructured.Unstructured) bool {
	_, there, _ := unstructured.NestedFieldNoCopy(u.Object, "spec", "sessionAffinityConfig")
	_, timeout, _ := unstructured.NestedFieldNoCopy(u.Object, "spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds")
	return there && !timeout
}

// timeoutBesideNone reports whether a manifest has a timeout of ClientIP, and None. A
// patch of what differs has only the timeout, if None was there before.
func timeoutBesideNone(u *unstructured.Unstructured) bool {
	kind, seconds := affinityOf(u)
	return kind == "None" && seconds != 0
}

// readBack writes the object as it was read. It may change something only where that
// does so without Holdfast.
func (r *run) readBack(_ *Write, _, _ *unstructured.Unstructured) (*Failure, error) {
	r.again = true
	answer, err := r.putBack(r.With, r.pair.With)
	if err != nil {
		return nil, err
	}
	if !answer.ok() {
		return r.check(ruleReadBack, []Problem{problem("", "%d %s: %s", answer.Code, answer.Reason, cut(answer.Message))}), nil
	}
	problems := sameVersion(r.pair.With, answer.Object)
	if len(problems) > 0 {
		without, err := r.putBack(r.Without, r.pair.Without)
		if err != nil || !without.ok() || len(sameVersion(r.pair.Without, without.Object)) > 0 {
			return nil, errors.Join(err, errStop)
		}
	}
	return r.check(ruleReadBack, problems), nil
}

func (r *run) putBack(to Server, u *unstructured.Unstructured) (Response, error) {
	body, err := json.Marshal(u)
	if err != nil {
		return Response{}, err
	}
	return r.request(to, Request{
		Method: http.MethodPut, Kind: r.Kind, Name: u.GetName(), ContentType: jsonType, Body: body, Query: url.Values{"fieldManager": {"reader"}},
	})
}

// history creates the object as the user sees it, in a dry run, and compares.
func (r *run) history(_ *Write, _, _ *unstructured.Unstructured) (*Failure, error) {
	u := r.pair.Without
	if tooLargeToInject(u) {
		return nil, nil
	}
	fresh := usersView(u)
	if u.GetGenerateName() == "" {
		fresh.SetName(u.GetName())
	}
	annotations := fresh.GetAnnotations()
	delete(annotations, recordAnnotation)
	fresh.SetAnnotations(annotations)
	body, err := json.Marshal(fresh)
	if err != nil {
		return nil, err
	}
	answer, err := r.request(r.Fresh, Request{
		Method: http.MethodPost, Kind: r.Kind, ContentType: jsonType, Body: body,
		Query: url.Values{"fieldManager": {"kubectl-create"}, "dryRun": {"All"}},
	})
	switch {
	case err != nil:
		return nil, err
	case !answer.ok():
		r.counts.Exempted[exemptRefusedAnew]++
		return nil, nil
	}
	return r.check(ruleHistory, historyMatters(r.pair, answer.Object)), nil
}
