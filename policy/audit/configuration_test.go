package audit

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

func TestWhichConfigMapIsAControllers(t *testing.T) {
	for name, c := range map[string]struct {
		image       string
		arguments   []string
		environment map[string]string
		want        []Object
	}{
		"with the pod's Namespace":   {"ingress-nginx/controller:1", []string{"--configmap=$(POD_NAMESPACE)/nginx"}, nil, []Object{configMapObject("ingress", "nginx")}},
		"behind the flag":            {"haproxytech/kubernetes-ingress", []string{"--configmap", "other/haproxy"}, nil, []Object{configMapObject("other", "haproxy")}},
		"with one dash":              {"nginx/nginx-ingress:5", []string{"-nginx-configmaps=$(POD_NAMESPACE)/config"}, nil, []Object{configMapObject("ingress", "config")}},
		"with a variable":            {"ingress-nginx/controller:1", []string{"--configmap=$(NS)/nginx"}, map[string]string{"NS": "edge"}, []Object{configMapObject("edge", "nginx")}},
		"without the flag":           {"ingress-nginx/controller:1", []string{"--election-id=x"}, nil, nil},
		"by its usual name":          {"quay.io/cilium/operator-generic:v1.20.2", nil, nil, []Object{configMapObject("ingress", "cilium-config")}},
		"of another program":         {"registry.example.com/web:1", []string{"--configmap=ingress/nginx"}, nil, nil},
		"of a controller without it": {"traefik:v3", []string{"--configmap=ingress/nginx"}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := Workload{Meta: Meta{Object: Object{Namespace: "ingress"}}, Containers: []Container{{Image: c.image, Arguments: c.arguments, Environment: c.environment}}}
			assert.Equal(t, c.want, ControllerConfigMaps([]Workload{w}))
		})
	}
}

func configMapObject(namespace, name string) Object {
	return Object{APIVersion: "v1", Kind: "ConfigMap", Namespace: namespace, Name: name}
}

func TestWhatAConfigMapMakesOfTheNotesAboutItsController(t *testing.T) {
	const cilium, higress, contour = "cilium-config", "higress-config", "contour"
	for name, c := range map[string]struct {
		class, controller, image, configMap string
		data                                map[string]string
		want                                string
	}{
		"Cilium's default":              {"cilium", "cilium.io/ingress-controller", "cilium/operator", cilium, nil, "not set"},
		"Cilium with an hour":           {"cilium", "cilium.io/ingress-controller", "cilium/operator", cilium, map[string]string{"proxy-stream-idle-timeout-seconds": "3600"}, ""},
		"Cilium with zero":              {"cilium", "cilium.io/ingress-controller", "cilium/operator", cilium, map[string]string{"proxy-stream-idle-timeout-seconds": "0"}, `"0"`},
		"Higress with an hour":          {"higress", "higress.io/higress-controller", "higress/higress", higress, map[string]string{"higress": "downstream:\n  idleTimeout: 3600\n"}, ""},
		"Higress with its default":      {"higress", "higress.io/higress-controller", "higress/higress", higress, map[string]string{"higress": "downstream:\n  idleTimeout: 180\n"}, `"180"`},
		"Contour with an hour":          {"contour", "projectcontour.io/contour", "projectcontour/contour", contour, map[string]string{"contour.yaml": "timeouts:\n  stream-idle-timeout: 1h\n"}, ""},
		"Contour with a file that isnt": {"contour", "projectcontour.io/contour", "projectcontour/contour", contour, map[string]string{"contour.yaml": "timeouts: ["}, "not set"},
	} {
		t.Run(name, func(t *testing.T) {
			s := inShop(nil, nil).Snapshot
			s.IngressClasses = []policy.IngressClass{{Name: c.class, Controller: c.controller}}
			s.Ingresses[0].ClassName = &c.class
			s.Workloads = append(s.Workloads, Workload{Meta: Meta{Object: Object{Namespace: "edge"}}, Containers: []Container{{Image: c.image}}})
			s.ConfigMaps = []ConfigMap{{Meta: Meta{Object: configMapObject("edge", c.configMap)}, Data: c.data}}
			var found []string
			for _, f := range Find(s, Options{}).Findings {
				if f.Rule == policy.RuleControllerTimeout {
					found = append(found, f.Found)
				}
				assert.False(t, f.Rule == policy.RuleNoAnnotation && f.Setting.String() == "idle-timeout", "the engine's note is there still")
			}
			assert.Equal(t, c.want != "", len(found) == 1)
			if c.want != "" {
				assert.Equal(t, []string{c.want}, found)
			}
		})
	}
}

func TestAnIngressThatAsksForMoreThanThePolicyIsComparedWithTheConfigMap(t *testing.T) {
	for name, c := range map[string]struct {
		image, asked, configured string
		want                     []policy.Rule
	}{
		"which has as much":                   {"projectcontour/contour", "2h", "2h", nil},
		"which has less":                      {"projectcontour/contour", "2h", "1h", []policy.Rule{policy.RuleControllerTimeout, policy.RuleNoEffect}},
		"of a controller not there":           {"traefik", "2h", "2h", []policy.Rule{policy.RuleNoEffect}},
		"which has as much as the policy may": {"projectcontour/contour", "10h", "7200s", nil},
		"which has less than the policy may":  {"projectcontour/contour", "10h", "1h", []policy.Rule{policy.RuleControllerTimeout, policy.RuleNoEffect}},
	} {
		t.Run(name, func(t *testing.T) {
			s := inShop(nil, nil).Snapshot
			s.IngressClasses = []policy.IngressClass{{Name: "contour", Controller: "projectcontour.io/contour"}}
			class := "contour"
			s.Ingresses[0].ClassName = &class
			s.Ingresses[0].Annotations = map[string]string{policy.IdleTimeoutAnnotation: c.asked}
			s.Policy.Timeouts.Read.Maximum, s.Policy.Timeouts.Send.Maximum = 2*duration.Hour, 2*duration.Hour
			s.Workloads = append(s.Workloads, Workload{Meta: Meta{Object: Object{Namespace: "edge"}}, Containers: []Container{{Image: c.image}}})
			s.ConfigMaps = []ConfigMap{{
				Meta: Meta{Object: configMapObject("edge", "contour")},
				Data: map[string]string{"contour.yaml": "timeouts:\n  stream-idle-timeout: " + c.configured + "\n"},
			}}
			var found []policy.Rule
			for _, f := range Find(s, Options{}).Findings {
				if slices.Contains([]policy.Rule{policy.RuleControllerTimeout, policy.RuleNoEffect, policy.RuleNoAnnotation}, f.Rule) {
					found = append(found, f.Rule)
				}
				if f.Rule == policy.RuleControllerTimeout {
					assert.Equal(t, "7200s", f.Wanted)
				}
			}
			assert.Equal(t, c.want, found)
		})
	}
}

func TestAnIngressIsServedByAnyOfSeveralInstallations(t *testing.T) {
	long, short := "stream-idle-timeout: 2h", "stream-idle-timeout: 1h"
	noEffect, note := policy.RuleNoEffect, policy.RuleNoAnnotation
	for name, c := range map[string]struct {
		// first and second are the timeouts in their ConfigMaps; empty for no ConfigMap.
		first, second string
		// short are the Namespaces of the ConfigMaps that are found to be short.
		short []string
		want  []policy.Rule
	}{
		"and both have enough":             {long, long, nil, nil},
		"and only the first has enough":    {long, short, []string{"edge-b"}, []policy.Rule{noEffect}},
		"and only the second has enough":   {short, long, []string{"edge-a"}, []policy.Rule{noEffect}},
		"and neither has enough":           {short, short, []string{"edge-a", "edge-b"}, []policy.Rule{noEffect}},
		"and one has no ConfigMap at all":  {long, "", nil, []policy.Rule{noEffect, note}},
		"and one that is short is alone":   {"", short, []string{"edge-b"}, []policy.Rule{noEffect, note}},
		"and none of them has a ConfigMap": {"", "", nil, []policy.Rule{noEffect, note}},
	} {
		t.Run(name, func(t *testing.T) {
			s := inShop(map[string]string{policy.IdleTimeoutAnnotation: "2h"}, nil).Snapshot
			s.IngressClasses = []policy.IngressClass{{Name: "contour", Controller: "projectcontour.io/contour"}}
			class := "contour"
			s.Ingresses[0].ClassName = &class
			other := *s.Ingresses[0].Object
			other.Name, other.Annotations = "other", nil
			s.Ingresses = append(s.Ingresses, Ingress{Object: &other})
			for namespace, timeouts := range map[string]string{"edge-a": c.first, "edge-b": c.second} {
				// Envoy's pods run Contour's image too, which stops them.
				for _, name := range []string{"contour", "envoy"} {
					s.Workloads = append(s.Workloads, Workload{
						Meta: Meta{Object: Object{Namespace: namespace, Name: name}}, Containers: []Container{{Image: "projectcontour/contour"}},
					})
				}
				if timeouts != "" {
					s.ConfigMaps = append(s.ConfigMaps, ConfigMap{
						Meta: Meta{Object: configMapObject(namespace, "contour")}, Data: map[string]string{"contour.yaml": "timeouts:\n  " + timeouts + "\n"},
					})
				}
			}
			var tooShort []string
			var found []policy.Rule
			for _, f := range Find(s, Options{}).Findings {
				if f.Rule == policy.RuleControllerTimeout {
					tooShort = append(tooShort, f.Object.Namespace)
					assert.Equal(t, "7200s", f.Wanted)
				}
				if f.Rule == noEffect || f.Rule == note {
					found = append(found, f.Rule)
				}
			}
			assert.Equal(t, c.short, tooShort)
			assert.ElementsMatch(t, c.want, found)
		})
	}
}
