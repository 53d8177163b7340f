package report

import (
	"fmt"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
)

// Has reports whether a finding that counts is at least as grave as a severity.
func (s Summary) Has(severity policy.Severity) bool {
	switch severity {
	case policy.SeverityError:
		return s.Errors > 0
	case policy.SeverityWarning:
		return s.Errors+s.Warnings > 0
	case policy.SeverityNote:
		return s.Errors+s.Warnings+s.Notes > 0
	}
	return false
}

// Verdict returns the report in one sentence.
func (s Summary) Verdict() string {
	if s.Evaluated == 0 {
		return "Nothing that the policy covers was found."
	}
	return fmt.Sprintf("%d of %s %s as the policy says.", s.Right, quantity(s.Evaluated, "WebSocket object"), verb(s.Evaluated, "is", "are"))
}

// String returns what was looked at and how much was found: "214 Ingresses, 80 Services, 12
// namespaces: 3 findings; 61 objects in 9 namespaces not covered".
func (s Summary) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s, %s, %s: %s", quantity(s.Ingresses, "Ingress"), quantity(s.Services, "Service"), quantity(s.Namespaces, "namespace"),
		quantity(s.Errors+s.Warnings+s.Notes, "finding"))
	if s.Accepted > 0 {
		fmt.Fprintf(&text, ", %d accepted", s.Accepted)
	}
	if s.Known > 0 {
		fmt.Fprintf(&text, ", %d known", s.Known)
	}
	if s.NotCoveredObjects > 0 {
		fmt.Fprintf(&text, "; %s in %s not covered", quantity(s.NotCoveredObjects, "object"), quantity(s.NotCoveredNamespaces, "namespace"))
	}
	if s.Routes > 0 {
		fmt.Fprintf(&text, "; %s not evaluated", quantity(s.Routes, "route"))
	}
	return text.String()
}

// quantity returns a number with its noun: "1 Ingress", "2 Ingresses".
func quantity(n int, noun string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(noun, "s"):
		noun += "es"
	default:
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// verb returns the form of a verb behind a number.
func verb(n int, singular, plural string) string {
	if n == 1 {
		return singular
	}
	return plural
}
