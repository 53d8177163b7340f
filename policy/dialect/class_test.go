package dialect_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

func TestEachDialectIsFoundByItsNameOnly(t *testing.T) {
	names := map[string]bool{}
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		assert.Empty(t, validation.IsDNS1123Label(d.Name), "policies and metrics carry the name")
		assert.NotEmpty(t, d.Title)
		assert.False(t, names[d.Name], "another one has the name")
		names[d.Name] = true
		assert.Same(t, d, dialect.ByName(d.Name))
		assert.Nil(t, dialect.ByName(d.Name+"x"))
	})
	assert.Len(t, dialect.Names(), len(names))
	for _, unknown := range []string{"", "unknown"} {
		assert.Nil(t, dialect.ByName(unknown))
		assert.Nil(t, dialect.ForController(unknown))
		assert.Nil(t, dialect.ForClass(unknown, ""))
		assert.Nil(t, dialect.ForLegacyValue(unknown))
		assert.Empty(t, dialect.SharingClass(unknown, ""))
	}
}

func TestEachDialectIsFoundByItsClass(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		c := d.Class
		assert.NotZero(t, len(c.Controllers)+len(c.Names)+len(c.LegacyValues), "no class leads to it")
		assert.Contains(t, []dialect.Order{dialect.FieldFirst, dialect.FieldOnly, dialect.AnnotationFirst, dialect.AnnotationOnly}, c.Order)
		assert.False(t, (c.ByName || c.OnlyNames) && len(c.Names) == 0, "a controller that goes by its class name has one")
		for _, controller := range c.Controllers {
			assert.Empty(t, validation.IsDomainPrefixedPath(field.NewPath("spec", "controller"), controller), "the API server takes no such spec.controller")
			assert.Same(t, d, dialect.ForController(controller), "another one has the controller %s", controller)
			assert.Nil(t, dialect.ForController(controller+"x"))
		}
		for _, prefix := range c.Prefixes {
			assert.Empty(t, validation.IsDomainPrefixedPath(field.NewPath("spec", "controller"), prefix+"edge"))
			assert.True(t, strings.HasSuffix(prefix, "/"), "only a domain is owned")
			assert.Same(t, d, dialect.ForController(prefix+"edge"))
			assert.Nil(t, dialect.ForController(strings.TrimSuffix(prefix, "/")))
		}
		for _, name := range c.Names {
			assert.Empty(t, validation.IsDNS1123Subdomain(name), "the API server takes no class %s", name)
			assert.Contains(t, dialect.SharingClass(name, ""), d)
		}
		for _, value := range c.LegacyValues {
			assert.Same(t, d, dialect.ForLegacyValue(value))
			assert.Nil(t, dialect.ForClass(value, ""), "it is the name of no class")
		}
	})
}

func TestSharedClassNames(t *testing.T) {
	shared := map[string][]string{}
	for _, d := range dialect.All() {
		for _, name := range d.Class.Names {
			shared[name] = append(shared[name], d.Name)
		}
	}
	for name, owners := range shared {
		assert.Equal(t, owners[0], dialect.ForClass(name, "").Name, "the first one is meant by %s", name)
		assert.Len(t, dialect.SharingClass(name, ""), len(owners))
		if len(owners) == 1 {
			delete(shared, name)
		}
	}
	assert.Equal(t, map[string][]string{
		"nginx":   {"ingress-nginx", "nginx-inc"},
		"haproxy": {"haproxytech", "haproxy-ingress"},
		"alb":     {"aws-alb", "eks-auto", "alibaba-alb"},
	}, shared)
}

func TestForController(t *testing.T) {
	for controller, want := range map[string]string{
		"k8s.io/ingress-nginx":                             "ingress-nginx",
		"k8s.io/ingress-nginx/internal":                    "",
		"k8s.io/internal-ingress-nginx":                    "ingress-nginx",
		"k8s.io/nginx":                                     "ingress-nginx",
		"k8s.io/wallarm-ingress":                           "ingress-nginx",
		"k8s.io/ingress-nginx-private":                     "",
		"k8s.io/public":                                    "",
		"webapprouting.kubernetes.azure.com/nginx":         "ingress-nginx",
		"approuting.kubernetes.azure.com/nginx-private":    "ingress-nginx",
		"approuting.kubernetes.azure.com":                  "",
		"ingress-nginx.deckhouse.io/nginx":                 "ingress-nginx",
		"rke2.cattle.io/ingress-nginx-migration":           "traefik-nginx",
		"nginx.org/ingress-controller":                     "nginx-inc",
		"traefik.io/ingress-controller":                    "traefik",
		"haproxy.org/ingress-controller":                   "haproxytech",
		"haproxy.org/ingress-controller/edge":              "haproxytech",
		"haproxy.org/ingress-controllerx":                  "",
		"haproxy.org/ingress-controller-edge":              "",
		"haproxy.org/ingress":                              "",
		"haproxy-ingress.github.io/controller":             "haproxy-ingress",
		"haproxy-ingress.github.io/controller/a/b":         "haproxy-ingress",
		"haproxy-ingress.github.io/controllers":            "",
		"ingress.k8s.aws/alb":                              "aws-alb",
		"eks.amazonaws.com/alb":                            "eks-auto",
		"eks.amazonaws.com/nlb":                            "",
		"ingress-controllers.konghq.com/kong":              "kong",
		"apisix.apache.org/apisix-ingress-controller":      "apisix",
		"apisix.apache.org/apisix-ingress-controller/edge": "",
		"azure/application-gateway":                        "azure-agic",
		"cilium.io/ingress-controller":                     "cilium",
		"higress.io/higress-controller":                    "higress",
		"istio.io/ingress-controller":                      "istio",
		"openshift.io/ingress-to-route":                    "openshift",
		"pomerium.io/ingress-controller":                   "pomerium",
		"pomerium.io/ingress-controller-2":                 "",
		"ingress.k8s.alibabacloud/alb":                     "alibaba-alb",
		"citrix.com/ingress-controller":                    "netscaler",
		"alb.networking.azure.io/alb-controller":           "agc",
		"ako.vmware.com/avi-lb":                            "avi",
		"ngrok.com/ingress-controller":                     "ngrok",
		"k8s.ngrok.com/ingress-controller":                 "ngrok",
		"oci.oraclecloud.com/native-ingress-controller":    "oci-native",
		"K8s.io/ingress-nginx":                             "",
	} {
		assert.Equal(t, want, nameOf(dialect.ForController(controller)), controller)
	}
}

func TestResembling(t *testing.T) {
	for controller, want := range map[string]string{
		"k8s.io/acme-ingress-nginx": "ingress-nginx", "k8s.io/nginx-public": "ingress-nginx",
		"k8s.io/traefik": "", "example.com/nginx": "", "xk8s.io/nginx": "", "": "",
	} {
		assert.Equal(t, want, nameOf(dialect.Resembling(controller, "")), controller)
	}
	for chart, want := range map[string]string{"ingress-nginx": "ingress-nginx", "nginx-ingress": "", "": ""} {
		assert.Equal(t, want, nameOf(dialect.Resembling("example.com/our-own-proxy", chart)), chart)
	}
}

func TestForClass(t *testing.T) {
	for class, want := range map[string]string{
		"nginx": "ingress-nginx", "traefik": "traefik", "haproxy": "haproxytech", "alb": "aws-alb", "kong": "kong", "contour": "contour",
		"apisix": "apisix", "azure-application-gateway": "azure-agic", "cilium": "cilium", "higress": "higress", "skipper": "skipper", "istio": "istio",
		"gce": "", "nginx-internal": "", "Nginx": "", "azure/application-gateway": "",
	} {
		assert.Equal(t, want, nameOf(dialect.ForClass(class, "")), class)
	}
}

func TestAClassNameOfControllersOfSeveralClouds(t *testing.T) {
	for cloud, want := range map[string][]string{
		"": {"aws-alb", "eks-auto", "alibaba-alb"}, "aws": {"aws-alb", "eks-auto"}, "alibaba": {"alibaba-alb"}, "other": nil,
	} {
		var names []string
		for _, d := range dialect.SharingClass("alb", cloud) {
			names = append(names, d.Name)
		}
		assert.Equal(t, want, names, cloud)
		if len(want) > 0 {
			assert.Equal(t, want[0], nameOf(dialect.ForClass("alb", cloud)), cloud)
		}
	}
	assert.Equal(t, "ingress-nginx", nameOf(dialect.ForClass("nginx", "aws")))
}

func TestForLegacyValue(t *testing.T) {
	for value, want := range map[string]string{
		"gce": "gke", "gce-internal": "gke", "gce-regional-external": "gke", "gce-multi-cluster": "gke",
		"azure/application-gateway": "azure-agic", "azure-application-gateway": "", "nginx": "", "gke": "",
	} {
		assert.Equal(t, want, nameOf(dialect.ForLegacyValue(value)), value)
	}
}

// Where the annotation and the field name different classes.
func TestClassOrder(t *testing.T) {
	for order, names := range map[dialect.Order][]string{
		dialect.FieldFirst:      {"ingress-nginx", "traefik-nginx", "traefik", "haproxytech", "apisix", "skipper", "pomerium", "oci-native", "agc"},
		dialect.AnnotationFirst: {"nginx-inc", "haproxy-ingress", "aws-alb", "kong", "contour", "azure-agic", "cilium", "higress", "istio", "openshift", "alibaba-alb", "netscaler"},
		dialect.AnnotationOnly:  {"gke"},
		dialect.FieldOnly:       {"eks-auto", "ngrok", "avi"},
	} {
		for _, name := range names {
			assert.Equal(t, order, dialect.ByName(name).Class.Order, name)
		}
	}
}

func TestControllersThatGoByTheClassName(t *testing.T) {
	for _, name := range []string{"kong", "contour", "cilium", "higress", "skipper"} {
		assert.True(t, dialect.ByName(name).Class.ByName, name)
	}
	for _, name := range []string{"azure-agic", "cilium"} {
		assert.True(t, dialect.ByName(name).Class.OnlyNames, "%s serves classes of no other name", name)
	}
	assert.False(t, dialect.ByName("azure-agic").Class.ByName, "it wants the controller and the name")
	assert.Equal(t, "projectcontour.io/ingress.class", dialect.ByName("contour").Class.Annotation)
}

func nameOf(d *dialect.Dialect) string {
	if d == nil {
		return ""
	}
	return d.Name
}
