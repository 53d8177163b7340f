package audit

import (
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// longTimer is the shortest timeout that nobody writes for plain requests.
const longTimer = 5 * duration.Minute

// carriesWebSockets reports whether an Ingress shows that WebSockets go through it: it or
// a Service of it has a key of Holdfast's that asks for something, or its author lets
// WebSockets through or wrote a timeout of five minutes or more. What Holdfast injected
// shows nothing, since every Ingress gets that.
func (v *view) carriesWebSockets(i *Ingress) bool {
	if asks(i.Object) {
		return true
	}
	c := v.controllerOf(i.Object).Installation()
	if c.Dialect != nil && asksController(c, i.Object) {
		return true
	}
	for _, backend := range i.Backends {
		service, there := v.services[name{i.Namespace, backend}]
		if there && (asks(service.Object) || c.Dialect != nil && asksController(c, service.Object)) {
			return true
		}
	}
	return false
}

// asks reports whether an object has a key of Holdfast's that asks for something.
func asks(o *policy.Object) bool {
	return hasKeyThatAsks(o.Labels) || hasKeyThatAsks(o.Annotations)
}

func hasKeyThatAsks(m map[string]string) bool {
	for key := range m {
		if strings.HasPrefix(key, policy.Prefix) && key != policy.PolicyLabel && key != policy.RecordAnnotation {
			return true
		}
	}
	return false
}

// asksController reports whether an annotation of its author's asks a controller for
// what WebSockets need.
func asksController(c dialect.Installation, o *policy.Object) bool {
	annotations := policy.AuthorAnnotations(o)
	for a := range c.AnnotationsOn(o.Kind) {
		_, text, written := a.Written(annotations)
		if !written {
			continue
		}
		if a.Setting == dialect.Upgrade || a.Setting.IsIdleTimer() && a.Codec() == nil && a.Format.Parse(text).Value.Duration() >= longTimer {
			return true
		}
	}
	return false
}
