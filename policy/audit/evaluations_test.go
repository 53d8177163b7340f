package audit

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

func TestABadValueOnANamespaceIsSaidOnceAndOfTheNamespace(t *testing.T) {
	s := inShop(nil, nil).Snapshot
	s.Namespaces[0].Annotations = map[string]string{policy.IdleTimeoutAnnotation: "2 hours"}
	other := *s.Ingresses[0].Object
	other.Name = "other"
	s.Ingresses = append(s.Ingresses, Ingress{Object: &other})
	var found []Finding
	for _, f := range Find(s, Options{}).Findings {
		if f.Rule == policy.RuleInvalidNamespaceValue {
			found = append(found, f)
		}
	}
	require.Len(t, found, 1)
	assert.Equal(t, s.Namespaces[0].Object, found[0].Object)
	assert.Equal(t, policy.IdleTimeoutAnnotation+`: "2 hours" is ignored: it must be a duration: "1h", "90m", or "3600" for seconds`, found[0].Note())
}

func TestAFindingAboutAClassIsAcceptedByTheClass(t *testing.T) {
	s := inShop(nil, nil).Snapshot
	class := Object{APIVersion: "networking.k8s.io/v1", Kind: "IngressClass", Name: "nginx"}
	s.Classes = []Meta{{Object: class, Annotations: map[string]string{acceptPrefix + "reload-closes-sockets": "it never reloads"}}}
	for _, f := range Find(s, Options{}).Findings {
		if f.Rule == policy.RuleReloadClosesSockets {
			assert.Equal(t, class, f.Object)
			assert.Equal(t, &Acceptance{Reason: "it never reloads"}, f.Accepted)
			return
		}
	}
	assert.Fail(t, "nothing is said of the class")
}

func TestWhatAControllerLacksForAServiceIsSaidOfItsClasses(t *testing.T) {
	s := inShop(nil, map[string]string{policy.StickyLabel: "true"}).Snapshot
	s.IngressClasses = append(s.IngressClasses, policy.IngressClass{Name: "kong-a", Controller: "ingress-controllers.konghq.com/kong"},
		policy.IngressClass{Name: "kong-b", Controller: "ingress-controllers.konghq.com/kong"})
	var classes []string
	for _, f := range Find(s, Options{}).Findings {
		if f.Rule == policy.RuleNoAnnotation && f.Controller == "kong" {
			assert.Equal(t, "IngressClass", f.Object.Kind)
			classes = append(classes, f.Object.Name)
		}
	}
	assert.Equal(t, []string{"kong-a", "kong-b"}, classes)
}

func TestWhatIsReadFromTheServiceIsntMissingIfItIsThere(t *testing.T) {
	const read, send, connect = "konghq.com/read-timeout", "konghq.com/write-timeout", "konghq.com/connect-timeout"
	const connectFor = "holdfast.dev/connect-timeout"
	for name, c := range map[string]struct {
		ingress, service map[string]string
		want             []policy.Rule
	}{
		"the policy's hour":                {nil, map[string]string{read: "3600000", send: "3600000"}, nil},
		"one of the two":                   {nil, map[string]string{read: "3600000"}, []policy.Rule{policy.RuleNoAnnotation}},
		"less than the policy's hour":      {nil, map[string]string{read: "3600000", send: "60000"}, []policy.Rule{policy.RuleNoAnnotation}},
		"what the Ingress asks for":        {map[string]string{policy.IdleTimeoutAnnotation: "2h"}, map[string]string{read: "7200000", send: "7200000"}, nil},
		"less than the Ingress asks for":   {map[string]string{policy.IdleTimeoutAnnotation: "2h"}, map[string]string{read: "3600000", send: "3600000"}, []policy.Rule{policy.RuleWrongKind}},
		"one of what the Ingress asks for": {map[string]string{policy.IdleTimeoutAnnotation: "2h"}, map[string]string{read: "7200000"}, []policy.Rule{policy.RuleWrongKind}},
		"only the read timeout":            {map[string]string{"holdfast.dev/read-timeout": "2h"}, map[string]string{read: "7200000", send: "3600000"}, nil},
		"the timeout to connect":           {map[string]string{connectFor: "10s"}, map[string]string{read: "3600000", send: "3600000", connect: "10000"}, nil},
		"all but the timeout to connect":   {map[string]string{connectFor: "10s"}, map[string]string{read: "3600000", send: "3600000"}, []policy.Rule{policy.RuleWrongKind}},
		"as much as the policy allows":     {map[string]string{policy.IdleTimeoutAnnotation: "10h"}, map[string]string{read: "14400000", send: "14400000"}, nil},
		"less than the policy allows":      {map[string]string{policy.IdleTimeoutAnnotation: "10h"}, map[string]string{read: "14400000"}, []policy.Rule{policy.RuleWrongKind}},
		"what another controller's milliseconds ask for": {
			map[string]string{"haproxy.org/timeout-tunnel": "7200000"}, map[string]string{read: "7200000", send: "7200000"}, nil,
		},
		"less than another controller's milliseconds ask for": {
			map[string]string{"haproxy.org/timeout-tunnel": "7200000"}, map[string]string{read: "3600000", send: "3600000"}, []policy.Rule{policy.RuleWrongKind},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := inShop(nil, nil).Snapshot
			s.Policy.Timeouts.Read.Maximum, s.Policy.Timeouts.Send.Maximum = 4*duration.Hour, 4*duration.Hour
			s.IngressClasses = []policy.IngressClass{{Name: "kong", Controller: "ingress-controllers.konghq.com/kong"}}
			class := "kong"
			s.Ingresses[0].ClassName, s.Ingresses[0].Annotations, s.Services[0].Annotations = &class, c.ingress, c.service
			var found []policy.Rule
			for _, f := range Find(s, Options{}).Findings {
				if f.Rule == policy.RuleNoAnnotation || f.Rule == policy.RuleWrongKind {
					found = append(found, f.Rule)
				}
			}
			assert.Equal(t, c.want, found)
		})
	}
}

func TestAFindingAboutAClassSaysTheLongestTimeThatOneOfItsIngressesNeeds(t *testing.T) {
	for name, c := range map[string]struct {
		wanted []string
		want   string
	}{
		"in seconds":                  {[]string{"3600s", "14400s", "7200s"}, "14400s"},
		"as durations":                {[]string{"2h", "1h30m"}, "2h"},
		"as durations the other way":  {[]string{"1h30m", "2h"}, "2h"},
		"of something without length": {[]string{"enabled", "enabled"}, "enabled"},
	} {
		t.Run(name, func(t *testing.T) {
			var all []Finding
			for _, wanted := range c.wanted {
				all = append(all, Finding{Object: Object{Kind: "IngressClass", Name: "nginx"}, Finding: policy.Finding{Wanted: wanted}})
			}
			found := distinct(all)
			require.Len(t, found, 1)
			assert.Equal(t, c.want, found[0].Wanted)
		})
	}
}

func TestKeysThatNothingReadsOnANamespace(t *testing.T) {
	for name, c := range map[string]struct {
		labels, annotations map[string]string
		want, command       string
	}{
		"what is read there": {annotations: map[string]string{policy.IdleTimeoutAnnotation: "1h", "holdfast.dev/sticky-session-timeout": "1h"}},
		"a typo in an annotation": {
			annotations: map[string]string{"holdfast.dev/idel-timeout": "2h"},
			want:        `holdfast.dev/idel-timeout: unknown annotation; did you mean holdfast.dev/idle-timeout?`,
			command:     "kubectl annotate --overwrite namespace/shop holdfast.dev/idle-timeout=2h && kubectl annotate namespace/shop holdfast.dev/idel-timeout-",
		},
		"a timeout as a label": {
			labels: map[string]string{policy.IdleTimeoutAnnotation: "2h"},
			want:   `holdfast.dev/idle-timeout: must be an annotation; move it from metadata.labels to metadata.annotations`,
			command: "kubectl annotate --overwrite namespace/shop holdfast.dev/idle-timeout=2h && " +
				"kubectl label namespace/shop holdfast.dev/idle-timeout-",
		},
		"the label of Services": {
			labels: map[string]string{policy.StickyLabel: "true"},
			want:   `holdfast.dev/sticky-session: has no effect on a Namespace; write it on the Services that need it`,
		},
		"the mode as an annotation too": {
			annotations: map[string]string{policy.PolicyLabel: "warn"},
			want:        `holdfast.dev/policy: must be a label; move it from metadata.annotations to metadata.labels`,
			command:     "kubectl annotate namespace/shop holdfast.dev/policy-",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := inShop(nil, nil).Snapshot
			maps.Copy(s.Namespaces[0].Labels, c.labels)
			s.Namespaces[0].Annotations = c.annotations
			var found, command string
			for _, f := range Find(s, Options{}).Findings {
				if f.Object.Kind == "Namespace" {
					found, command = found+f.Note(), command+f.Command
				}
			}
			assert.Equal(t, c.want, found)
			assert.Equal(t, c.command, command)
		})
	}
}

func TestOnlyATimerOfAnOpenConnectionEndsAnIdleWebSocket(t *testing.T) {
	s := inShop(map[string]string{policy.IdleTimeoutAnnotation: "2h", "holdfast.dev/connect-timeout": "5s"}, nil).Snapshot
	ends := make(map[string]bool)
	for _, f := range Find(s, Options{}).Findings {
		if f.Rule == policy.RuleMissingTimeout {
			ends[f.Setting.String()] = f.Lifetime != Lifetime{}
		}
	}
	assert.Equal(t, map[string]bool{"read-timeout": true, "send-timeout": true, "connect-timeout": false}, ends)
}
