package audit

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

const readTimeout = "nginx.ingress.kubernetes.io/proxy-read-timeout"

func TestACommandEndsAFinding(t *testing.T) {
	web := Object{Kind: "Ingress", Namespace: "shop", Name: "web"}
	key := policy.AnnotationTarget(readTimeout)
	missing := Finding{Object: web, Finding: policy.Finding{Rule: policy.RuleMissingTimeout, Fix: policy.Fix{Target: key, Value: "3600"}}}
	unreadable := Finding{Object: web, Finding: policy.Finding{Rule: policy.RuleInvalidValue, Fix: policy.Fix{Target: key, Value: "1 h"}}}
	useless := Finding{Object: web, Finding: policy.Finding{Rule: policy.RuleUnknownKey, Fix: policy.Fix{Target: key, Remove: true}}}
	asked := Finding{Object: web, Finding: policy.Finding{Rule: policy.RuleUnknownAnnotation, Fix: policy.Fix{Target: key, Remove: true, Withdraws: true}}}

	onService := Finding{Object: web, Finding: policy.Finding{
		Rule: policy.RuleWrongKind, Fix: policy.Fix{Target: policy.LabelTarget(policy.StickyLabel), Value: "true", OnServices: true},
	}}

	for _, test := range []struct {
		name    string
		finding Finding
		mode    policy.Mode
		file    string
		want    string
	}{
		{name: "Holdfast adds it at a write", finding: missing, mode: policy.Enforce, want: "kubectl patch ingress/web -n shop --type=merge -p '{}'"},
		{name: "Holdfast only warns", finding: missing, mode: policy.Warn, want: ""},
		{
			name: "a value is replaced", finding: unreadable, mode: policy.Warn,
			want: "kubectl annotate --overwrite ingress/web -n shop " + readTimeout + "='1 h'",
		},
		{name: "a key is removed", finding: useless, mode: policy.Enforce, want: "kubectl annotate ingress/web -n shop " + readTimeout + "-"},
		{name: "only its author can decide", finding: asked, mode: policy.Enforce, want: ""},
		{name: "a Service gets a label", finding: onService, mode: policy.Warn, want: "kubectl label service/chat -n shop holdfast.dev/sticky-session=true"},
		{name: "a Service of a file", finding: onService, file: "web.yaml", want: ""},
		{name: "in a file", finding: missing, file: "apps/web front.yaml", want: "holdfast fix --yes -f 'apps/web front.yaml'"},
		{name: "in standard input", finding: missing, file: manifest.StandardInput, want: ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			shop := Namespace{Meta: Meta{Object: Object{Name: "shop"}, Labels: map[string]string{policy.PolicyLabel: string(test.mode)}}}
			snapshot := &Snapshot{Live: test.file == "", Namespaces: []Namespace{shop}}
			snapshot.Policy = policy.Default()
			v := newView(snapshot, Options{})
			test.finding.Position.File = test.file
			web := &policy.Object{Kind: policy.Ingress, Namespace: "shop", Name: "web", Backends: []string{"chat"}}
			assert.Equal(t, test.want, v.command(web, &test.finding))
		})
	}
}

func TestANameIsOneWordOfACommand(t *testing.T) {
	for name, want := range map[string]string{
		"web":              "kubectl patch ingress/web -n shop --type=merge -p '{}'",
		"web; reboot":      "kubectl patch 'ingress/web; reboot' -n shop --type=merge -p '{}'",
		"$(reboot)":        "kubectl patch 'ingress/$(reboot)' -n shop --type=merge -p '{}'",
		"it's":             `kubectl patch 'ingress/it'\''s' -n shop --type=merge -p '{}'`,
		"two\nlines of it": "kubectl patch 'ingress/two\nlines of it' -n shop --type=merge -p '{}'",
	} {
		assert.Equal(t, want, patch(Object{Kind: "Ingress", Namespace: "shop", Name: name}, "{}"))
	}
}

// Manifests may have any text as a key, and describe shows commands for them too.
func TestAKeyIsOneWordOfACommand(t *testing.T) {
	web := &policy.Object{Kind: policy.Ingress, Namespace: "shop", Name: "web"}
	key := policy.AnnotationTarget("holdfast.dev/x; reboot")
	removed := policy.Finding{Fix: policy.Fix{Target: key, Remove: true}}
	assert.Equal(t, "kubectl annotate ingress/web -n shop 'holdfast.dev/x; reboot-'", FixCommand(web, removed))
	written := policy.Finding{Fix: policy.Fix{Target: key, Value: "1h"}}
	assert.Equal(t, "kubectl annotate --overwrite ingress/web -n shop 'holdfast.dev/x; reboot'=1h", FixCommand(web, written))
}
