package report

import (
	"io"
	"maps"
	"slices"
)

// Format writes reports in one format. Each is a file of its own.
type Format func(out io.Writer, r *Report) error

// Formats are all formats by name. Nothing writes to it.
var Formats = map[string]Format{
	"table":        writeTable,
	"json":         writeJSON,
	"yaml":         writeYAML,
	"sarif":        writeSARIF,
	"junit":        writeJUnit,
	"policyreport": writePolicyReport,
	"markdown":     writeMarkdown,
	"html":         writeHTML,
}

// Default is the name of the format for people.
const Default = "table"

// Names returns the names of all formats, the default first.
func Names() []string {
	others := slices.DeleteFunc(slices.Sorted(maps.Keys(Formats)), func(name string) bool { return name == Default })
	return append([]string{Default}, others...)
}
