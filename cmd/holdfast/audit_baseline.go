package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/holdfast-dev/holdfast/policy/report"
)

// readBaseline returns the fingerprints of the findings of an earlier report; none if
// no file is named.
func readBaseline(file string) (map[string]bool, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--baseline: %w", err)
	}
	var earlier report.Report
	if json.Unmarshal(text, &earlier) != nil || earlier.Kind != report.Kind {
		return nil, fmt.Errorf("--baseline: %s isn't a report in the format json; write one with holdfast audit -o json=%s", file, file)
	}
	known := make(map[string]bool, len(earlier.Findings))
	for _, f := range earlier.Findings {
		known[f.Fingerprint] = true
	}
	return known, nil
}
