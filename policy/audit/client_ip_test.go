package audit

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
)

// aboutAffinity are the rules of which exactly one may find something in each case.
var aboutAffinity = []policy.Rule{
	policy.RuleIneffectiveClientIP, policy.RuleClusterIPAffinity, policy.RuleMissingAffinity, policy.RuleNoEffect, policy.RuleConflictingAnnotation,
}

func TestClientIPThatDoesNotReachThePodsIsSaidOnce(t *testing.T) {
	sticky := map[string]string{policy.StickyLabel: "true"}
	const affinity, upstream = "nginx.ingress.kubernetes.io/affinity", "nginx.ingress.kubernetes.io/service-upstream"
	for name, c := range map[string]struct {
		class            string
		ingress, service map[string]string
		want             []policy.Rule
	}{
		"a Service without the label behind ingress-nginx":    {class: "nginx", want: []policy.Rule{policy.RuleIneffectiveClientIP}},
		"the label of an Ingress that isn't written yet":      {class: "nginx", service: sticky, want: []policy.Rule{policy.RuleMissingAffinity}},
		"an Ingress with a cookie":                            {class: "nginx", ingress: map[string]string{affinity: "cookie"}},
		"a label behind a controller that can't do it":        {class: "contour", service: sticky, want: []policy.Rule{policy.RuleIneffectiveClientIP}},
		"no label behind a controller that can't do it":       {class: "contour", want: []policy.Rule{policy.RuleIneffectiveClientIP}},
		"a controller that has cookies by default":            {class: "openshift-default"},
		"a controller that may send to nodes":                 {class: "alb"},
		"a controller that sends to the ClusterIP":            {class: "nginx", ingress: map[string]string{upstream: "true"}, want: []policy.Rule{policy.RuleClusterIPAffinity}},
		"a sticky Service that is reached by its ClusterIP":   {class: "nginx", ingress: map[string]string{upstream: "true"}, service: sticky, want: []policy.Rule{policy.RuleConflictingAnnotation}},
		"an Ingress that says that clients needn't be sticky": {class: "nginx", ingress: map[string]string{policy.StickyLabel: "false"}, service: sticky},
	} {
		t.Run(name, func(t *testing.T) {
			s := inShop(c.ingress, c.service).Snapshot
			s.IngressClasses = []policy.IngressClass{
				{Name: "nginx", Controller: "k8s.io/ingress-nginx"}, {Name: "contour", Controller: "projectcontour.io/ingress-controller"},
				{Name: "openshift-default", Controller: "openshift.io/ingress-to-route"}, {Name: "alb", Controller: "ingress.k8s.aws/alb"},
			}
			s.Ingresses[0].ClassName = &c.class
			s.Services[0].Fields = []policy.Field{policy.SessionAffinityField(policy.Affinity{Type: policy.AffinityClientIP, Seconds: 10800})}
			var found []policy.Rule
			for _, f := range Find(s, Options{Today: "2026-12-01"}).Findings {
				if slices.Contains(aboutAffinity, f.Rule) && !slices.Contains(found, f.Rule) {
					found = append(found, f.Rule)
				}
			}
			assert.Equal(t, c.want, found)
		})
	}
}
