package wire

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const projectReadme = repository + "/README.md"

// A table in a README.md stands between these lines.
const (
	tableBegins = "<!-- written by make test-wire -->\n"
	tableEnds   = "<!-- end of the table -->\n"
)

// cutTable returns the text before a file's table, the table, and the text after it.
func cutTable(file string) (before, table, after string, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", "", "", err
	}
	before, rest, begun := strings.Cut(string(text), tableBegins)
	table, after, ended := strings.Cut(rest, tableEnds)
	if !begun || !ended {
		return "", "", "", fmt.Errorf("%s lacks the line %q or %q", file, strings.TrimSpace(tableBegins), strings.TrimSpace(tableEnds))
	}
	return before, table, after, nil
}

func writeTableIn(file, table string) error {
	before, _, after, err := cutTable(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(before+tableBegins+table+tableEnds+after), 0o644)
}

// summary returns the rows of a table that the project's README.md shows, as columns.
func summary(table string) string {
	shown := []string{rowIn(off, silences()[0].name), rowIn(on, silences()[0].name), rowIn(off, rowReconnects), rowIn(on, rowReconnects)}
	columns := make([][]string, 1+len(shown))
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		switch row := strings.TrimSpace(cells[0]); {
		case columns[0] == nil && len(cells) > 1:
			columns[0] = cells[1:]
		case slices.Contains(shown, row):
			columns[1+slices.Index(shown, row)] = cells[1:]
		}
	}
	var out strings.Builder
	out.WriteString("\n| | " + strings.Join(shown, " | ") + " |\n" + strings.Repeat("|---", len(columns)) + "|\n")
	for i := range columns[0] {
		for _, column := range columns {
			out.WriteString("| " + strings.TrimSpace(column[i]) + " ")
		}
		out.WriteString("|\n")
	}
	return out.String() + "\n"
}

// A full run writes both.
func TestTheProjectsReadmeShowsWhatWasMeasured(t *testing.T) {
	if *full {
		t.Skip("the tables are being measured")
	}
	_, table, _, err := cutTable("README.md")
	require.NoError(t, err)
	_, shown, _, err := cutTable(projectReadme)
	require.NoError(t, err)
	assert.Equal(t, summary(table), shown)
}
