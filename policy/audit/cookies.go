package audit

import (
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

const (
	msgInsecureCookie policy.Message = `the cookie that keeps a client on its pod is sent without TLS too, although the Ingress has TLS; write "true"`
	msgScriptCookie   policy.Message = `scripts of the page can read the cookie that keeps a client on its pod; write "true"`
)

// cookies finds cookies of the users' own that lack an attribute that protects them.
func cookies(v *view) []Finding {
	var all []Finding
	for o, source := range v.objects() {
		if !v.covers(o.Namespace) {
			continue
		}
		for _, f := range v.unprotected(o) {
			all = append(all, at(ObjectOf(o), source, f))
		}
	}
	return all
}

// unprotected finds the attributes that the cookie of an object lacks, as the controllers
// that serve it with TLS read it.
func (v *view) unprotected(o *policy.Object) []policy.Finding {
	var found []policy.Finding
	for _, c := range v.withTLS(o) {
		if !hasOwnCookie(c, o) {
			continue
		}
		for a := range c.AnnotationsOn(o.Kind) {
			key, text, written := a.Written(o.Annotations)
			if !written {
				key, text = a.Key, a.Default
			}
			if a.ReadOnly || a.Codec() != nil || a.Format.Parse(text).Value != dialect.SwitchOf(false) {
				continue
			}
			f := policy.Finding{
				Rule: policy.RuleInsecureCookie, Actor: policy.Author, Target: policy.AnnotationTarget(key), Controller: c.Name, Setting: a.Setting,
				Found: text, Wanted: "true", Fix: policy.Fix{Target: policy.AnnotationTarget(key), Value: "true"},
			}
			switch a.Setting {
			case dialect.CookieSecure:
				f.Message = msgInsecureCookie
			case dialect.CookieHTTPOnly:
				f.Message = msgScriptCookie
			default:
				continue
			}
			if !slices.Contains(found, f) {
				found = append(found, f)
			}
		}
	}
	return found
}

// withTLS returns the controllers that serve an Ingress, or the Ingresses of a Service,
// with TLS.
func (v *view) withTLS(o *policy.Object) []dialect.Installation {
	var all []dialect.Installation
	add := func(i *policy.Object) {
		if c := v.controllerOf(i).Installation(); c.Dialect != nil && hasTLS(c, i) {
			all = append(all, c)
		}
	}
	if o.Kind.Routes() {
		add(o)
		return all
	}
	for _, i := range v.routedBy[name{o.Namespace, o.Name}] {
		add(i.Object)
	}
	return all
}

// hasOwnCookie reports whether the author of an object switched a cookie on.
func hasOwnCookie(c dialect.Installation, o *policy.Object) bool {
	annotations := policy.AuthorAnnotations(o)
	for a := range c.AnnotationsOn(o.Kind) {
		_, text, written := a.Written(annotations)
		if a.Setting == dialect.CookieAffinity && written && a.Codec() == nil &&
			a.Format.Parse(text).Value == dialect.SwitchOf(true) {
			return true
		}
	}
	return false
}
