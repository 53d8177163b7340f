package wire

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// measured is what the tests of a run measured, by controller and row. The tests run in
// parallel.
type measured struct {
	mu    sync.Mutex
	cells map[string]map[string]string
	// sentence stands below the table.
	sentence string
}

// results is what this run measured.
var results = measured{cells: make(map[string]map[string]string)}

// set records a measurement.
func (m *measured) set(controller, row, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cells[controller] == nil {
		m.cells[controller] = make(map[string]string)
	}
	m.cells[controller][row] = text
}

// write writes the table into README.md, and its summary into the project's.
func (m *measured) write() error {
	for _, c := range controllers() {
		for _, row := range rows() {
			if m.cells[c.Name][row] == "" {
				return fmt.Errorf("%q was not measured for %s", row, c.Name)
			}
		}
	}
	table := m.table()
	return errors.Join(writeTableIn("README.md", table), writeTableIn(projectReadme, summary(table)))
}

// Names of measured rows. A silence is the name of a row too.
const (
	rowInjected     = "Holdfast sets"
	rowOpens        = "a WebSocket opens"
	rowAudited      = "both sides are silent, after the command that `holdfast audit` prints"
	rowReload       = "a WebSocket after a reload"
	rowReconnects   = reconnects + " reconnects"
	rowOnlyClientIP = rowReconnects + ", only ClientIP"
)

var rowPolling = fmt.Sprintf("%d clients of Socket.io by polling", population)

// rowIn is the row of what was measured in one of the modes.
func rowIn(m mode, name string) string {
	if m == on {
		return name + ", with Holdfast"
	}
	return name + ", without Holdfast"
}

func rowIdleTimeout(d time.Duration) string {
	return "both sides are silent, `holdfast.dev/idle-timeout: " + duration.Duration(d).String() + "`"
}

// rowMoved is the row of the clients that move though their pod lives.
func rowMoved(event string) string { return "clients that move though their pod lives: " + event }

// rows are the names of all measured rows, in order.
func rows() []string {
	inBoth := func(name string) []string { return []string{rowIn(off, name), rowIn(on, name)} }
	all := append([]string{rowInjected}, inBoth(rowOpens)...)
	for _, s := range silences() {
		all = append(all, inBoth(s.name)...)
	}
	for _, timeout := range idleTimeouts() {
		all = append(all, rowIdleTimeout(timeout))
	}
	for _, s := range nodeServers() {
		all = append(all, inBoth(s.name)...)
	}
	all = append(all, rowAudited, rowReload)
	all = append(all, inBoth(rowReconnects)...)
	all = append(all, rowOnlyClientIP)
	all = append(all, inBoth(rowPolling)...)
	for _, e := range events() {
		all = append(all, rowMoved(e.name))
	}
	return all
}

// table returns a table in Markdown, with a column for each controller.
func (m *measured) table() string {
	var out strings.Builder
	out.WriteString("\n| | " + strings.Join(titles(), " | ") + " |\n|---|" + strings.Repeat("---|", len(controllers())) + "\n")
	row := func(name string, cell func(Controller) string) {
		out.WriteString("| " + name)
		for _, c := range controllers() {
			out.WriteString(" | " + cell(c))
		}
		out.WriteString(" |\n")
	}
	row("version", func(c Controller) string { return c.Version })
	row("its own timer, shortened for the tests", func(c Controller) string {
		if c.Default == 0 {
			return "none"
		}
		return c.Default.String() + ", by " + c.Shortened
	})
	for _, name := range rows() {
		row(name, func(c Controller) string { return m.cells[c.Name][name] })
	}
	row("keeps clients by", func(c Controller) string { return cmp.Or(c.StickyBy, "nothing in this version") })
	out.WriteString("\n" + m.sentence + "\n\n")
	return out.String()
}

func titles() []string {
	var all []string
	for _, c := range controllers() {
		all = append(all, c.Title)
	}
	return all
}
