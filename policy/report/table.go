package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
)

// writeTable writes the findings for a terminal, grouped by Namespace and object.
func writeTable(out io.Writer, r *Report) error {
	var text strings.Builder
	namespace, object := "\x00", ""
	for _, f := range r.Findings {
		if f.State != New {
			continue
		}
		if f.Object.Namespace != namespace {
			namespace = f.Object.Namespace
			fmt.Fprintf(&text, "%s\n", cmp.Or(namespace, "cluster"))
		}
		if name := strings.ToLower(f.Object.Kind) + "/" + f.Object.Name; name != object {
			object = name
			fmt.Fprintf(&text, "  %s\n", name)
		}
		fmt.Fprintf(&text, "    %-7s %s: %s\n", f.Severity, f.Rule, f.Message)
	}
	_, err := io.WriteString(out, text.String())
	return err
}
