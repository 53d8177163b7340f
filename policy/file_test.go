package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
	"github.com/holdfast-dev/holdfast/policy/strictyaml"
)

const header = "apiVersion: config.holdfast.dev/v1alpha1\nkind: WebSocketPolicy\n"

func TestAFileWithNothingInItIsTheBuiltInPolicy(t *testing.T) {
	got, err := policy.Read([]byte(header))
	require.NoError(t, err)
	want := policy.Default()
	want.Metadata = got.Metadata
	assert.Equal(t, want, got)
}

func TestAPolicyIsReadBackAsItWasPrinted(t *testing.T) {
	full, err := policy.Read([]byte(header + `
metadata: {name: strict, annotations: {owner: platform}}
timeouts:
  read: {default: 1h, minimum: "60", maximum: 24h}
  send:
  connect: {default: "5"}
buffering: {response: disabled}
stickySessions:
  timeout: {default: 2h, maximum: 24h}
  by: client-address
  cookie: {name: route, maxAge: 90m, path: /chat, sameSite: Lax, secure: true, httpOnly: false}
  followServices: false
ingressClasses:
  old: {dialect: ingress-nginx}
  "": {dialect: ingress-nginx}
  odd: {dialect: none}
controllers:
  example.com/nginx: {dialect: ingress-nginx, options: {riskLevel: Medium}}
  example.com/our-own-proxy: {dialect: none}
cloud: gcp
corrections: apply
foreignDialects: all
unknownController: ignore
ignoreLabel: warn
`))
	require.NoError(t, err)
	assert.Equal(t, duration.Hour, full.Timeouts.Send.Default, "an empty field keeps its default")
	printed, err := full.YAML()
	require.NoError(t, err)
	again, err := policy.Read(printed)
	require.NoError(t, err, "%s", printed)
	assert.Equal(t, full, again)
}

func TestFaultsOfAPolicyFileNameTheirLines(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"a mistyped field":                        {header + "timeouts:\n  raed: {default: 1h}\n", `line 4: timeouts.raed: is not a field; did you mean read?`},
		"a field like no other":                   {header + "xyzzyplugh: 1\n", `line 3: xyzzyplugh: is not a field; there are apiVersion, kind, metadata, timeouts, buffering, stickySessions, ingressClasses, controllers, cloud, corrections, foreignDialects, unknownController, ignoreLabel`},
		"an unquoted number":                      {header + "timeouts: {read: {default: 3600}}\n", `line 3: timeouts.read.default: 3600 is a number; write it as a text: "3600"`},
		"an invalid duration":                     {header + "timeouts: {read: {default: soon}}\n", `line 3: timeouts.read.default: "soon" must be a duration: "1h", "90m", or "3600" for seconds`},
		"an invalid value of a list":              {header + "corrections: yes please\n", `line 3: corrections: "yes please" must be "warn" or "apply"`},
		"an unknown cloud":                        {header + "cloud: asw\n", `line 3: cloud: "asw" must be "" or "alibaba" or "aws" or "azure" or "digitalocean" or "gcp" or "hetzner" or "openstack" or "oci" or "scaleway" or "other"`},
		"an invalid boolean":                      {header + "stickySessions: {followServices: \"no\"}\n", `line 3: stickySessions.followServices: "no" must be true or false`},
		"a field given twice":                     {header + "cloud: aws\ncloud: gcp\n", `line 4: cloud: is there already, in line 3`},
		"a list for a mapping":                    {header + "timeouts: [1h]\n", `line 3: timeouts: must be a mapping, not a list`},
		"a mapping for a text":                    {header + "cloud: {name: aws}\n", `line 3: cloud: must be a text, not a mapping`},
		"bounds that contradict":                  {header + "timeouts: {read: {minimum: 2h, maximum: 1h}}\n", `line 3: timeouts.read: minimum 2h must not be above maximum 1h`},
		"a default below its minimum":             {header + "timeouts:\n  send: {minimum: 2h}\n", `line 4: timeouts.send: default 1h must be at least 2h`},
		"stickiness longer than a Service allows": {header + "stickySessions: {timeout: {maximum: 25h}}\n", `line 3: stickySessions.timeout.maximum: 25h must be between 1s and 24h`},
		"a timeout that no annotation may have":   {header + "timeouts: {read: {default: 600h}}\n", `line 3: timeouts.read.default: 600h must be between 1s and 576h (24 days)`},
		"a timeout of less than a second":         {header + "timeouts: {connect: {minimum: 500ms}}\n", `line 3: timeouts.connect.minimum: 500ms must be between 1s and 576h (24 days)`},
		"an unknown dialect":                      {header + "ingressClasses: {edge: {dialect: apache}}\n", `line 3: ingressClasses.edge.dialect: "apache" must be one of ` + strings.Join(dialect.Names(), ", ") + ", none"},
		"an unknown option":                       {header + "ingressClasses: {edge: {dialect: ingress-nginx, options: {colour: red}}}\n", `line 3: ingressClasses.edge.options: colour is not an option of ingress-nginx; it has annotationPrefix, riskLevel`},
		"an option of no dialect":                 {header + "ingressClasses: {odd: {dialect: none, options: {riskLevel: Low}}}\n", `line 3: ingressClasses.odd.options: must not be there: "none" has none`},
		"a controller's unknown dialect":          {header + "controllers: {example.com/x: {dialect: apache}}\n", `line 3: controllers.example.com/x.dialect: "apache" must be one of ` + strings.Join(dialect.Names(), ", ") + ", none"},
		"a controller's unknown option":           {header + "controllers: {example.com/x: {dialect: kong, options: {colour: red}}}\n", `line 3: controllers.example.com/x.options: colour is not an option of kong; it has serviceTimeouts, upstreamPolicy`},
		"a controller without a domain":           {header + "controllers: {nginx: {dialect: ingress-nginx}}\n", `line 3: controllers.nginx: must be an IngressClass's spec.controller, such as example.com/nginx`},
		"a controller without a dialect":          {header + "controllers:\n  example.com/x: {}\n", `line 4: controllers.example.com/x.dialect: "" must be one of ` + strings.Join(dialect.Names(), ", ") + ", none"},
		"a cookie name with a semicolon":          {header + "stickySessions: {cookie: {name: \"a;b\"}}\n", `line 3: stickySessions.cookie.name: "a;b" must be letters, digits and -._~`},
		"another kind":                            {"apiVersion: config.holdfast.dev/v1alpha1\nkind: Policy\n", `line 2: kind: "Policy" must be "WebSocketPolicy"`},
		"no header":                               {"cloud: aws\n", `line 1: apiVersion: "" must be "config.holdfast.dev/v1alpha1"; line 1: kind: "" must be "WebSocketPolicy"`},
		"an alias":                                {header + "timeouts: {read: &a {default: 1h}, send: *a}\n", `line 3: timeouts.send: aliases are not read here; write the value out`},
		"no document":                             {"", `line 1: must be one document, not 0`},
		"two documents":                           {header + "---\n" + header, `line 1: must be one document, not 2`},
		"two faults, in their order":              {header + "cloud: 1\ncorrections: 2\n", `line 3: cloud: 1 is a number; write it as a text: "1"; line 4: corrections: 2 is a number; write it as a text: "2"`},
		"invalid YAML":                            {"a: [1\nb: 2", `line 2: did not find expected ',' or ']'`},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := policy.Read([]byte(c.file))
			assert.Nil(t, p, "a bad file is never half applied")
			var faults strictyaml.Faults
			require.ErrorAs(t, err, &faults)
			assert.Equal(t, c.want, err.Error())
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(header))
	f.Add([]byte(header + "timeouts: {read: {default: 1h}}\ningressClasses: {\"\": {dialect: ingress-nginx}}\ncontrollers: {example.com/nginx: {dialect: none}}\n"))
	f.Add([]byte(header + "ingressClasses: {}\ncontrollers: {}\nmetadata: {labels: {}}\nstickySessions: {cookie: {secure: True}}\n"))
	f.Add([]byte(header + "ingressClasses: {a: {dialect: none, options: {}}}\n"))
	f.Add([]byte("? [a]\n: b\n"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("\xff\xfe"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := policy.Read(data)
		if err != nil {
			return
		}
		printed, err := p.YAML()
		require.NoError(t, err)
		again, err := policy.Read(printed)
		require.NoError(t, err, "%s", printed)
		assert.Equal(t, p, again)
	})
}
