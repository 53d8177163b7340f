package wire

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

// The versions in the table are those of the modules from which the programs are built.
func TestVersionsAreThoseOfTheModules(t *testing.T) {
	for _, p := range programs() {
		if strings.HasPrefix(p.Module, "tools/") {
			text, err := os.ReadFile(filepath.Join("..", p.Module, "go.mod"))
			require.NoError(t, err)
			// A module without releases has the date of its commit, without hyphens.
			assert.Contains(t, moduleVersion(string(text), p), strings.ReplaceAll(p.Version, "-", ""), p.Name)
		}
	}
	for _, c := range controllers() {
		programs, image := programs(), layers()[c.Image]
		p := programs[slices.IndexFunc(programs, func(p parts.Part) bool { return p.Name == image[len(image)-1] })]
		if release, isRelease := strings.CutPrefix(p.Version, "v"); isRelease {
			assert.True(t, strings.HasPrefix(c.Version, release), "%s is %s", c.Title, release)
		}
	}
}

// moduleVersion returns the version of the module of a program, as a go.mod has it.
func moduleVersion(gomod string, p parts.Part) string {
	for line := range strings.Lines(gomod) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) >= 2 && (fields[0] == p.Data.Module || strings.HasPrefix(p.Package+"/", fields[0]+"/")) {
			return fields[1]
		}
	}
	return ""
}
