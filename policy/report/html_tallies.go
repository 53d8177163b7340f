package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
)

// tally is how many objects of a Namespace or controller are right, and how many findings
// there are about them.
type tally struct {
	audit.Share
	// bySeverity are the numbers of findings in the order of severities.
	bySeverity [3]int
}

func (t tally) findings() int { return t.bySeverity[0] + t.bySeverity[1] + t.bySeverity[2] }

// severities are all severities, the gravest first. Nothing writes to it.
var severities = [3]policy.Severity{policy.SeverityError, policy.SeverityWarning, policy.SeverityNote}

// tallies joins the shares of objects with the numbers of findings of the same names, the
// most findings first. Findings that are accepted or known, and those without a name, aren't
// counted.
func tallies(shares []audit.Share, findings []Finding, name func(Finding) string) []tally {
	var all []tally
	index := make(map[string]int)
	of := func(key string) *tally {
		i, found := index[key]
		if !found {
			i = len(all)
			index[key] = i
			all = append(all, tally{Share: audit.Share{Name: key}})
		}
		return &all[i]
	}
	for _, share := range shares {
		of(share.Name).Share = share
	}
	for _, f := range findings {
		if key := name(f); f.counts() && key != "" {
			of(key).bySeverity[gravity(f.Severity)]++
		}
	}
	slices.SortStableFunc(all, func(a, b tally) int {
		return cmp.Or(cmp.Compare(b.findings(), a.findings()), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// writeCounts writes how many objects are right, and how much was found, in each Namespace
// and for each controller.
func (p *page) writeCounts() {
	byNamespace := slices.Clone(p.Summary.ByNamespace)
	for i := range byNamespace {
		byNamespace[i].Name = p.heading(byNamespace[i].Name)
	}
	namespaces := tallies(byNamespace, p.Findings, p.group)
	controllers := tallies(p.Summary.ByController, p.Findings, func(f Finding) string { return f.Controller })
	if len(namespaces)+len(controllers) == 0 {
		return
	}
	p.start("div", "class", "columns")
	p.writeTally("By namespace", "Namespace", "namespace", namespaces)
	p.writeTally("By controller", "Controller", "controller", controllers)
	p.end()
}

// maxTallies is how many rows a table shows before the rest is collapsed.
const maxTallies = 12

// writeTally writes a table of bars. The rest of a long one is collapsed.
func (p *page) writeTally(title, head, filter string, all []tally) {
	if len(all) == 0 {
		return
	}
	p.start("section")
	p.element("h2", title)
	shown := min(len(all), maxTallies)
	p.writeTallyRows(title, head, filter, all[:shown])
	if rest := all[shown:]; len(rest) > 0 {
		p.start("details")
		p.element("summary", fmt.Sprintf("%d more", len(rest)))
		p.writeTallyRows(title+", continued", head, filter, rest)
		p.end()
	}
	p.end()
}

func (p *page) writeTallyRows(caption, head, filter string, rows []tally) {
	p.start("table", "class", "tally")
	p.element("caption", caption)
	p.start("thead")
	p.start("tr")
	for _, each := range []string{head, "Errors", "Warnings", "Notes"} {
		p.element("th", each, "scope", "col")
	}
	p.end()
	p.end()
	p.start("tbody")
	for _, row := range rows {
		p.writeTallyRow(filter, row)
	}
	p.end()
	p.end()
}

func (p *page) writeTallyRow(filter string, row tally) {
	p.start("tr")
	p.start("th", "scope", "row")
	if row.findings() > 0 {
		p.element("span", row.Name, "data-filter", filter)
	} else {
		p.element("span", row.Name)
	}
	if row.Evaluated > 0 {
		p.writeShare("bar", row.Right, row.Evaluated)
		p.element("p", fmt.Sprintf("%d of %d as the policy says", row.Right, row.Evaluated))
	}
	p.end()
	for i, severity := range severities {
		class := string(severity)
		if row.bySeverity[i] == 0 {
			class = "none"
		}
		p.element("td", strconv.Itoa(row.bySeverity[i]), "class", class)
	}
	p.end()
}

// writeShare writes a bar of which a part is right.
func (p *page) writeShare(class string, right, all int) {
	p.start("svg", "class", class, "aria-hidden", "true")
	p.void("rect", "class", "all", "width", "100%", "height", "100%")
	p.void("rect", "class", "right", "width", percent(float64(right)/float64(all)), "height", "100%")
	p.end()
}
