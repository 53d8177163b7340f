package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
)

func TestTargets(t *testing.T) {
	for key, want := range map[string]struct {
		target        policy.Target
		pointer, path string
	}{
		"nginx.org/lb-method": {
			target:  policy.AnnotationTarget("nginx.org/lb-method"),
			pointer: "/metadata/annotations/nginx.org~1lb-method", path: "metadata.annotations[nginx.org/lb-method]",
		},
		"example.com/a~b#element": {
			target:  policy.Target{Parent: policy.AnnotationsPointer, Name: "example.com/a~b", Element: "element"},
			pointer: "/metadata/annotations/example.com~1a~0b", path: "metadata.annotations[example.com/a~b]",
		},
		"/spec/sessionAffinity": {
			target:  policy.Target{Parent: "/spec", Name: "sessionAffinity"},
			pointer: "/spec/sessionAffinity", path: "spec.sessionAffinity",
		},
		"/spec/rules/0/timeouts/request": {
			target:  policy.Target{Parent: "/spec/rules/0/timeouts", Name: "request"},
			pointer: "/spec/rules/0/timeouts/request", path: "spec.rules[0].timeouts.request",
		},
		"/spec/a~1b/c~0d": {
			target:  policy.Target{Parent: "/spec/a~1b", Name: "c~d"},
			pointer: "/spec/a~1b/c~0d", path: "spec.a/b.c~d",
		},
	} {
		t.Run(key, func(t *testing.T) {
			got := policy.ParseKey(key)
			assert.Equal(t, want.target, got)
			assert.Equal(t, key, got.Key(), "a record can name it again")
			assert.Equal(t, want.pointer, got.Pointer())
			assert.Equal(t, want.path, got.Path())
		})
	}
}

func TestAPathLeadsBackToItsTarget(t *testing.T) {
	for _, target := range []policy.Target{
		policy.AnnotationTarget("nginx.org/lb-method"),
		policy.AnnotationTarget("a.b/c.d"),
		policy.LabelTarget("app.kubernetes.io/name"),
		policy.FieldTarget("/spec/sessionAffinity"),
		policy.FieldTarget("/spec/rules/0/http/paths/12/backend"),
		policy.FieldTarget("/metadata/annotations"),
		policy.FieldTarget("/spec"),
	} {
		t.Run(target.Path(), func(t *testing.T) {
			assert.Equal(t, target, policy.ParsePath(target.Path()))
		})
	}
}
