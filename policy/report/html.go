package report

import (
	"cmp"
	"crypto/sha256"
	_ "embed" // The style sheet and the script.
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
)

var (
	//go:embed html/style.css
	htmlStyle string
	//go:embed html/script.js
	htmlScript string
)

// page is a report as a page.
type page struct {
	*markup
	*Report
	// anchors counts how often each fingerprint was written, since ids of elements are unique.
	anchors map[string]int
}

// writeHTML writes one file that loads nothing. It is complete without its script, which
// filters the findings.
func writeHTML(out io.Writer, r *Report) error {
	p := &page{newMarkup(out), r, make(map[string]int)}
	p.write("<!doctype html>\n")
	p.start("html", "lang", "en")
	p.writeHead()
	p.start("body")
	p.writeVerdict()
	p.start("main")
	p.writeCounts()
	p.writeLifetimes()
	p.writeFindings()
	p.writeRules()
	p.writeEvidence()
	p.end()
	p.code("script", htmlScript)
	p.end()
	p.end()
	return p.flush()
}

func (p *page) writeHead() {
	p.start("head")
	p.void("meta", "charset", "utf-8")
	p.void("meta", "http-equiv", "Content-Security-Policy", "content", contentSecurityPolicy())
	p.void("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
	p.void("meta", "name", "color-scheme", "content", "light dark")
	p.void("meta", "name", "referrer", "content", "no-referrer")
	p.element("title", "Holdfast audit: "+p.Summary.Verdict())
	p.code("style", htmlStyle)
	p.end()
}

// contentSecurityPolicy allows the page its own style sheet and script, and nothing else.
func contentSecurityPolicy() string {
	return fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", digest(htmlStyle), digest(htmlScript))
}

// digest returns the hash by which a policy knows a style sheet or a script.
func digest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// writeVerdict writes the report in one sentence, what it is about, and how much was found.
func (p *page) writeVerdict() {
	s := p.Summary
	p.start("header")
	p.element("p", "Holdfast audit", "class", "brand")
	p.element("h1", s.Verdict())
	if s.Evaluated > 0 {
		p.start("svg", "class", "share", "aria-hidden", "true")
		p.void("rect", "class", "all", "width", "100%", "height", "100%")
		p.void("rect", "class", "right", "width", percent(float64(s.Right)/float64(s.Evaluated)), "height", "100%")
		p.end()
	}
	p.start("p", "class", "about")
	for _, each := range []string{p.subject(), p.Evidence.Time} {
		if each != "" {
			p.element("span", each)
		}
	}
	p.end()
	p.start("dl", "class", "totals")
	for _, total := range []struct {
		class, noun string
		n           int
	}{
		{"error", "error", s.Errors}, {"warning", "warning", s.Warnings}, {"note", "note", s.Notes},
		{"other", "accepted", s.Accepted}, {"other", "known", s.Known},
	} {
		class, noun := total.class, total.noun
		if total.n == 0 {
			class = "none"
		}
		if total.class != "other" {
			noun = verb(total.n, noun, noun+"s")
		}
		p.start("div", "class", class)
		p.element("dt", noun)
		p.element("dd", strconv.Itoa(total.n))
		p.end()
	}
	p.end()
	p.end()
}

// subject returns what was audited.
func (p *page) subject() string {
	files := strings.Join(p.Evidence.Files, " ")
	if files == "-" {
		return "standard input"
	}
	return cmp.Or(files, p.Evidence.Server, p.Evidence.Cluster)
}

// writeCounts writes how much was found in each Namespace and for each controller.
func (p *page) writeCounts() {
	if !slices.ContainsFunc(p.Findings, Finding.counts) {
		return
	}
	p.start("div", "class", "columns")
	p.writeTally("By namespace", "Namespace", "namespace", tallies(p.Findings, p.group))
	p.writeTally("By controller", "Controller", "controller", tallies(p.Findings, func(f Finding) string { return f.Controller }))
	p.end()
}

// tally is how many findings count under one name.
type tally struct {
	name string
	// bySeverity are their numbers in the order of severities.
	bySeverity [3]int
}

func (t tally) sum() int { return t.bySeverity[0] + t.bySeverity[1] + t.bySeverity[2] }

// severities are all severities, the gravest first. Nothing writes to it.
var severities = [3]policy.Severity{policy.SeverityError, policy.SeverityWarning, policy.SeverityNote}

// tallies counts the findings that count under their names, the most first. Those without
// a name aren't counted.
func tallies(findings []Finding, name func(Finding) string) []tally {
	var all []tally
	index := make(map[string]int)
	for _, f := range findings {
		key := name(f)
		if !f.counts() || key == "" {
			continue
		}
		i, found := index[key]
		if !found {
			i = len(all)
			index[key] = i
			all = append(all, tally{name: key})
		}
		all[i].bySeverity[gravity(f.Severity)]++
	}
	slices.SortStableFunc(all, func(a, b tally) int { return cmp.Or(cmp.Compare(b.sum(), a.sum()), cmp.Compare(a.name, b.name)) })
	return all
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
	p.writeTallyRows(title, head, filter, all[:shown], all[0].sum())
	if rest := all[shown:]; len(rest) > 0 {
		p.start("details")
		p.element("summary", fmt.Sprintf("%d more", len(rest)))
		p.writeTallyRows(title+", continued", head, filter, rest, all[0].sum())
		p.end()
	}
	p.end()
}

func (p *page) writeTallyRows(caption, head, filter string, rows []tally, longest int) {
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
		p.start("tr")
		p.start("th", "scope", "row")
		p.element("span", row.name, "data-filter", filter)
		p.start("svg", "class", "bar", "aria-hidden", "true")
		from := 0.0
		for i, severity := range severities {
			width := float64(row.bySeverity[i]) / float64(longest)
			p.void("rect", "class", string(severity), "x", percent(from), "width", percent(width), "height", "100%")
			from += width
		}
		p.end()
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
	p.end()
	p.end()
}

// percent returns a share as SVG writes it.
func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 2, 64) + "%" }
