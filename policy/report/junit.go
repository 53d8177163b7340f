package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
)

// The elements of JUnit's XML that its readers agree on.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Timestamp  string          `xml:"timestamp,attr,omitempty"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Failure *junitFailure `xml:"failure,omitempty"`
		Skipped *junitSkipped `xml:"skipped,omitempty"`
		Output  string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
)

// writeJUnit writes JUnit's XML: a suite for each Namespace and a test for each finding,
// which fails unless it is a note, accepted or known.
func writeJUnit(out io.Writer, r *Report) error {
	all := junitSuites{Name: "holdfast audit"}
	for _, f := range r.Findings {
		name := r.group(f)
		if n := len(all.Suites); n == 0 || all.Suites[n-1].Name != name {
			all.Suites = append(all.Suites, newJUnitSuite(name, r))
		}
		all.Suites[len(all.Suites)-1].add(f)
	}
	if len(all.Suites) == 0 {
		// Readers take a file without any test for a run that failed.
		suite := newJUnitSuite(r.group(Finding{}), r)
		suite.Tests, suite.Cases = 1, []junitCase{{Class: "audit", Name: "nothing found"}}
		all.Suites = append(all.Suites, suite)
	}
	for _, s := range all.Suites {
		all.Tests, all.Failures = all.Tests+s.Tests, all.Failures+s.Failures
	}
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	text := xml.NewEncoder(out)
	text.Indent("", "  ")
	if err := text.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\n")
	return err
}

// newJUnitSuite returns a suite with the evidence.
func newJUnitSuite(name string, r *Report) junitSuite {
	suite := junitSuite{Name: name, Timestamp: strings.TrimSuffix(r.Evidence.Time, "Z")}
	for _, p := range r.evidence() {
		suite.Properties = append(suite.Properties, junitProperty{p.name, p.text})
	}
	return suite
}

func (s *junitSuite) add(f Finding) {
	test := junitCase{
		Class: strings.ToLower(f.Object.Kind) + "/" + f.Object.Name,
		Name:  strings.TrimSpace(fmt.Sprintf("%s %s", f.Rule, f.Field)),
	}
	s.Tests++
	switch {
	case f.State == Accepted:
		s.Skipped++
		test.Skipped = &junitSkipped{"accepted: " + f.reason()}
	case f.State == Known:
		s.Skipped++
		test.Skipped = &junitSkipped{f.reason()}
	case f.Severity == policy.SeverityNote:
		test.Output = f.Message
	default:
		s.Failures++
		test.Failure = &junitFailure{string(f.Severity), f.Message, f.explained()}
	}
	s.Cases = append(s.Cases, test)
}
