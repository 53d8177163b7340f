package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var uninjectCases = map[string]goldenCase{
	"removed":      {args: []string{"-f", "shop.yaml", "-o", "diff"}, want: "want.diff"},
	"users-values": {args: []string{"-f", "web.yaml"}, want: "want.yaml"},
	"bad-record":   {args: []string{"-f", "web.yaml"}, want: "want.yaml"},
	"refused":      {args: []string{"-f", "web.yaml"}, exit: exitFindings},
	"not-ours":     {args: []string{"-f", "all.yaml"}, want: "all.yaml"},
	"export":       {args: []string{"-f", "export.yaml", "-o", "diff"}, want: "want.diff"},
}

func TestUninjectCases(t *testing.T) { testCases(t, "uninject", uninjectCases) }

// TestUninjectRestoresTheInput removes from every golden file what inject added.
func TestUninjectRestoresTheInput(t *testing.T) {
	for name, test := range injectCases {
		if filepath.Ext(test.want) != ".yaml" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Chdir(filepath.Join("testdata", "inject", name))
			_, injected, _ := holdfast(t, "", append([]string{"inject"}, test.args...)...)
			exit, stdout, stderr := holdfast(t, injected, "uninject", "-f", "-")
			require.Zero(t, exit, stderr)
			before, err := readFile(streams{}, test.args[slices.Index(test.args, "-f")+1])
			require.NoError(t, err)
			assert.Equal(t, string(before), stdout)
		})
	}
}

// TestUninjectRestoresCompositeAnnotations adds an element to an annotation that has
// others, in every YAML style.
func TestUninjectRestoresCompositeAnnotations(t *testing.T) {
	const key = "alb.ingress.kubernetes.io/load-balancer-attributes"
	for _, annotations := range []string{
		"\n    KEY: access_logs.s3.enabled=false # logs",
		"\n    KEY: \"access_logs.s3.enabled=false\"",
		"\n    KEY: 'access_logs.s3.enabled=false'",
		"\n    KEY: \"access_logs.s3.prefix=eu\\\\,we\\u0073t\"",
		"\n    KEY: >-\n      access_logs.s3.enabled=false,\n      routing.http2.enabled=true",
		"\n    KEY: >\n      access_logs.s3.enabled=false,\n      routing.http2.enabled=true\n",
		"\n    KEY: |-\n      access_logs.s3.enabled=false",
		"\n    KEY: |\n      access_logs.s3.enabled=false\n    a: b",
		"\n    KEY: access_logs.s3.enabled=false,\n      routing.http2.enabled=true",
		"\n    KEY: ''\n    a: b",
		" {KEY: access_logs.s3.enabled=false}",
		" {KEY: access_logs.s3.enabled=false , a: b}",
		" {\"KEY\":\"access_logs.s3.enabled=false\"}",
		" {KEY: 'access_logs.s3.enabled=false,\n      routing.http2.enabled=true'}",
	} {
		before := "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n  annotations:" +
			strings.ReplaceAll(annotations, "KEY", key) + "\nspec: {ingressClassName: alb}\n"
		_, injected, _ := holdfast(t, before, "inject", "-f", "-")
		assert.Contains(t, injected, "idle_timeout.timeout_seconds=3600", "input:\n%s", before)
		_, again, _ := holdfast(t, injected, "inject", "-f", "-")
		assert.Equal(t, injected, again)
		_, after, _ := holdfast(t, injected, "uninject", "-f", "-")
		assert.Equal(t, before, after, "injected:\n%s", injected)
	}
}
