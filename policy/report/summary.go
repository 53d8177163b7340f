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
	return fmt.Sprintf("%d of %s %s as the policy says.", s.Right, policy.Quantity(s.Evaluated, "WebSocket object"), verb(s.Evaluated, "is", "are"))
}

// String returns what was looked at and how much was found: "214 Ingresses, 80 Services, 12
// namespaces: 3 findings; 61 objects in 9 namespaces not covered".
func (s Summary) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s, %s, %s: %s", policy.Quantity(s.Ingresses, "Ingress"), policy.Quantity(s.Services, "Service"), policy.Quantity(s.Namespaces, "namespace"),
		policy.Quantity(s.Errors+s.Warnings+s.Notes, "finding"))
	if s.Accepted > 0 {
		fmt.Fprintf(&text, ", %d accepted", s.Accepted)
	}
	if s.Known > 0 {
		fmt.Fprintf(&text, ", %d known", s.Known)
	}
	if s.NotCoveredObjects > 0 {
		fmt.Fprintf(&text, "; %s in %s not covered", policy.Quantity(s.NotCoveredObjects, "object"), policy.Quantity(s.NotCoveredNamespaces, "namespace"))
	}
	if s.Routes > 0 {
		fmt.Fprintf(&text, "; %s not evaluated", policy.Quantity(s.Routes, "route"))
	}
	return text.String()
}

// verb returns the form of a verb behind a number.
func verb(n int, singular, plural string) string {
	if n == 1 {
		return singular
	}
	return plural
}
