package oracle

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Response is the API server's answer.
type Response struct {
	Code            int
	Reason, Message string
	Causes          []meta.StatusCause
	Object          *unstructured.Unstructured
	Warnings        []string
}

// ok reports whether the write was taken.
func (r Response) ok() bool { return r.Code < http.StatusBadRequest }

// byHoldfast reports whether Holdfast refused the write.
func (r Response) byHoldfast() bool {
	return !r.ok() && strings.Contains(r.Message, "holdfast.dev\" denied the request")
}

// mustRefuse returns the labels and annotations because of which the contract
// (section 5) has Holdfast refuse an object: those of its own keys whose value can't
// be read and that this write brought. An object that is ignored is never refused.
func (t Table) mustRefuse(old, u *unstructured.Unstructured) []string {
	if isIgnored(u) {
		return nil
	}
	var keys []string
	add := func(key, text string, before map[string]string, valid bool) {
		if was, there := before[key]; !valid && (!there || was != text) {
			keys = append(keys, key)
		}
	}
	var oldLabels, oldAnnotations map[string]string
	if old != nil {
		oldLabels, oldAnnotations = old.GetLabels(), old.GetAnnotations()
	}
	labels, annotations := u.GetLabels(), u.GetAnnotations()
	if text, there := labels[policyLabel]; there {
		add(policyLabel, text, oldLabels, text == ignore)
	}
	if text, there := labels[stickyLabel]; there {
		add(stickyLabel, text, oldLabels, text == "true" || text == "false")
	}
	if text, there := annotations[stickyTimeout]; there {
		add(stickyTimeout, text, oldAnnotations, isDuration(text, 24*time.Hour))
	}
	for _, key := range sortedKeys(timeoutKeys) {
		text, there := annotations[key]
		if there && (u.GetKind() == string(Ingress) || t.readsTimer(timeoutKeys[key]...)) {
			add(key, text, oldAnnotations, isDuration(text, 24*24*time.Hour))
		}
	}
	return keys
}

// isDuration reports whether a text is whole seconds or a Go duration, from a second
// to the longest.
func isDuration(text string, longest time.Duration) bool {
	d, err := time.ParseDuration(text)
	if seconds, notSeconds := strconv.ParseUint(text, 10, 31); notSeconds == nil {
		d, err = time.Duration(seconds)*time.Second, nil
	}
	return err == nil && !strings.HasPrefix(text, "+") && d >= time.Second && d <= longest
}

// harmful are values of controllers that harm other objects too, by their keys, and
// the dialects that read them so.
var harmful = map[string]struct{ dialect, text string }{
	"nginx.ingress.kubernetes.io/proxy-read-timeout":    {"ingress-nginx", "-1"},
	"nginx.ingress.kubernetes.io/proxy-send-timeout":    {"ingress-nginx", "-1"},
	"nginx.ingress.kubernetes.io/proxy-connect-timeout": {"ingress-nginx", "-1"},
}

// mayRefuse reports whether a refusal's cause is one of the contract's: a key of
// Holdfast's that must be refused, or a value of a controller that this write
// brought. Which of these do harm is the table's knowledge.
func (t Table) mayRefuse(cause string, must []string, old, u *unstructured.Unstructured) bool {
	_, key, _ := strings.Cut(strings.TrimSuffix(cause, "]"), "[")
	if slices.Contains(must, key) {
		return true
	}
	text, there := u.GetAnnotations()[key]
	if !there || !t.isKey(key) {
		return false
	}
	return old == nil || old.GetAnnotations()[key] != text
}

// isHarmful reports whether an Ingress newly has a harmful value that its controller reads.
func isHarmful(key string, old, u *unstructured.Unstructured) bool {
	annotations, bad := u.GetAnnotations(), harmful[key]
	if annotations[key] != bad.text || old != nil && old.GetAnnotations()[key] == bad.text || isIgnored(u) {
		return false
	}
	// ingress-nginx takes no timers from a canary.
	if annotations["nginx.ingress.kubernetes.io/canary"] == "true" {
		return false
	}
	class, _, _ := unstructured.NestedString(u.Object, "spec", "ingressClassName")
	return annotations[legacyClass] == "" && class == "oracle-"+bad.dialect
}

// checkRefusal compares an answer with the contract. The objects are as they would be
// without Holdfast.
func (t Table) checkRefusal(answer Response, old, u *unstructured.Unstructured) []Problem {
	must := t.mustRefuse(old, u)
	for _, key := range sortedKeys(harmful) {
		if isHarmful(key, old, u) {
			must = append(must, key)
		}
	}
	switch {
	case answer.ok() && len(must) > 0:
		return []Problem{problem(must[0], "%q is admitted", u.GetLabels()[must[0]]+u.GetAnnotations()[must[0]])}
	case answer.ok():
		return nil
	case answer.Code != http.StatusUnprocessableEntity || answer.Reason != string(meta.StatusReasonInvalid) || len(answer.Causes) == 0:
		return []Problem{problem("", "a refusal has to be a 422 Invalid with causes: %d %s %s", answer.Code, answer.Reason, cut(answer.Message))}
	}
	for _, cause := range answer.Causes {
		if !t.mayRefuse(cause.Field, must, old, u) {
			return []Problem{problem(cause.Field, "is refused: %s", cut(cause.Message))}
		}
	}
	return nil
}
