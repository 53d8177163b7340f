package auditlog_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/auditlog"
)

// written returns a log in a format.
func written(t *testing.T, format, log string) string {
	t.Helper()
	var out bytes.Buffer
	since := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	printer := auditlog.Formats[format](&out, auditlog.Evidence{
		Time: since.Add(7 * 24 * time.Hour), Version: "0.1.0", Files: []string{"audit.log"}, Since: &since,
	})
	l := auditlog.New(auditlog.Options{Since: since}, printer.Entry)
	require.NoError(t, l.Read(t.Context(), strings.NewReader(log)))
	require.NoError(t, printer.Close(l.Summary()))
	return out.String()
}

func TestTheFormatsOfARecordedLog(t *testing.T) {
	for _, format := range auditlog.Names {
		t.Run(format, func(t *testing.T) {
			got := written(t, format, string(recorded(t))+"half a line")
			golden := filepath.Join("testdata", "audit."+format+".txt")
			if os.Getenv("UPDATE_GOLDEN") != "" {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		})
	}
}

func TestTheTableIsNoWiderThan80Columns(t *testing.T) {
	for line := range strings.Lines(written(t, "table", string(recorded(t)))) {
		assert.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 80, line)
	}
}

func TestNamesFromTheClusterCantControlATerminal(t *testing.T) {
	log := event(t, "shop/web", set("impersonatedUser.username", "jane\x1b[31m\r\nroot"))
	assert.NotRegexp(t, `[\x00-\x09\x0b-\x1f\x7f]`, written(t, "table", log))
}

func TestTheJSONOfALogIsOneDocument(t *testing.T) {
	for name, log := range map[string]string{"a log": string(recorded(t)), "an empty log": ""} {
		t.Run(name, func(t *testing.T) {
			var document struct {
				APIVersion, Kind string
				Entries          []auditlog.Entry
				Summary          auditlog.Summary
			}
			decoder := json.NewDecoder(strings.NewReader(written(t, "json", log)))
			require.NoError(t, decoder.Decode(&document))
			assert.Equal(t, auditlog.Kind, document.Kind)
			assert.NotNil(t, document.Entries)
			want, summary := read(t, log, auditlog.Options{})
			assert.ElementsMatch(t, want, document.Entries)
			assert.Equal(t, summary, document.Summary)
		})
	}
}
