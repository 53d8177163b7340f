package policy_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
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
		"a mistyped field":                        {header + "timeouts:\n  raed: {default: 1h}\n", `line 4: timeouts.raed: unknown field; did you mean read?`},
		"a field like no other":                   {header + "xyzzyplugh: 1\n", `line 3: xyzzyplugh: unknown field; known are apiVersion, kind, metadata, timeouts, buffering, stickySessions, ingressClasses, controllers, cloud, corrections, foreignDialects, unknownController, ignoreLabel`},
		"an unquoted number":                      {header + "timeouts: {read: {default: 3600}}\n", `line 3: timeouts.read.default: 3600 is a number; put it in quotes: "3600"`},
		"an invalid duration":                     {header + "timeouts: {read: {default: soon}}\n", `line 3: timeouts.read.default: "soon" must be a duration: "1h", "90m", or "3600" for seconds`},
		"an invalid value of a list":              {header + "corrections: yes please\n", `line 3: corrections: "yes please" must be "warn" or "apply"`},
		"an unknown cloud":                        {header + "cloud: asw\n", `line 3: cloud: "asw" must be "" or "alibaba" or "aws" or "azure" or "digitalocean" or "gcp" or "hetzner" or "openstack" or "oci" or "scaleway" or "other"`},
		"an invalid boolean":                      {header + "stickySessions: {followServices: \"no\"}\n", `line 3: stickySessions.followServices: "no" must be true or false`},
		"a field given twice":                     {header + "cloud: aws\ncloud: gcp\n", `line 4: cloud: duplicate key, first set on line 3`},
		"a list for a mapping":                    {header + "timeouts: [1h]\n", `line 3: timeouts: must be a mapping with read, send, connect, not a list`},
		"a duration for a mapping":                {header + "timeouts: {read: 1h}\n", `line 3: timeouts.read: must be a mapping with default, minimum, maximum, not the string "1h"`},
		"a number for a mapping":                  {header + "stickySessions: {cookie: 5}\n", `line 3: stickySessions.cookie: must be a mapping with name, maxAge, path, sameSite, secure, httpOnly, not the number 5`},
		"a dialect for a mapping":                 {header + "ingressClasses: {edge: kong}\n", `line 3: ingressClasses.edge: must be a mapping with dialect, options, not the string "kong"`},
		"a text for a mapping of classes":         {header + "ingressClasses: kong\n", `line 3: ingressClasses: must be a mapping, not the string "kong"`},
		"a boolean for a word":                    {header + "buffering: {response: false}\n", `line 3: buffering.response: false must be "disabled"`},
		"a boolean for another word":              {header + "stickySessions: {by: True}\n", `line 3: stickySessions.by: True must be "cookie" or "client-address"`},
		"a boolean for a duration":                {header + "timeouts: {read: {default: false}}\n", `line 3: timeouts.read.default: false must be a duration: "1h", "90m", or "3600" for seconds`},
		"a number that is no duration":            {header + "timeouts: {read: {default: 0}}\n", `line 3: timeouts.read.default: 0 must be longer than zero`},
		"a list for a boolean":                    {header + "stickySessions: {followServices: [a]}\n", `line 3: stickySessions.followServices: must be true or false, not a list`},
		"a number for a boolean":                  {header + "stickySessions: {followServices: 1}\n", `line 3: stickySessions.followServices: 1 must be true or false`},
		"a quoted boolean":                        {header + "stickySessions: {followServices: \"True\"}\n", `line 3: stickySessions.followServices: "True" must be true or false, without quotes`},
		"a mapping for a text":                    {header + "cloud: {name: aws}\n", `line 3: cloud: must be a string, not a mapping`},
		"limits that contradict":                  {header + "timeouts: {read: {minimum: 2h, maximum: 1h}}\n", `line 3: timeouts.read: minimum 2h must not be above maximum 1h`},
		"a default below its minimum":             {header + "timeouts:\n  send: {minimum: 2h}\n", `line 4: timeouts.send: default 1h must be at least 2h`},
		"stickiness longer than a Service allows": {header + "stickySessions: {timeout: {maximum: 25h}}\n", `line 3: stickySessions.timeout.maximum: 25h must be between 1s and 24h`},
		"a timeout that no annotation may have":   {header + "timeouts: {read: {default: 600h}}\n", `line 3: timeouts.read.default: 600h must be between 1s and 576h (24 days)`},
		"a timeout of less than a second":         {header + "timeouts: {connect: {minimum: 500ms}}\n", `line 3: timeouts.connect.minimum: 500ms must be between 1s and 576h (24 days)`},
		"an unknown dialect":                      {header + "ingressClasses: {edge: {dialect: apache}}\n", `line 3: ingressClasses.edge.dialect: unknown dialect "apache"; did you mean apisix?`},
		"a dialect's family name":                 {header + "ingressClasses: {edge: {dialect: nginx}}\n", `line 3: ingressClasses.edge.dialect: unknown dialect "nginx"; did you mean ingress-nginx, traefik-nginx or nginx-inc?`},
		"a dialect like no other":                 {header + "ingressClasses: {edge: {dialect: qqqqqqqqqq}}\n", `line 3: ingressClasses.edge.dialect: unknown dialect "qqqqqqqqqq"; holdfast dialects lists them`},
		"an unknown option":                       {header + "ingressClasses: {edge: {dialect: ingress-nginx, options: {colour: red}}}\n", `line 3: ingressClasses.edge.options.colour: colour is not an option of ingress-nginx; it has annotationPrefix, riskLevel`},
		"an option of no dialect":                 {header + "ingressClasses: {odd: {dialect: none, options: {riskLevel: Low}}}\n", `line 3: ingressClasses.odd.options: dialect "none" has no options; remove them`},
		"a controller's unknown dialect":          {header + "controllers: {example.com/x: {dialect: apache}}\n", `line 3: controllers.example.com/x.dialect: unknown dialect "apache"; did you mean apisix?`},
		"a controller's unknown option":           {header + "controllers: {example.com/x: {dialect: kong, options: {colour: red}}}\n", `line 3: controllers.example.com/x.options.colour: colour is not an option of kong; it has serviceTimeouts, upstreamPolicy`},
		"a controller without a domain":           {header + "controllers: {nginx: {dialect: ingress-nginx}}\n", `line 3: controllers.nginx: must be an IngressClass's spec.controller, such as example.com/nginx`},
		"a controller without a dialect":          {header + "controllers:\n  example.com/x: {}\n", `line 4: controllers.example.com/x.dialect: missing; name a dialect, or "none": holdfast dialects lists them`},
		"a cookie name with a semicolon":          {header + "stickySessions: {cookie: {name: \"a;b\"}}\n", `line 3: stickySessions.cookie.name: "a;b" must be letters, digits and -._~`},
		"another kind":                            {"apiVersion: config.holdfast.dev/v1alpha1\nkind: Policy\n", `line 2: kind: "Policy" must be "WebSocketPolicy"`},
		"no header":                               {"cloud: aws\n", `line 1: apiVersion: missing; write "config.holdfast.dev/v1alpha1"; line 1: kind: missing; write "WebSocketPolicy"`},
		"an alias":                                {header + "timeouts: {read: &a {default: 1h}, send: *a}\n", `line 3: timeouts.send: aliases aren't supported; write the value out`},
		"no document":                             {"", `line 1: expected one document, found 0`},
		"two documents":                           {header + "---\n" + header, `line 1: expected one document, found 2`},
		"two faults, in their order":              {header + "unknownController: 1\ncorrections: 2\n", `line 3: unknownController: 1 must be "warn" or "ignore"; line 4: corrections: 2 must be "warn" or "apply"`},
		"invalid YAML":                            {header + "cloud: [1\ncorrections: warn", `line 4: did not find expected ',' or ']' for the bracket on line 3`},
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

func TestOneRunNamesEveryFaultOfAFile(t *testing.T) {
	_, err := policy.Read([]byte(`apiVersion: config.holdfast.dev/v1alpha1
kind: WebSocketPolcy
timeouts:
  raed: {default: 2h}
  send: {default: 3h, maximum: 2h}
  connect: {default: 5}
buffering: {response: disabled
stickySessions:
  timeout: {minimum: 5h, maximum: 30h}
  cookie: {name: "a;b"}
ingressClasses:
  edge: {dialect: ngnix-inc, options: {edition: plus}}
  old:
    dialect: ingress-nginx
    options:
      riskLevel: High
      riskLvel: Low
controllers:
  nginx: {dialect: kong}
cloud: gpc
foo: 'bar
corrections: "apply
ignoreLabel: never
`))
	var faults strictyaml.Faults
	require.ErrorAs(t, err, &faults)
	var got []string
	for _, f := range faults {
		got = append(got, fmt.Sprintf("%d:%d: %s", f.Line, f.Column, f.Text()))
	}
	assert.Equal(t, []string{
		`2:7: kind: "WebSocketPolcy" must be "WebSocketPolicy"`,
		`4:3: timeouts.raed: unknown field; did you mean read?`,
		`5:19: timeouts.send: default 3h must be at most 2h`,
		`6:22: timeouts.connect.default: 5 is a number; put it in quotes: "5"`,
		`8:15: did not find expected ',' or '}' for the brace on line 7`,
		`9:12: stickySessions.timeout: default 3h must be 5h to 30h`,
		`9:35: stickySessions.timeout.maximum: 30h must be between 1s and 24h`,
		`10:18: stickySessions.cookie.name: "a;b" must be letters, digits and -._~`,
		`12:19: ingressClasses.edge.dialect: unknown dialect "ngnix-inc"; did you mean nginx-inc?`,
		`17:17: ingressClasses.old.options.riskLvel: riskLvel is not an option of ingress-nginx; it has annotationPrefix, riskLevel`,
		`19:10: controllers.nginx: must be an IngressClass's spec.controller, such as example.com/nginx`,
		`20:8: cloud: "gpc" must be "" or "alibaba" or "aws" or "azure" or "digitalocean" or "gcp" or "hetzner" or "openstack" or "oci" or "scaleway" or "other"`,
		`23:14: ignoreLabel: "never" must be "honor" or "warn"`,
		`24:1: found unexpected end of stream for the quote on line 21`,
		`24:1: found unexpected end of stream for the quote on line 22`,
	}, got)
}

func TestAFaultIsNamedOnce(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"a default that can't be read isn't outside of the limits": {
			header + "timeouts: {read: {default: soon, minimum: 2h}}\n",
			`line 3: timeouts.read.default: "soon" must be a duration: "1h", "90m", or "3600" for seconds`,
		},
		"nor is one whose name is mistyped": {
			header + "timeouts: {read: {defualt: 3h, minimum: 2h}}\n", `line 3: timeouts.read.defualt: unknown field; did you mean default?`,
		},
		"a dialect that can't be read isn't missing": {
			header + "ingressClasses: {edge: {dialect: 1}}\n", `line 3: ingressClasses.edge.dialect: 1 is a number; put it in quotes: "1"`,
		},
		"a kind that can't be read isn't missing": {
			"apiVersion: config.holdfast.dev/v1alpha1\nkind: [WebSocketPolicy\ncloud: aws\n", `line 3: did not find expected ',' or ']' for the bracket on line 2`,
		},
		"a list has no fields": {"- apiVersion: config.holdfast.dev/v1alpha1\n", `line 1: must be a mapping, not a list`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := policy.Read([]byte(c.file))
			assert.EqualError(t, err, c.want)
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
