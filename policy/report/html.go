package report

import (
	"cmp"
	"crypto/sha256"
	_ "embed" // The style sheet and the script.
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"
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
		p.writeShare("share", s.Right, s.Evaluated)
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

// percent returns a share as SVG writes it.
func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 2, 64) + "%" }
