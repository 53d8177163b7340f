package policy_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// noClass returns an Ingress without spec.ingressClassName.
func noClass(annotations m) *policy.Object {
	return &policy.Object{Kind: policy.Ingress, Annotations: annotations}
}

func legacy(class string) *policy.Object {
	return noClass(m{"kubernetes.io/ingress.class": class})
}

func TestWhichControllerServesAnIngress(t *testing.T) {
	known := dialect.ByName("ingress-nginx")
	const (
		controller = "k8s.io/ingress-nginx"
		byPolicy   = policy.ByPolicy
		byClass    = policy.ByIngressClass
		byName     = policy.ByClassName
		unresolved = policy.ByNobody
	)
	classes := func(cs ...policy.IngressClass) []policy.IngressClass { return cs }
	for name, c := range map[string]struct {
		object  *policy.Object
		classes []policy.IngressClass
		policy  string
		want    policy.Controller
	}{
		"the class's usual name, where no IngressClass can be read": {
			object: ingress(nil), want: policy.Controller{Class: "nginx", Dialect: known, Source: byName},
		},
		"the IngressClass's controller": {
			object: ingressOf("edge", nil), classes: classes(policy.IngressClass{Name: "edge", Controller: controller}),
			want: policy.Controller{Class: "edge", Dialect: known, Source: byClass},
		},
		"the IngressClass beats the usual name": {
			object: ingress(nil), classes: classes(policy.IngressClass{Name: "nginx", Controller: "example.com/other"}),
			want: policy.Controller{Class: "nginx", Dialect: nil, Source: byClass, Unknown: "example.com/other"},
		},
		"the policy beats the IngressClass": {
			object: ingressOf("edge", nil), classes: classes(policy.IngressClass{Name: "edge", Controller: "example.com/other"}),
			policy: "ingressClasses: {edge: {dialect: ingress-nginx}}",
			want:   policy.Controller{Class: "edge", Dialect: known, Source: byPolicy},
		},
		"the policy beats the usual name": {
			object: ingress(nil), policy: "ingressClasses: {nginx: {dialect: ingress-nginx}}",
			want: policy.Controller{Class: "nginx", Dialect: known, Source: byPolicy},
		},
		"the policy's entries for other classes are ignored": {
			object: ingressOf("edge", nil), policy: `ingressClasses: {old: {dialect: ingress-nginx}, "": {dialect: ingress-nginx}}`,
			want: policy.Controller{Class: "edge"},
		},
		"the policy names the IngressClass's controller": {
			object: ingressOf("edge", nil), classes: classes(policy.IngressClass{Name: "edge", Controller: "example.com/nginx"}),
			policy: "controllers: {example.com/nginx: {dialect: ingress-nginx, options: {riskLevel: Low}}}",
			want:   policy.Controller{Class: "edge", Dialect: known, Options: dialect.Options{"riskLevel": "Low"}, Source: byPolicy},
		},
		"the policy's controllers beat the table": {
			object: ingress(nil), classes: classes(policy.IngressClass{Name: "nginx", Controller: controller}),
			policy: "controllers: {k8s.io/ingress-nginx: {dialect: traefik-nginx}}",
			want:   policy.Controller{Class: "nginx", Dialect: dialect.ByName("traefik-nginx"), Source: byPolicy},
		},
		"the policy's ingressClasses beat its controllers": {
			object: ingressOf("edge", nil), classes: classes(policy.IngressClass{Name: "edge", Controller: "example.com/nginx"}),
			policy: "ingressClasses: {edge: {dialect: ingress-nginx}}\ncontrollers: {example.com/nginx: {dialect: none}}",
			want:   policy.Controller{Class: "edge", Dialect: known, Source: byPolicy},
		},
		"the policy's controllers aren't names of classes": {
			object: ingressOf("edge", nil), classes: classes(policy.IngressClass{Name: "edge", Controller: "example.com/other"}),
			policy: "controllers: {example.com/edge: {dialect: ingress-nginx}}",
			want:   policy.Controller{Class: "edge", Source: byClass, Unknown: "example.com/other"},
		},
		"the policy leaves a controller alone": {
			object: ingress(nil), classes: classes(policy.IngressClass{Name: "nginx", Controller: controller}),
			policy: "controllers: {k8s.io/ingress-nginx: {dialect: none}}",
			want:   policy.Controller{Class: "nginx", Source: byPolicy},
		},
		"the policy leaves a class alone": {
			object: ingress(nil), policy: "ingressClasses: {nginx: {dialect: none}}",
			want: policy.Controller{Class: "nginx", Source: byPolicy},
		},
		"an unknown class": {object: ingressOf("edge", nil), want: policy.Controller{Class: "edge", Source: unresolved}},
		"a controller is known by its whole name": {
			object: ingressOf("edge", nil), classes: classes(policy.IngressClass{Name: "edge", Controller: controller + "/internal"}),
			want: policy.Controller{Class: "edge", Source: byClass, Unknown: controller + "/internal"},
		},
		"a class is known by its whole name": {object: ingressOf("nginx-internal", nil), want: policy.Controller{Class: "nginx-internal"}},
		"the legacy annotation":              {object: legacy("nginx"), want: policy.Controller{Class: "nginx", Dialect: known, Source: byName}},
		"the legacy annotation of an IngressClass": {
			object: legacy("edge"), classes: classes(policy.IngressClass{Name: "edge", Controller: controller}),
			want: policy.Controller{Class: "edge", Dialect: known, Source: byClass},
		},
		"the legacy annotation and the policy": {
			object: legacy("edge"), policy: "ingressClasses: {edge: {dialect: ingress-nginx}}",
			want: policy.Controller{Class: "edge", Dialect: known, Source: byPolicy},
		},
		"the field beats the legacy annotation": {
			object: ingressOf("other", m{"kubernetes.io/ingress.class": "nginx"}), want: policy.Controller{Class: "other"},
		},
		"the legacy annotation beats the default class": {
			object: legacy("other"), classes: classes(policy.IngressClass{Name: "nginx", Controller: controller, Default: true}),
			want: policy.Controller{Class: "other"},
		},
		"the cluster's one default class": {
			object: noClass(nil), classes: classes(
				policy.IngressClass{Name: "other", Controller: "example.com/other"},
				policy.IngressClass{Name: "edge", Controller: controller, Default: true},
			),
			want: policy.Controller{Class: "edge", Dialect: known, Source: byClass},
		},
		"the default class, named in the policy": {
			object: noClass(nil), classes: classes(policy.IngressClass{Name: "edge", Controller: "example.com/other", Default: true}),
			policy: "ingressClasses: {edge: {dialect: ingress-nginx}}",
			want:   policy.Controller{Class: "edge", Dialect: known, Source: byPolicy},
		},
		"two default classes count as no default": {
			object: noClass(nil), classes: classes(
				policy.IngressClass{Name: "edge", Controller: controller, Default: true},
				policy.IngressClass{Name: "other", Controller: controller, Default: true},
			),
			want: policy.Controller{},
		},
		"the policy's entry for no class beats the default class": {
			object: noClass(nil), classes: classes(policy.IngressClass{Name: "other", Controller: "example.com/other", Default: true}),
			policy: `ingressClasses: {"": {dialect: ingress-nginx}}`,
			want:   policy.Controller{Class: "", Dialect: known, Source: byPolicy},
		},
		"no class at all":                   {object: noClass(nil), want: policy.Controller{}},
		"an empty class is no class":        {object: ingressOf("", nil), want: policy.Controller{}},
		"an empty legacy class is no class": {object: legacy(""), want: policy.Controller{}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, policyFile(t, c.policy).ResolveController(c.object, c.classes))
		})
	}
}

// Each controller has rules of its own about which Ingresses it serves.
func TestHowEachControllerFindsItsIngresses(t *testing.T) {
	const legacyKey = "kubernetes.io/ingress.class"
	const onlyAnnotation = `is ignored: GKE Ingress reads only the annotation kubernetes.io/ingress.class; remove this field and set that to "gce"`
	autoMode := []policy.IngressClass{{Name: "alb", Controller: "eks.amazonaws.com/alb"}}
	both := func(field, annotation string) *policy.Object { return ingressOf(field, m{legacyKey: annotation}) }
	for name, c := range map[string]struct {
		object  *policy.Object
		classes []policy.IngressClass
		policy  string
		// want is the dialect's name; empty if no controller is known.
		want    string
		problem string
	}{
		"nginx is ingress-nginx's by default":                             {object: ingressOf("nginx", nil), want: "ingress-nginx"},
		"nginx is F5's if its IngressClass names it":                      {object: ingressOf("nginx", nil), classes: []policy.IngressClass{{Name: "nginx", Controller: "nginx.org/ingress-controller"}}, want: "nginx-inc"},
		"nginx is Traefik's only if the policy names it":                  {object: ingressOf("nginx", nil), policy: "ingressClasses: {nginx: {dialect: traefik-nginx}}", want: "traefik-nginx"},
		"haproxy is HAProxy Technologies' by default":                     {object: ingressOf("haproxy", nil), want: "haproxytech"},
		"haproxy is the community's if its IngressClass names it":         {object: ingressOf("haproxy", nil), classes: []policy.IngressClass{{Name: "haproxy", Controller: "haproxy-ingress.github.io/controller"}}, want: "haproxy-ingress"},
		"one of several installations":                                    {object: ingressOf("edge", nil), classes: []policy.IngressClass{{Name: "edge", Controller: "haproxy.org/ingress-controller/edge"}}, want: "haproxytech"},
		"not an installation of it":                                       {object: ingressOf("edge", nil), classes: []policy.IngressClass{{Name: "edge", Controller: "haproxy.org/ingress-controller-edge"}}},
		"F5 puts the annotation first":                                    {object: both("alb", "f5"), classes: everyClass, want: "nginx-inc"},
		"ingress-nginx puts the field first":                              {object: both("nginx", "alb"), classes: everyClass, want: "ingress-nginx"},
		"each leaves it to the other":                                     {object: both("f5", "nginx"), classes: everyClass, problem: `is ignored, because the annotation kubernetes.io/ingress.class names "nginx"; remove one of them`},
		"an unknown class in the field and a known one in the annotation": {object: both("unheard-of", "nginx"), classes: everyClass},
		"AGIC by its controller's name in the annotation":                 {object: legacy("azure/application-gateway"), want: "azure-agic"},
		"AGIC by its class":                                               {object: ingressOf("azure-application-gateway", nil), classes: everyClass, want: "azure-agic"},
		"AGIC under another class's name":                                 {object: ingressOf("gateway", nil), classes: []policy.IngressClass{{Name: "gateway", Controller: "azure/application-gateway"}}, problem: `is ignored by Azure's Application Gateway, which serves only the class "azure-application-gateway"`},
		"Cilium under another class's name":                               {object: ingressOf("cilium-internal", nil), classes: []policy.IngressClass{{Name: "cilium-internal", Controller: "cilium.io/ingress-controller"}}, problem: `is ignored by Cilium, which serves only the class "cilium"`},
		"Cilium regardless of the IngressClass":                           {object: ingressOf("cilium", nil), classes: []policy.IngressClass{{Name: "cilium", Controller: "example.com/x"}}, want: "cilium"},
		"Kong under another class's name":                                 {object: ingressOf("kong-internal", nil), classes: []policy.IngressClass{{Name: "kong-internal", Controller: "ingress-controllers.konghq.com/kong"}}, want: "kong"},
		"Contour regardless of the IngressClass":                          {object: ingressOf("contour", nil), classes: []policy.IngressClass{{Name: "contour", Controller: "example.com/x"}}, want: "contour"},
		"Contour by its own annotation":                                   {object: ingressOf("nginx", m{"projectcontour.io/ingress.class": "contour"}), classes: everyClass, want: "contour"},
		"Contour's annotation for another class":                          {object: ingressOf("nginx", m{"projectcontour.io/ingress.class": "nginx"}), classes: everyClass, want: "ingress-nginx"},
		"GKE by the annotation":                                           {object: legacy("gce-internal"), want: "gke"},
		"GKE by the annotation, with the policy's options":                {object: legacy("gce"), policy: "ingressClasses: {gce: {dialect: gke, options: {backendConfig: holdfast}}}", want: "gke"},
		"GKE never by the field":                                          {object: ingressOf("gce", nil), policy: "ingressClasses: {gce: {dialect: gke}}", problem: onlyAnnotation},
		"GKE never by the field, in any cluster":                          {object: ingressOf("gce", nil), problem: onlyAnnotation},
		"GKE never by the field, if an IngressClass has its name":         {object: ingressOf("gce", nil), classes: []policy.IngressClass{{Name: "gce", Controller: "example.com/x"}}, problem: onlyAnnotation},
		"GKE by the annotation beside the field":                          {object: both("gce", "gce"), want: "gke"},
		"a class that the policy leaves alone may have any name":          {object: ingressOf("gce", nil), policy: "ingressClasses: {gce: {dialect: none}}"},
		"EKS Auto Mode by its IngressClass":                               {object: ingressOf("alb", nil), classes: autoMode, want: "eks-auto"},
		"EKS Auto Mode never by the annotation":                           {object: legacy("alb"), classes: autoMode, problem: `is ignored: EKS Auto Mode reads only spec.ingressClassName; set that to "alb" and remove this annotation`},
		"EKS Auto Mode whatever the annotation says":                      {object: both("alb", "f5"), classes: append(autoMode, everyClass...), want: "eks-auto"},
		"EKS Auto Mode in the annotation of another controller's Ingress": {object: both("f5", "alb"), classes: append(autoMode, everyClass...), problem: `is ignored, because the annotation kubernetes.io/ingress.class names "alb"; remove one of them`},
		"alb is Alibaba's if its IngressClass says so":                    {object: legacy("alb"), classes: []policy.IngressClass{{Name: "alb", Controller: "ingress.k8s.alibabacloud/alb"}}, want: "alibaba-alb"},
		"alb is AWS's if its IngressClass says so, in any cloud":          {object: legacy("alb"), classes: everyClass, policy: "cloud: alibaba", want: "aws-alb"},
		"alb is AWS's in the field of manifests without IngressClasses":   {object: ingressOf("alb", nil), want: "aws-alb"},
		"alb is anybody's in the annotation without an IngressClass":      {object: legacy("alb"), problem: "may be that of AWS Load Balancer Controller or Alibaba Cloud ALB Ingress Controller, so nothing was injected; an admin can set cloud in the policy"},
		"alb in AWS's cloud":                                              {object: legacy("alb"), policy: "cloud: aws", want: "aws-alb"},
		"alb in Alibaba's cloud":                                          {object: legacy("alb"), policy: "cloud: alibaba", want: "alibaba-alb"},
		"alb in the field in Alibaba's cloud":                             {object: ingressOf("alb", nil), policy: "cloud: alibaba", want: "alibaba-alb"},
		"alb if the policy names the class":                               {object: legacy("alb"), policy: "ingressClasses: {alb: {dialect: aws-alb}}", want: "aws-alb"},
		"GKE without any class, if the policy names it":                   {object: noClass(nil), policy: `ingressClasses: {"": {dialect: gke}}`, want: "gke"},
		"a usual name whose IngressClass doesn't exist":                   {object: ingressOf("traefik", nil), classes: []policy.IngressClass{{Name: "other", Controller: "example.com/x"}}, want: "traefik"},
	} {
		t.Run(name, func(t *testing.T) {
			got := policyFile(t, c.policy).ResolveController(c.object, c.classes)
			name := ""
			if got.Dialect != nil {
				name = got.Dialect.Name
			}
			assert.Equal(t, c.want, name)
			o := clone(c.object)
			in := policy.Input{Object: o, Policy: policyFile(t, c.policy), Controller: got}
			assert.Equal(t, c.problem != "", got.Problem != nil)
			if c.problem != "" {
				assert.Equal(t, "class "+strconv.Quote(got.Class)+" "+c.problem, warningsOf(policy.Evaluate(in))[0].Sentence())
			}
		})
	}
}

func TestTheControllersThatMayServeAService(t *testing.T) {
	p := policyFile(t, `ingressClasses: {f5: {dialect: nginx-inc, options: {edition: plus}}, "": {dialect: gke}}`)
	var names []string
	for _, c := range p.Controllers(append(everyClass, policy.IngressClass{Name: "nginx-internal", Controller: "k8s.io/ingress-nginx"})) {
		names = append(names, c.Name)
	}
	assert.Equal(t, []string{
		"ingress-nginx", "traefik", "nginx-inc", "haproxytech", "haproxy-ingress", "aws-alb", "kong", "contour", "azure-agic", "gke", "skipper",
	}, names, "in the table's order, each controller once")
}

func TestAnIngressThatNoKnownControllerServes(t *testing.T) {
	const (
		remedy  = `, so nothing was injected; correct the name, or ask an admin to add the class to the policy's ingressClasses (holdfast)`
		unknown = `warning: spec.ingressClassName: found no IngressClass "edge"` + remedy
		unset   = `warning: spec.ingressClassName: not set, and the cluster has no single default IngressClass, so nothing was injected; set it (holdfast)`
	)
	check(t, map[string]spec{
		"an unknown class":        {object: ingressOf("edge", nil), want: unknown},
		"an unknown legacy class": {object: legacy("edge"), want: `warning: kubernetes.io/ingress.class: found no IngressClass "edge"` + remedy},
		"a mistyped class":        {object: ingressOf("ngnix", nil), want: `warning: spec.ingressClassName: there is no IngressClass "ngnix"; did you mean "nginx"? (holdfast)`},
		"a mistyped legacy class": {object: legacy("ngnix"), want: `warning: kubernetes.io/ingress.class: there is no IngressClass "ngnix"; did you mean "nginx"? (holdfast)`},
		"a mistyped class that only the policy names": {
			object: ingressOf("edgy", nil), policy: "ingressClasses: {edge: {dialect: ingress-nginx}}",
			want: `warning: spec.ingressClassName: there is no IngressClass "edgy"; did you mean "edge"? (holdfast)`,
		},
		"a mistyped class, and the policy ignores it": {object: ingressOf("ngnix", nil), policy: unknownIgnored},
		"an unknown controller": {
			object: ingressOf("edge", nil), cluster: []policy.IngressClass{{Name: "edge", Controller: "example.com/our-own-proxy"}},
			want: `warning: spec.ingressClassName: Holdfast doesn't know the controller example.com/our-own-proxy of class "edge", so nothing was injected; an admin can name its dialect, or none, under controllers in the policy (holdfast)`,
		},
		"an unknown controller of the default class": {
			object: noClass(nil), cluster: []policy.IngressClass{{Name: "edge", Controller: "example.com/our-own-proxy", Default: true}},
			want: `warning: spec.ingressClassName: Holdfast doesn't know the controller example.com/our-own-proxy of class "edge", so nothing was injected; an admin can name its dialect, or none, under controllers in the policy (holdfast)`,
		},
		"a controller that is probably ingress-nginx": {
			object: ingressOf("edge", nil), cluster: []policy.IngressClass{{Name: "edge", Controller: "k8s.io/acme-ingress-nginx"}},
			want: `warning: spec.ingressClassName: Holdfast doesn't know the controller k8s.io/acme-ingress-nginx of class "edge", so nothing was injected; if it is ingress-nginx, an admin can say so under controllers in the policy (holdfast)`,
		},
		"a controller from the chart of ingress-nginx": {
			object: ingressOf("edge", nil), cluster: []policy.IngressClass{
				policy.ReadIngressClass("edge", "example.com/public", map[string]string{"helm.sh/chart": "ingress-nginx-4.13.2"}, nil),
			},
			want: `warning: spec.ingressClassName: Holdfast doesn't know the controller example.com/public of class "edge", so nothing was injected; if it is ingress-nginx, an admin can say so under controllers in the policy (holdfast)`,
		},
		"a controller that is named by its chart": {
			object: ingressOf("edge", nil), cluster: []policy.IngressClass{
				policy.ReadIngressClass("edge", "example.com/public", map[string]string{"app.kubernetes.io/name": "ingress-nginx"}, nil),
			},
			want: `warning: spec.ingressClassName: Holdfast doesn't know the controller example.com/public of class "edge", so nothing was injected; if it is ingress-nginx, an admin can say so under controllers in the policy (holdfast)`,
		},
		"what an admin is told to do about it": {
			object: ingressOf("edge", nil), cluster: []policy.IngressClass{{Name: "edge", Controller: "k8s.io/acme-ingress-nginx"}},
			policy: "controllers: {k8s.io/acme-ingress-nginx: {dialect: ingress-nginx}}", want: hourlong,
		},
		"no class": {object: noClass(nil), want: unset},
		"an unknown class, and the policy ignores it": {object: ingressOf("edge", nil), policy: unknownIgnored},
		"no class, and the policy ignores it":         {object: noClass(nil), policy: unknownIgnored},
		"no class, and the policy names a dialect":    {object: noClass(nil), policy: `ingressClasses: {"": {dialect: ingress-nginx}}`, want: hourlong},
		"a class that the policy leaves alone": {
			object: with(ingressOf("odd", m{readTimeout: "3600s", "holdfast.dev/idle-timeout": "2h"}), sticky), policy: "ingressClasses: {odd: {dialect: none}}",
		},
		"a controller that the policy leaves alone": {
			object: ingress(m{affinity: "cookie"}), policy: "controllers: {k8s.io/ingress-nginx: {dialect: none}}",
		},
		"what was injected before the class was left alone is removed": {
			object: injected("nginx", nil), policy: "ingressClasses: {nginx: {dialect: none}}",
			want: `
- nginx/proxy-read-timeout: 3600
- nginx/proxy-send-timeout: 3600
- record: {"nginx/proxy-read-timeout":"3600","nginx/proxy-send-timeout":"3600"}`,
		},
		"no class at all is left alone": {object: noClass(nil), policy: `ingressClasses: {"": {dialect: none}}`},
		"a sticky Service of a cluster whose only controller is left alone": {
			object: stickyService(), policy: "controllers: {k8s.io/ingress-nginx: {dialect: none}}",
			want: `
+ /spec/sessionAffinity: ClientIP/10800`,
		},
		"a legacy class": {object: legacy("nginx"), want: hourlong},
		"Holdfast's annotations are still checked": {
			object: ingressOf("edge", m{policy.IdleTimeoutAnnotation: "soon", "holdfast.dev/idel-timeout": "1h"}),
			want: unknown + `
warning: holdfast.dev/idel-timeout: unknown annotation; did you mean holdfast.dev/idle-timeout? (holdfast)
refused: metadata.annotations[holdfast.dev/idle-timeout]: Invalid value: "soon": must be a duration: "1h", "90m", or "3600" for seconds (holdfast)`,
		},
		"a sticky label on it injects nothing": {object: with(ingressOf("edge", nil), sticky), want: unknown},
		"another controller's annotations are not checked": {
			object: ingressOf("edge", m{readTimeout: "3600s", upstreamHash: ";"}), want: unknown,
		},
		"a Service has no class": {object: service()},
	})
}

func TestTwoDefaultClassesAreNoDefault(t *testing.T) {
	p := policyFile(t, "")
	o := noClass(nil)
	got := policy.Evaluate(policy.Input{Object: o, Policy: p, Controller: p.ResolveController(o, []policy.IngressClass{
		{Name: "a", Controller: "k8s.io/ingress-nginx", Default: true}, {Name: "b", Controller: "k8s.io/ingress-nginx", Default: true},
	})})
	assert.Empty(t, got.Changes)
	assert.Len(t, warningsOf(got), 1)
}

func TestTheModesOfANamespace(t *testing.T) {
	for label, want := range map[string]policy.Mode{"enforce": policy.Enforce, "warn": policy.Warn, "audit": policy.Audit} {
		mode, ok := policy.ParseMode(label)
		assert.True(t, ok, label)
		assert.Equal(t, want, mode)
	}
	for _, label := range []string{"", "ignore", "Enforce", "enforce ", "true"} {
		mode, ok := policy.ParseMode(label)
		assert.Empty(t, mode)
		assert.False(t, ok, "%q", label)
	}
}

func TestWhatIsKeptOfANamespace(t *testing.T) {
	all := m{policy.IdleTimeoutAnnotation: "1h", "kubectl.kubernetes.io/last-applied-configuration": "{}", "accept.holdfast.dev/x": "y"}
	assert.Equal(t, m{policy.IdleTimeoutAnnotation: "1h"}, policy.HoldfastAnnotations(all))
	assert.Len(t, all, 3, "the Namespace itself is left as it is")
	assert.Empty(t, policy.HoldfastAnnotations(nil))
}
