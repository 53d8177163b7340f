package main

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var uninjectCases = map[string]goldenCase{
	"taken-back":   {args: []string{"-f", "shop.yaml", "-o", "diff"}, want: "want.diff"},
	"users-values": {args: []string{"-f", "web.yaml"}, want: "want.yaml"},
	"bad-record":   {args: []string{"-f", "web.yaml"}, want: "want.yaml"},
	"refused":      {args: []string{"-f", "web.yaml"}, exit: exitFound},
	"not-ours":     {args: []string{"-f", "all.yaml"}, want: "all.yaml"},
}

func TestUninjectCases(t *testing.T) { testCases(t, "uninject", uninjectCases) }

// TestUninjectGivesTheInputBack takes out of every golden file what inject put
// into it.
func TestUninjectGivesTheInputBack(t *testing.T) {
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
