package monitoring

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
)

// panel is the part of a panel of Grafana that the tests need.
type panel struct {
	ID          int
	Type        string
	Title       string
	Description string
	GridPos     struct{ X, Y, W, H int }
	Targets     []struct{ Expr string }
	FieldConfig struct {
		Defaults struct {
			Thresholds struct{ Steps []step }
		}
	}
}

// step is a colour, and the value from which it is shown. The first step has none.
type step struct {
	Color string
	Value *float64
}

// color is what a stat panel shows for a value.
func (p panel) color(value float64) string {
	color := ""
	for _, step := range p.FieldConfig.Defaults.Thresholds.Steps {
		if step.Value == nil || value >= *step.Value {
			color = step.Color
		}
	}
	return color
}

func panels(t *testing.T) []panel {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(chart, "files/dashboard.json"))
	require.NoError(t, err)
	var read struct{ Panels []panel }
	require.NoError(t, json.Unmarshal(text, &read))
	require.NotEmpty(t, read.Panels)
	return read.Panels
}

// firstRow are the panels that say whether all is well.
func firstRow(t *testing.T) []panel {
	t.Helper()
	return slices.DeleteFunc(panels(t), func(p panel) bool { return p.GridPos.Y > 0 })
}

func TestTheDashboardIsThatOfTheFile(t *testing.T) {
	var installed core.ConfigMap
	decode(t, render(t, "--set", "monitoring.dashboard.enabled=true")[dashboard], &installed)
	text, err := os.ReadFile(filepath.Join(chart, "files/dashboard.json"))
	require.NoError(t, err)
	assert.JSONEq(t, string(text), installed.Data["holdfast.json"])
}

func TestTheDashboardFitsOnAScreenAndSaysWhatItShows(t *testing.T) {
	all := panels(t)
	assert.LessOrEqual(t, len(all), 15)
	taken := map[[2]int]string{}
	ids := map[int]bool{}
	for _, p := range all {
		assert.False(t, ids[p.ID], "%s: its id is another's", p.Title)
		ids[p.ID] = true
		assert.NotEmpty(t, p.Title)
		assert.NotEmpty(t, p.Description, p.Title)
		assert.NotEmpty(t, p.Targets, p.Title)
		assert.LessOrEqual(t, p.GridPos.X+p.GridPos.W, 24, "%s: Grafana's grid has 24 columns", p.Title)
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				place := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				assert.Empty(t, taken[place], "%s covers it", p.Title)
				taken[place] = p.Title
			}
		}
	}
	for _, p := range firstRow(t) {
		assert.Equal(t, "stat", p.Type, p.Title)
	}
}
