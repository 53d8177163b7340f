package typo_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy/typo"
)

func TestNearest(t *testing.T) {
	candidates := []string{"inject", "uninject", "followServices"}
	for name, want := range map[string]string{
		"injct":          "inject",
		"INJECT":         "inject",
		"unninject":      "uninject",
		"followservices": "followServices",
		"inj":            "inject",
		"in":             "",
		"xyzzy":          "",
		"":               "",
	} {
		assert.Equal(t, want, typo.Nearest(name, candidates), name)
	}
	assert.Empty(t, typo.Nearest("inject", nil))
}
