package dialect

import (
	"encoding/json"
	"strconv"
)

// gke is GKE's controller (kubernetes/ingress-gce, v1.41). It never reads
// ingressClassName, and takes an Ingress that has neither that nor the
// annotation. No annotation configures a timeout or stickiness: a Service can
// only name a BackendConfig, and a missing one stops the whole Ingress.
var gke = Dialect{
	Name:      "gke",
	ShortName: "GKE",
	Title:     "GKE Ingress (kubernetes/ingress-gce)",
	Class: Class{
		LegacyValues: []string{"gce", "gce-internal", "gce-regional-external", "gce-multi-cluster"},
		Order:        AnnotationOnly,
	},
	Options: []Option{
		{
			Name: "backendConfig",
			Meaning: "the name of a BackendConfig (spec.timeoutSec, spec.sessionAffinity) that is in every labelled namespace; sticky " +
				"Services get it, and with serviceTimeouts all",
			Check: checkObjectName,
		},
		serviceTimeouts,
	},
	Annotations: []*Annotation{
		{
			Setting: CookieAffinity, On: Service, Key: gkeBackendConfig, Aliases: gkeBeta, Format: gkeConfig{},
			ValueFrom: FromOption{
				Option: "backendConfig",
				Remedy: "set spec.sessionAffinity.affinityType: GENERATED_COOKIE in the BackendConfig of {services}",
			},
			Available: &Availability{Hint: gkeHint},
		},
		{
			Setting: IdleTimeout, On: Service, Key: gkeBackendConfig, Aliases: gkeBeta, Format: gkeConfig{},
			ValueFrom: FromOption{
				Option: "backendConfig",
				Remedy: "set spec.timeoutSec: {value} in the BackendConfig of {services}", Format: plainSeconds,
			},
			Available: &Availability{
				When: hasServiceTimeouts,
				Hint: "a BackendConfig sets it (spec.timeoutSec): create one in every labelled namespace, " +
					"name it as option backendConfig and set serviceTimeouts: true in the policy",
			},
		},
	},
	Unsupported: []Limitation{
		{Setting: ConnectTimeout, Remedy: "GKE has no connect timeout"},
		{Setting: ResponseBuffering, Remedy: "it doesn't buffer responses", NotNeeded: true},
		{Setting: RequestBuffering, Remedy: "it doesn't buffer requests", NotNeeded: true},
		{Setting: AddressAffinity, Remedy: "set sessionAffinity.affinityType: CLIENT_IP in a BackendConfig"},
	},
	Idle:           Idle{Ends: 30 * second, By: "spec.timeoutSec of a BackendConfig; on the classic load balancer it limits the whole connection"},
	TLSAnnotations: []TLSAnnotation{{Key: "ingress.gcp.kubernetes.io/pre-shared-cert"}, {Key: "networking.gke.io/managed-certificates"}},
	Upgrade:        "always on",
}

const (
	gkeBackendConfig = "cloud.google.com/backend-config"
	gkeHint          = "create a BackendConfig (spec.timeoutSec, spec.sessionAffinity) in every labelled namespace, " +
		"and name it as option backendConfig in the policy's ingressClasses"
)

// gkeBeta is read only if the other key isn't set.
var gkeBeta = []string{"beta.cloud.google.com/backend-config"}

// gkeConfig names a BackendConfig, for all ports of a Service or for each.
type gkeConfig struct{}

// Write names one for all ports.
func (gkeConfig) Write(v Value) (string, bool) {
	return `{"default":` + strconv.Quote(v.Text) + `}`, v.Kind == TextValue
}

// Parse accepts JSON that names at least one (pkg/annotations/service.go
// GetBackendConfigs).
func (gkeConfig) Parse(text string) Parsed {
	var names struct {
		Default string
		Ports   map[string]string
	}
	if err := json.Unmarshal([]byte(text), &names); err != nil || names.Default == "" && len(names.Ports) == 0 {
		return Parsed{Problem: "stops every Ingress of the Service, because it names no BackendConfig"}
	}
	return Parsed{Value: SwitchOf(true)}
}

// Expects shows an example.
func (gkeConfig) Expects() string { return `must look like "{\"default\":\"holdfast\"}"` }
