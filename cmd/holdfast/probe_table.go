package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/probe"
	"github.com/holdfast-dev/holdfast/policy"
)

// showProbeReport writes a report.
func showProbeReport(out io.Writer, f format, r *probe.Report) error {
	if f == formatJSON {
		return writeValue(out, f, r)
	}
	var text strings.Builder
	writeOutcomes(&text, r)
	for _, o := range r.Outcomes {
		writeSuspects(&text, o)
	}
	writePods(&text, r.Pods)
	for _, note := range r.Notes {
		fmt.Fprintf(&text, "note: %s\n", note)
	}
	fmt.Fprintln(&text, r.Verdict)
	_, err := io.WriteString(out, text.String())
	return err
}

// maxRows is how many groups of sockets or suspects of a group the table shows.
const maxRows = 10

// writeOutcomes writes a row for each group of sockets that ended alike.
func writeOutcomes(text *strings.Builder, r *probe.Report) {
	title := r.URL
	if r.Host != "" {
		title += " as " + r.Host
	}
	fmt.Fprintf(text, "%s\n\n", title)
	if len(r.Outcomes) == 0 {
		return
	}
	writeRows(text, "SOCKETS\tOPENED AFTER\tLASTED\tENDED BY\tSERVER SENT", r.Outcomes, outcomeRow, "…\t\t\t%d more groups, in -o json\t")
}

func outcomeRow(o *probe.Outcome) string {
	if o.How == probe.NotOpened {
		return fmt.Sprintf("%d\t-\t-\t%s\t-", o.Sockets, o.Failure)
	}
	return fmt.Sprintf("%d\t%.0f ms\t%s\t%s\t%s", o.Sockets, float64(o.OpenedAfter)*1000, lasted(o), endedBy(o), serverSent(o))
}

// writeRows writes a table whose cells end at tabs: a header, and a row for each of the
// first maxRows. The row more, with their number, stands for the others.
func writeRows[T any](text *strings.Builder, header string, all []T, row func(T) string, more string) {
	w := tabwriter.NewWriter(text, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, header)
	for _, each := range all[:min(len(all), maxRows)] {
		fmt.Fprintln(w, row(each))
	}
	if others := len(all) - maxRows; others > 0 {
		fmt.Fprintf(w, more+"\n", others)
	}
	_ = w.Flush()
	fmt.Fprintln(text)
}

// lasted returns how long the sockets of a group lived.
func lasted(o *probe.Outcome) string {
	if shortest, longest := o.Shortest.String(), o.Longest.String(); shortest != longest {
		return shortest + " to " + longest
	}
	return o.Median.String()
}

// ends say how sockets ended. Nothing writes to it.
var ends = map[probe.How]string{
	probe.Held:  "the probe",
	probe.Lost:  "the probe, without an answer",
	probe.EOF:   "end of the TCP connection, without a close frame",
	probe.Reset: "TCP reset",
}

func endedBy(o *probe.Outcome) string {
	switch text := ends[o.How]; {
	case text != "":
		return text
	case o.How == probe.CloseFrame && o.Reason != "":
		return fmt.Sprintf("close frame %d %q", o.Code, o.Reason)
	case o.How == probe.CloseFrame:
		return fmt.Sprintf("close frame %d", o.Code)
	default:
		return o.Error
	}
}

// serverSent returns what the server sent, in all.
func serverSent(o *probe.Outcome) string {
	var parts []string
	if o.Messages > 0 {
		parts = append(parts, policy.Quantity(o.Messages, "message"))
	}
	if o.Pings > 0 {
		parts = append(parts, policy.Quantity(o.Pings, "ping"))
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// writeSuspects writes what may have ended the sockets of a group, or kept them from being
// opened, with what to do.
func writeSuspects(text *strings.Builder, o *probe.Outcome) {
	if o.Failure != nil && o.Failure.Remedy != "" {
		fmt.Fprintf(text, "%s\n  do: %s\n\n", o.Failure.Problem, o.Failure.Remedy)
	}
	if len(o.Suspects) == 0 {
		return
	}
	fmt.Fprintf(text, "What may have ended the sockets after %s (idle for %s), the likeliest first:\n", o.Median, o.Idle)
	for i, s := range o.Suspects {
		if i == maxRows {
			fmt.Fprintf(text, "  … and %d more, in -o json\n", len(o.Suspects)-maxRows)
			break
		}
		timer := string(s.Kind)
		if s.After > 0 {
			timer += ", " + s.After.String()
		}
		if s.Timer != "" {
			timer += " by " + s.Timer
		}
		fmt.Fprintf(text, "  %s (%s)\n    do: %s\n", s.Name, timer, s.Set)
	}
	fmt.Fprintln(text)
}

// writePods writes a row for each pod that was reached.
func writePods(text *strings.Builder, pods *probe.Stickiness) {
	if pods == nil {
		return
	}
	if pods.Failure != nil {
		fmt.Fprintf(text, "%s couldn't be made: %s\n  do: %s\n\n", policy.Quantity(pods.Failed, "connection"), pods.Failure, pods.Failure.Remedy)
	}
	if len(pods.Pods) == 0 {
		return
	}
	row := func(p *probe.PodCount) string { return fmt.Sprintf("%s\t%d", p.Pod, p.Connections) }
	writeRows(text, "POD\tCONNECTIONS", pods.Pods, row, "…\t%d more pods, in -o json")
}
