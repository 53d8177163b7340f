package report_test

import (
	"testing"

	"github.com/joshdk/go-junit"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestJUnitIsReadBack(t *testing.T) {
	files := golden(t, "junit")

	suites, err := junit.Ingest(files["everything.junit"])
	require.NoError(t, err)
	var names []string
	var totals junit.Totals
	for _, suite := range suites {
		names = append(names, suite.Name)
		totals.Tests += suite.Totals.Tests
		totals.Passed += suite.Totals.Passed
		totals.Failed += suite.Totals.Failed
		totals.Skipped += suite.Totals.Skipped
		assert.Equal(t, "2026-12-01T08:00:00Z", suite.Properties["time"])
	}
	assert.Equal(t, []string{"cluster", "shop", "team-b"}, names)
	assert.Equal(t, junit.Totals{Tests: 6, Passed: 2, Failed: 2, Skipped: 2}, totals)

	suites, err = junit.Ingest(files["nothing.junit"])
	require.NoError(t, err)
	require.Len(t, suites, 1)
	assert.Equal(t, 1, suites[0].Totals.Passed)
}
