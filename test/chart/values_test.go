package chart

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
)

// Each of these must fail the install, and the error must hold what was mistyped.
func TestMistypedValuesAreRefusedByName(t *testing.T) {
	t.Parallel()
	for values, name := range map[string]string{
		// keys
		`{replica: 3}`:                                            "replica",
		`{failurepolicy: Fail}`:                                   "failurepolicy",
		`{image: {repo: x}}`:                                      "repo",
		`{certificate: {issuer: {name: x}}}`:                      "issuer",
		`{certificate: {issuerRef: {nam: x}}}`:                    "nam",
		`{resources: {limit: {memory: 1Gi}}}`:                     "limit",
		`{resources: {limits: {memroy: 1Gi}}}`:                    "memroy",
		`{tolerations: [{efect: NoSchedule}]}`:                    "efect",
		`{env: [{name: A, val: B}]}`:                              "val",
		`{policy: {timeout: {}}}`:                                 "timeout",
		`{policy: {timeouts: {reed: {default: 1h}}}}`:             "reed",
		`{policy: {timeouts: {read: {defualt: 1h}}}}`:             "defualt",
		`{policy: {stickySessions: {cookie: {samesite: Lax}}}}`:   "samesite",
		`{policy: {ingressClasses: {nginx: {dialekt: traefik}}}}`: "dialekt",
		`{policy: {metadata: {nam: x}}}`:                          "nam",
		`{policy: {buffering: {responses: disabled}}}`:            "responses",
		`{policy: {stickysessions: {}}}`:                          "stickysessions",
		`{securityContext: {runAsUsr: 1000}}`:                     "runAsUsr",
		`{affinity: {podAffinty: {}}}`:                            "podAffinty",
		`{autoscaling: {min: 2}}`:                                 "min",
		`{log: {lvl: debug}}`:                                     "lvl",
		`{serviceAccount: {annotation: {a: b}}}`:                  "annotation",
		`{networkPolicyEgress: [{port: 6443}]}`:                   "port",
		`{topologySpreadConstraints: [{key: zone}]}`:              "key",
		`{policy: {ingressClasses: {edge: {dialect: kong, options: {serviceTimeout: true}}}}}`: "serviceTimeout",
		// values
		`{replicas: 0}`:                  "replicas",
		`{replicas: null}`:               "replicas",
		`{failurePolicy: ignore}`:        "failurePolicy",
		`{timeoutSeconds: 31}`:           "timeoutSeconds",
		`{port: 443}`:                    "port",
		`{excludedNamespaces: [Calico]}`: "excludedNamespaces",
		`{clientCA: ca.crt}`:             "clientCA",
		"clientCA: |\n  -----BEGIN PRIVATE KEY-----\n  MA==\n  -----END PRIVATE KEY-----\n  -----BEGIN CERTIFICATE-----\n  MA==\n  -----END CERTIFICATE-----\n": "clientCA",
		`{networkPolicy: {egress: []}}`:                                                     "networkPolicy",
		`{log: {level: trace}}`:                                                             "/log/level",
		`{log: {format: logfmt}}`:                                                           "/log/format",
		`{image: {digest: "0123"}}`:                                                         "/image/digest",
		`{image: {pullPolicy: always}}`:                                                     "/image/pullPolicy",
		`{image: {registry: mirror/}}`:                                                      "/image/registry",
		`{revisionHistoryLimit: -1}`:                                                        "revisionHistoryLimit",
		`{commonLabels: {team: a b}}`:                                                       "/commonLabels/team",
		`{deployment: {labels: {team: true}}}`:                                              "/deployment/labels/team",
		`{certificate: {issuerRef: {kind: ClusterIssuer}}}`:                                 "issuerRef",
		`{resources: {limits: {memory: 128M}}}`:                                             "memory",
		`{resources: {requests: {cpu: lots}}}`:                                              "cpu",
		`{podAnnotations: {example.com/on: true}}`:                                          "example.com~1on",
		`{policy: {kind: Policy}}`:                                                          "kind",
		`{policy: {apiVersion: null}}`:                                                      "apiVersion",
		`{policy: {timeouts: {read: {default: soon}}}}`:                                     "/policy/timeouts/read/default",
		`{policy: {timeouts: {send: {maximum: 3600}}}}`:                                     "/policy/timeouts/send/maximum",
		`{policy: {stickySessions: {by: ip}}}`:                                              "/policy/stickySessions/by",
		`{policy: {ingressClasses: {edge: {dialect: nginx-inc, options: {version: 5.4}}}}}`: "options/version",
		`{policy: {ingressClasses: {edge: {dialect: nginx}}}}`:                              "/policy/ingressClasses/edge/dialect",
		`{policy: {corrections: always}}`:                                                   "corrections",
		`{policy: {ignoreLabel: honour}}`:                                                   "ignoreLabel",
		// what only the templates can compare
		`{port: 8080}`:                     "port, healthPort and metricsPort must differ",
		`{hostNetwork: true, port: 10250}`: "10250 belongs to the kubelet",
		`{image: {tag: "0.1.0@` + digest + `", digest: "` + digest + `"}}`: "image.tag has a digest already",
		`{networkPolicyEgress: [{ports: [{port: 6443}]}]}`:                 "networkPolicyEgress has no effect without networkPolicy: true",
		`{autoscaling: {enabled: true, minReplicas: 3, maxReplicas: 2}}`:   "autoscaling.maxReplicas must not be below autoscaling.minReplicas",
		`{resources: {limits: {memory: 1Mi}}}`:                             "resources.limits.memory: 1Mi must be at least 64Mi",
		`{autoscaling: {enabled: true}, resources: {requests: null}}`:      "autoscaling needs resources.requests.cpu",
	} {
		_, err := tryTemplate(t, withValues(t, values))
		assert.ErrorContains(t, err, name, values)
	}
}

// Values that are parts of Kubernetes objects have all their fields, and no other.
func TestTheSchemaKnowsTheFieldsOfKubernetes(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(root, Folder, "values.schema.json"))
	require.NoError(t, err)
	type fields struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	for path, object := range map[string]reflect.Type{
		"podSecurityContext":            reflect.TypeFor[core.PodSecurityContext](),
		"securityContext":               reflect.TypeFor[core.SecurityContext](),
		"affinity":                      reflect.TypeFor[core.Affinity](),
		"tolerations.*":                 reflect.TypeFor[core.Toleration](),
		"topologySpreadConstraints.*":   reflect.TypeFor[core.TopologySpreadConstraint](),
		"networkPolicyEgress.*":         reflect.TypeFor[networking.NetworkPolicyEgressRule](),
		"networkPolicyEgress.*.to.*":    reflect.TypeFor[networking.NetworkPolicyPeer](),
		"networkPolicyEgress.*.ports.*": reflect.TypeFor[networking.NetworkPolicyPort](),
		"autoscaling.behavior":          reflect.TypeFor[autoscaling.HorizontalPodAutoscalerBehavior](),
	} {
		value := json.RawMessage(data)
		for name := range strings.SplitSeq(path, ".") {
			var parent struct {
				fields
				Items json.RawMessage `json:"items"`
			}
			require.NoError(t, json.Unmarshal(value, &parent), path)
			if value = parent.Properties[name]; name == "*" {
				value = parent.Items
			}
		}
		var found fields
		require.NoError(t, json.Unmarshal(value, &found), path)
		var names []string
		for field := range object.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			names = append(names, name)
		}
		assert.ElementsMatch(t, names, slices.Collect(maps.Keys(found.Properties)), path)
	}
}
