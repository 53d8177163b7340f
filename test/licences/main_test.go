package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheLicencesOfEveryModuleAndOfGoAreWritten(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "generate")
	output, err := exec.Command("go", "build", "-o", binary, "../chart/generate").CombinedOutput()
	require.NoError(t, err, string(output))
	var notice strings.Builder
	require.NoError(t, write(&notice, binary))
	assert.Regexp(t, `(?m)^Go 1\.\d+\S*: LICENSE\n\nCopyright 2009 The Go Authors\.`, notice.String())
	assert.Regexp(t, `(?m)^sigs.k8s.io/yaml v\S+: LICENSE\n\nThe MIT License`, notice.String())
}

func TestAModuleWithoutALicenceIsAnError(t *testing.T) {
	err := writeTexts(&strings.Builder{}, "example.com/module v1.0.0", t.TempDir())
	assert.ErrorContains(t, err, "example.com/module v1.0.0 has no licence")
}
