package chart

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

const policyHeader = "apiVersion: config.holdfast.dev/v1alpha1\nkind: WebSocketPolicy\n"

// Fields of a policy file, as its readers take or refuse them.
var (
	validPolicies = map[string]string{
		"nothing":                    "cloud: gcp",
		"every field":                "{metadata: {name: strict, labels: {a: b}, annotations: {owner: platform}}, timeouts: {read: {default: 1h, minimum: \"60\", maximum: 24h}, connect: {default: \"5\"}}, buffering: {response: disabled, request: disabled}, stickySessions: {timeout: {default: 2h, maximum: 24h}, by: client-address, cookie: {name: route, maxAge: 90m, path: /chat, sameSite: Lax, secure: true, httpOnly: false}, followServices: false}, ingressClasses: {old: {dialect: ingress-nginx}, \"\": {dialect: traefik}, odd: {dialect: none}}, controllers: {example.com/nginx: {dialect: ingress-nginx, options: {riskLevel: Medium}}, example.com/own: {dialect: none}}, cloud: gcp, corrections: apply, foreignDialects: all, unknownController: ignore, ignoreLabel: warn}",
		"fields without a value":     "{timeouts: {send: , read: {default: }}, stickySessions: {timeout: , by: }, buffering: , ingressClasses: , controllers: , cloud: , corrections: , metadata: }",
		"the least timeout":          "timeouts: {read: {default: 1s}, send: {default: \"1\"}}",
		"the greatest timeout":       "timeouts: {read: {default: 576h}, send: {default: \"2073600\"}, connect: {maximum: 34560m}}",
		"the longest stickiness":     "stickySessions: {timeout: {default: 24h, maximum: \"86400\"}}",
		"a fraction":                 "timeouts: {read: {default: 1.5h}, send: {default: .5h}, connect: {default: 1.s}}",
		"a millisecond more":         "timeouts: {read: {default: 1h0m0.001s, minimum: 3600s}}",
		"every unit":                 "timeouts: {read: {default: 1h2m3s4ms5us6ns}, send: {default: 1h5µs}, connect: {default: 1h5μs}}",
		"leading zeros":              "timeouts: {read: {default: \"0003600\", minimum: 01h}}",
		"equal limits":               "timeouts: {read: {default: 1h30m, minimum: \"5400\", maximum: 90m}}",
		"a maximum at the default":   "timeouts: {read: {maximum: 1h}, send: {minimum: \"3600\"}}",
		"a minimum without default":  "timeouts: {connect: {minimum: 5s, maximum: 10s}}",
		"an empty cookie":            "stickySessions: {cookie: {name: \"\", path: \"\"}}",
		"a long maxAge":              "stickySessions: {cookie: {maxAge: 8760h}}",
		"a switch as a boolean":      "ingressClasses: {a: {dialect: kong, options: {serviceTimeouts: true}}, b: {dialect: aws-alb, options: {grouped: false}}}",
		"a switch as a text":         "ingressClasses: {a: {dialect: kong, options: {serviceTimeouts: \"true\"}}}",
		"no options":                 "ingressClasses: {a: {dialect: kong, options: {}}, b: {dialect: none, options: {}}}",
		"a class with dots":          "ingressClasses: {nginx.example.com: {dialect: ingress-nginx}}",
		"an odd spec.controller":     "controllers: {\"a.b-c.io/x/y_z~%!$&'()*+,;=:.-\": {dialect: none}}",
		"a version with a letter":    "ingressClasses: {a: {dialect: nginx-inc, options: {version: v5.4.1, edition: plus}}}",
		"texts that look like types": "{metadata: {name: \"3600\", annotations: {a: \"true\", b: \"1e3\", c: \"null\", d: \"2027-03-01\", e: \"\"}}, stickySessions: {cookie: {name: \"5.4\"}}}",
		"lines of text":              "metadata: {annotations: {a: \"one\\ntwo: {{ three }}\\n\"}}",
	}
	invalidPolicies = map[string]string{
		"a mistyped field":                   "timeouts: {raed: {default: 1h}}",
		"a field like no other":              "xyzzyplugh: 1",
		"an unquoted number":                 "timeouts: {read: {default: 3600}}",
		"a value that isn't a duration":      "timeouts: {read: {default: soon}}",
		"an empty duration":                  "timeouts: {read: {default: \"\"}}",
		"a negative duration":                "timeouts: {read: {default: \"-1\"}}",
		"a sign":                             "timeouts: {read: {default: +1h}}",
		"days":                               "timeouts: {read: {maximum: 30d}}",
		"a space":                            "timeouts: {read: {default: 1 h}}",
		"capitals":                           "timeouts: {read: {default: 1H}}",
		"an end of line":                     "timeouts: {read: {default: \"1h\\n\"}}",
		"a unit alone":                       "timeouts: {read: {default: h}}",
		"a number behind a unit":             "timeouts: {read: {default: 1h30}}",
		"a long text":                        "timeouts: {read: {default: \"" + strings.Repeat("0", 64) + "1\"}}",
		"zero":                               "timeouts: {read: {default: \"0\"}}",
		"zero of a unit":                     "timeouts: {connect: {minimum: 0s}, send: {maximum: 0h0m}}",
		"too short":                          "timeouts: {connect: {minimum: 500ms}, read: {default: .9s}}",
		"too long":                           "timeouts: {read: {maximum: 577h}, send: {maximum: \"2073601\"}, connect: {default: 576h0m1s}}",
		"longer than Go's durations":         "timeouts: {read: {maximum: \"9223372037\"}, send: {maximum: 9999999h}}",
		"stickiness of two days":             "stickySessions: {timeout: {default: 48h}}",
		"stickiness of a second too much":    "stickySessions: {timeout: {maximum: \"86401\"}}",
		"a minimum above the maximum":        "timeouts: {read: {minimum: 2h, maximum: 1h}}",
		"written in two ways":                "timeouts: {read: {minimum: \"5401\", maximum: 1h30m}}",
		"a default below its minimum":        "timeouts: {send: {default: 59m59s, minimum: \"3600\"}}",
		"a default above its maximum":        "timeouts: {send: {default: \"7201\", maximum: 2h}}",
		"a default outside of both":          "timeouts: {send: {default: 10s, minimum: 1m30s, maximum: 1.5h}}",
		"the built-in default, too short":    "timeouts: {send: {minimum: 2h}}",
		"the built-in default, too long":     "timeouts: {read: {maximum: 30m}}",
		"the built-in default of stickiness": "stickySessions: {timeout: {maximum: 1h}}",
		"a fraction of a second too much":    "timeouts: {read: {default: 1h0.5s, maximum: 1h}}",
		"all limits at once":                 "{timeouts: {read: {minimum: 2h, maximum: 1h}, send: {default: 3h, maximum: 2h}, connect: {default: 600h}}, stickySessions: {timeout: {minimum: 4h}}}",
		"a bad maxAge":                       "stickySessions: {cookie: {maxAge: \"0\"}}",
		"an unknown mode":                    "corrections: yes please",
		"an unknown cloud":                   "cloud: asw",
		"a text for a boolean":               "stickySessions: {followServices: \"no\"}",
		"a list for a mapping":               "timeouts: [1h]",
		"a mapping for a text":               "cloud: {name: aws}",
		"a boolean for a text":               "metadata: {labels: {a: true}}",
		"an unknown dialect":                 "ingressClasses: {edge: {dialect: apache}}",
		"a class without a dialect":          "ingressClasses: {edge: {}}",
		"a class without a value":            "ingressClasses: {edge: }",
		"a controller's unknown dialect":     "controllers: {example.com/x: {dialect: apache}}",
		"a controller without a dialect":     "controllers: {example.com/x: {}}",
		"a controller without a domain":      "controllers: {nginx: {dialect: ingress-nginx}}",
		"a controller without a path":        "controllers: {example.com/: {dialect: ingress-nginx}}",
		"a controller with a space":          "controllers: {example.com/a b: {dialect: ingress-nginx}}",
		"a controller in capitals":           "controllers: {Example.com/nginx: {dialect: ingress-nginx}}",
		"an option that no dialect has":      "ingressClasses: {edge: {dialect: kong, options: {colour: red}}}",
		"an option of another dialect":       "ingressClasses: {edge: {dialect: kong, options: {riskLevel: Low}}}",
		"an option of dialect none":          "ingressClasses: {odd: {dialect: none, options: {riskLevel: Low}}}",
		"an option where there is none":      "controllers: {example.com/x: {dialect: traefik, options: {edition: plus}}}",
		"an option's value in capitals":      "ingressClasses: {edge: {dialect: nginx-inc, options: {edition: Plus}}}",
		"an option as a number":              "ingressClasses: {edge: {dialect: nginx-inc, options: {version: 5.4}}}",
		"a switch that is on":                "ingressClasses: {edge: {dialect: kong, options: {serviceTimeouts: \"on\"}}}",
		"a name that is none":                "ingressClasses: {edge: {dialect: kong, options: {upstreamPolicy: Holdfast}}}",
		"an empty option":                    "ingressClasses: {edge: {dialect: gke, options: {backendConfig: \"\"}}}",
		"a prefix with a slash":              "ingressClasses: {edge: {dialect: pomerium, options: {annotationPrefix: x.io/}}}",
		"a cookie name with a semicolon":     "stickySessions: {cookie: {name: \"a;b\"}}",
		"a cookie path without a slash":      "stickySessions: {cookie: {path: chat}}",
		"an unknown sameSite":                "stickySessions: {cookie: {sameSite: lax}}",
		"another kind":                       "kind: Policy",
		"another version":                    "apiVersion: config.holdfast.dev/v1",
	}
)

// A policy that no pod accepts never leaves helm, and no other is kept back.
func TestHelmRefusesThePoliciesThatHoldfastRefuses(t *testing.T) {
	holdfast := buildHoldfast(t)
	invalid := maps.Clone(invalidPolicies)
	invalid["every option of every dialect"] = optionsOfAllDialects(t)
	for name, policy := range validPolicies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, holdfast.faults(t, asFile(policy)))
			rendered, err := tryTemplate(t, withValues(t, asValue(policy)))
			require.NoError(t, err)
			file := parse(t, rendered).configMaps[0].Data["policy.yaml"]
			assert.Equal(t, holdfast.effective(t, asFile(policy)), holdfast.effective(t, file), "%s", file)
		})
	}
	for name, policy := range invalid {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			faults := holdfast.faults(t, asFile(policy))
			require.NotEmpty(t, faults)
			_, err := tryTemplate(t, withValues(t, asValue(policy)))
			require.Error(t, err)
			if !strings.Contains(err.Error(), "execution error at") {
				return // refused by the schema: helm has its own sentences
			}
			for _, fault := range faults {
				assert.Contains(t, err.Error(), "policy."+fault)
			}
			assert.Equal(t, len(faults), strings.Count(err.Error(), "; policy.")+1, "%v", err)
		})
	}
}

// A schema compares no durations, and doesn't know which dialect has which option.
func TestTheTemplatesRefuseWhatTheSchemaCannotExpress(t *testing.T) {
	for policy, want := range map[string]string{
		"timeouts: {read: {minimum: \"5401\", maximum: 1h30m}}":              "policy.timeouts.read: minimum 1h30m1s must not be above maximum 1h30m",
		"timeouts: {send: {minimum: 2h}}":                                    "policy.timeouts.send: default 1h must be at least 2h",
		"timeouts: {send: {default: 3h, minimum: 4h, maximum: 5h}}":          "policy.timeouts.send: default 3h must be 4h to 5h",
		"stickySessions: {timeout: {default: 48h}}":                          "policy.stickySessions.timeout.default: 48h must be between 1s and 24h",
		"timeouts: {read: {maximum: 1000h}}":                                 "policy.timeouts.read.maximum: 1000h must be between 1s and 576h (24 days)",
		"timeouts: {read: {default: \"0\"}}":                                 `policy.timeouts.read.default: "0" must be longer than zero`,
		"ingressClasses: {edge: {dialect: kong, options: {riskLevel: Low}}}": "riskLevel is not an option of kong; it has serviceTimeouts, upstreamPolicy",
		"{timeouts: {read: {maximum: 2s}, send: {maximum: 3s}}}":             "policy.timeouts.read: default 1h must be at most 2s; policy.timeouts.send: default 1h must be at most 3s",
	} {
		_, err := tryTemplate(t, withValues(t, asValue(policy)))
		assert.ErrorContains(t, err, ": "+want, policy)
	}
}

// optionsOfAllDialects gives each dialect each option.
func optionsOfAllDialects(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, Folder, "files/policy.yaml"))
	require.NoError(t, err)
	var known struct {
		Options map[string]struct{ Names []string }
	}
	require.NoError(t, yaml.Unmarshal(text, &known))
	values := map[string]string{
		"annotationPrefix": "x.io", "riskLevel": "Low", "edition": "oss", "version": `"5.4"`, "grouped": "true",
		"serviceTimeouts": "true", "upstreamPolicy": "x", "backendConfig": "x",
	}
	var classes []string
	for dialect, options := range known.Options {
		for _, option := range options.Names {
			require.Contains(t, values, option, dialect)
		}
		for option, value := range values {
			classes = append(classes, fmt.Sprintf("%s-%s: {dialect: %s, options: {%s: %s}}", dialect, option, dialect, option, value))
		}
	}
	slices.Sort(classes)
	return "ingressClasses: {" + strings.Join(classes, ", ") + "}"
}

// asFile and asValue write the fields as a policy file and as the chart's value.
func asFile(fields string) string {
	if inner, isFlow := strings.CutPrefix(fields, "{"); isFlow {
		return "{" + strings.ReplaceAll(policyHeader, "\n", ", ") + inner
	}
	return policyHeader + fields
}

func asValue(fields string) string { return "policy:\n  " + fields + "\n" }

// holdfastProgram is the holdfast of the work tree.
type holdfastProgram string

func buildHoldfast(t *testing.T) holdfastProgram {
	t.Helper()
	path := filepath.Join(t.TempDir(), "holdfast")
	command := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./cmd/holdfast")
	command.Dir = root
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
	return holdfastProgram(path)
}

// faults are the sentences of `holdfast policy validate`, without their places.
func (h holdfastProgram) faults(t *testing.T, policy string) (faults []string) {
	t.Helper()
	path := writePolicy(t, policy)
	output, err := exec.CommandContext(t.Context(), string(h), "policy", "validate", "-f", path).CombinedOutput()
	if err == nil {
		return nil
	}
	place := regexp.MustCompile(`^` + regexp.QuoteMeta(path) + `:\d+:\d+: `)
	for line := range strings.Lines(string(output)) {
		require.Regexp(t, place, line)
		faults = append(faults, strings.TrimSpace(place.ReplaceAllString(line, "")))
	}
	return faults
}

// effective is the policy with its defaults.
func (h holdfastProgram) effective(t *testing.T, policy string) string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), string(h), "policy", "print", "-f", writePolicy(t, policy)).CombinedOutput()
	require.NoError(t, err, string(output))
	return string(output)
}

func writePolicy(t *testing.T, policy string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	require.NoError(t, os.WriteFile(path, []byte(policy), 0o644))
	return path
}
