package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
)

// maxOpen is how many findings are shown at once. More are collapsed by Namespace.
const maxOpen = 200

// counts reports whether the finding is neither accepted nor known.
func (f Finding) counts() bool { return f.State == New }

// writeFindings writes the findings that count, then the others.
func (p *page) writeFindings() {
	if len(p.Findings) == 0 {
		return
	}
	p.writeFilter()
	for _, each := range []struct {
		id, title string
		shown     func(Finding) bool
	}{
		{"findings", "Findings", Finding.counts},
		{"others", "Accepted and known", func(f Finding) bool { return !f.counts() }},
	} {
		if groups := p.groupsOf(each.shown); len(groups) > 0 {
			p.start("section", "id", each.id)
			p.element("h2", each.title)
			for _, g := range groups {
				p.writeGroup(g)
			}
			p.end()
		}
	}
}

// group are the findings of a Namespace, or of the cluster.
type group struct {
	name     string
	findings []Finding
}

// groupsOf returns the findings that a function wants by Namespace.
func (r *Report) groupsOf(wanted func(Finding) bool) []group {
	var groups []group
	for _, f := range r.Findings {
		if !wanted(f) {
			continue
		}
		name := r.group(f)
		if len(groups) == 0 || groups[len(groups)-1].name != name {
			groups = append(groups, group{name: name})
		}
		last := &groups[len(groups)-1]
		last.findings = append(last.findings, f)
	}
	return groups
}

// writeFilter writes the controls of the script, which are hidden without it.
func (p *page) writeFilter() {
	namespaces, rules := make(map[string]bool), make(map[string]bool)
	for _, f := range p.Findings {
		namespaces[p.group(f)] = true
		rules[string(f.Rule)] = true
	}
	p.start("form", "id", "filter", "hidden", "", "role", "search", "aria-label", "Filter the findings")
	p.start("fieldset")
	p.element("legend", "Severity")
	for _, severity := range severities {
		p.start("label")
		p.void("input", "type", "checkbox", "name", "severity", "value", string(severity))
		p.element("span", string(severity), "class", string(severity))
		p.end()
	}
	p.end()
	p.writeChoice("Namespace", "namespace", slices.Sorted(maps.Keys(namespaces)))
	p.writeChoice("Rule", "rule", slices.Sorted(maps.Keys(rules)))
	p.start("label", "class", "search")
	p.element("span", "Text")
	p.void("input", "type", "search", "name", "text", "autocomplete", "off", "spellcheck", "false")
	p.end()
	p.element("output", "", "name", "shown")
	p.element("button", "Show all", "type", "reset")
	p.end()
}

// writeChoice writes a control that chooses one of several names.
func (p *page) writeChoice(title, name string, values []string) {
	p.start("label")
	p.element("span", title)
	p.start("select", "name", name)
	p.element("option", "all", "value", "")
	for _, value := range values {
		p.element("option", value, "value", value)
	}
	p.end()
	p.end()
}

// writeGroup writes the findings of a Namespace, by object.
func (p *page) writeGroup(g group) {
	attributes := []string{"class", "group", "data-namespace", g.name}
	if len(p.Findings) <= maxOpen {
		attributes = append(attributes, "open", "")
	}
	p.start("details", attributes...)
	p.start("summary")
	p.element("h3", g.name)
	p.element("span", policy.Quantity(len(g.findings), "finding"), "class", "count")
	p.end()
	object := ""
	for _, f := range g.findings {
		if name := f.object(); name != object {
			if object != "" {
				p.end()
			}
			object = name
			p.start("section", "class", "object")
			p.element("h4", name)
		}
		p.writeFinding(f)
	}
	p.end()
	p.end()
}

// writeFinding writes a finding: what is wrong, what it does to WebSockets, and what to do.
func (p *page) writeFinding(f Finding) {
	id := p.anchor(f.Fingerprint)
	p.start("article", "id", id, "class", "finding "+string(f.Severity), "data-severity", string(f.Severity), "data-rule", string(f.Rule))
	p.start("p", "class", "message")
	p.element("span", string(f.Severity), "class", "severity")
	p.element("span", f.Message)
	p.element("a", "#", "href", "#"+id, "class", "link", "aria-label", "Link to this finding")
	p.end()
	p.writeChange(f)
	if f.Lifetime.differs() {
		p.start("div", "class", "lifetime")
		p.writeLifetime(*f.Lifetime, nil)
		p.writeLifetimeText(*f.Lifetime)
		p.end()
	}
	if f.Command != "" {
		p.start("p", "class", "command")
		p.element("code", f.Command)
		p.end()
	}
	if reason := f.reason(); reason != "" {
		p.element("p", string(f.State)+": "+reason, "class", "reason")
	}
	p.start("p", "class", "more")
	p.element("a", string(f.Rule), "href", "#rule-"+string(f.Rule))
	for _, each := range []string{"for the " + string(f.Actor), f.Controller, f.place()} {
		if each != "" {
			p.element("span", each)
		}
	}
	p.end()
	p.end()
}

// writeChange writes what the field holds, and what it is to hold.
func (p *page) writeChange(f Finding) {
	if f.Field == "" || f.Found == "" && f.Wanted == "" {
		return
	}
	p.start("p", "class", "change")
	p.element("code", f.Field, "class", "field")
	p.start("span", "class", "values")
	p.element("del", cmp.Or(f.Found, "not set"))
	if f.Wanted != "" {
		p.element("span", " → ", "class", "to")
		p.element("ins", f.Wanted)
	}
	p.end()
	p.end()
}

// anchor returns the id of a finding's element. It is the same in each report that has the
// finding, unless others have its fingerprint too.
func (p *page) anchor(fingerprint string) string {
	p.anchors[fingerprint]++
	id := "f-" + strings.Join(strings.Fields(fingerprint), "-")
	if n := p.anchors[fingerprint]; n > 1 {
		id += "-" + strconv.Itoa(n)
	}
	return id
}

// writeRules explains the rules of the findings.
func (p *page) writeRules() {
	rules := make(map[policy.Rule]bool)
	for _, f := range p.Findings {
		rules[f.Rule] = true
	}
	if len(rules) == 0 {
		return
	}
	p.start("section", "class", "rules")
	p.element("h2", "What the rules mean")
	for _, rule := range slices.Sorted(maps.Keys(rules)) {
		info := rule.Info()
		p.start("section", "id", "rule-"+string(rule))
		p.element("h3", string(rule))
		p.element("p", sentence(info.Title), "class", "title")
		p.element("p", info.Text)
		p.end()
	}
	p.end()
}

// sentence returns half a line as a sentence.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// evidenceTitles are what readers call the parts of the evidence. Nothing writes to it.
var evidenceTitles = map[string]string{
	"time": "Time", "version": "Version of Holdfast", "cluster": "Cluster (uid of kube-system)", "server": "API server",
	"files": "Files", "user": "Audited by", "policy": "Policy", "policySHA256": "SHA-256 of the policy",
	"namespace": "Only the namespace", "selector": "Only with the labels", "baseline": "Baseline", scope: "Scope",
}

// writeEvidence writes what was audited, when, by whom and by which policy, and what wasn't.
func (p *page) writeEvidence() {
	p.start("section", "class", "evidence")
	p.element("h2", "Evidence")
	p.start("dl")
	for _, each := range p.evidence() {
		if title := evidenceTitles[each.name]; title != "" {
			p.start("div")
			p.element("dt", title)
			p.element("dd", each.text)
			p.end()
		}
	}
	p.end()
	p.writeList("Not covered", p.Summary.notCovered(), "The policy covers everything that was read.")
	p.writeList("Not read", p.Summary.unread(), "Everything could be read.")
	p.writeList("Accepted", p.accepted(), "No finding is accepted.")
	p.end()
}

// writeList writes a list under a title, or a sentence if there is nothing in it.
func (p *page) writeList(title string, items []string, none string) {
	p.element("h3", title)
	if len(items) == 0 {
		p.element("p", none)
		return
	}
	p.start("ul")
	for _, item := range items {
		p.element("li", item)
	}
	p.end()
}

// notCovered returns what the findings say nothing about.
func (s Summary) notCovered() []string {
	var all []string
	if s.NotCoveredObjects > 0 {
		all = append(all, fmt.Sprintf("%s in %s, which the policy doesn't cover", policy.Quantity(s.NotCoveredObjects, "object"), policy.Quantity(s.NotCoveredNamespaces, "namespace")))
	}
	if s.Routes > 0 {
		all = append(all, policy.Quantity(s.Routes, "route")+" of other kinds, such as HTTPRoutes, which aren't evaluated yet")
	}
	return all
}
