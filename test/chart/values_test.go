package chart

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Each of these must fail the install, and the error must hold what was mistyped.
func TestMistypedValuesAreRefusedByName(t *testing.T) {
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
		// values
		`{replicas: 0}`:                  "replicas",
		`{replicas: null}`:               "replicas",
		`{failurePolicy: ignore}`:        "failurePolicy",
		`{timeoutSeconds: 31}`:           "timeoutSeconds",
		`{port: 443}`:                    "port",
		`{excludedNamespaces: [Calico]}`: "excludedNamespaces",
		`{clientCA: ca.crt}`:             "clientCA",
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
	} {
		_, err := tryTemplate(t, withValues(t, values))
		assert.ErrorContains(t, err, name, values)
	}
}
