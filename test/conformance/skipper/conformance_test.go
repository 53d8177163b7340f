// Package conformance holds Holdfast's dialect to Skipper's own parsers.
package conformance

import (
	"fmt"
	"testing"

	"github.com/zalando/skipper/eskip"
	"github.com/zalando/skipper/filters/consistenthash"
	"github.com/zalando/skipper/loadbalancer"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/test/conformance/agree"
)

// hear asks for the algorithm, or for the key that it hashes. A route whose
// algorithm or filter can't be made is dropped; of a chain that can't be parsed
// only the filters are (dataclients/kubernetes/ingress.go annotationFilter).
func hear(a *dialect.Annotation, written map[string]string) (agree.Heard, error) {
	switch a.Setting {
	case dialect.CookieAffinity, dialect.AddressAffinity:
		algorithm, err := loadbalancer.AlgorithmFromString(written[a.Key])
		switch {
		case err != nil || algorithm == loadbalancer.None:
			return agree.Heard{}, err
		case algorithm == loadbalancer.ConsistentHash:
			return agree.Switch(true), nil
		default:
			return agree.Text(algorithm.String()), nil
		}
	case dialect.CookieName:
		chain, _ := eskip.ParseFilters(written[a.Key])
		return hashKey(chain)
	default:
		return agree.Heard{}, fmt.Errorf("%s: %w", a.Setting, agree.ErrNotAsked)
	}
}

// hashKey is what the chain has to be hashed.
func hashKey(chain []*eskip.Filter) (agree.Heard, error) {
	spec := consistenthash.NewConsistentHashKey()
	for _, f := range chain {
		if f.Name != spec.Name() {
			continue
		}
		if _, err := spec.CreateFilter(f.Args); err != nil {
			return agree.Heard{}, err
		}
		return agree.Text(arguments(f)), nil
	}
	return agree.Heard{}, nil
}

// arguments are what stands between a filter's parentheses.
func arguments(f *eskip.Filter) string {
	written := f.String()
	return written[len(f.Name)+1 : len(written)-1]
}

func TestHoldfastReadsAndWritesWhatSkipperDoes(t *testing.T) {
	newer := map[string]string{"leastRequests": "newer releases have it"}
	agree.Controller{
		Dialect: "skipper",
		Parser:  hear,
		More:    []string{`"${request.cookie.session}"`, `""`, `"a`, `"a", "b"`},
		Apart: map[dialect.Setting]map[string]string{
			dialect.CookieAffinity: newer, dialect.AddressAffinity: newer,
			dialect.CookieName: {"-1": "it costs the chain, other numbers the routes", "-3600": "it costs the chain, other numbers the routes"},
		},
	}.Test(t)
}

func TestHoldfastFindsTheFiltersThatSkipperFinds(t *testing.T) {
	unpack := func(_ *dialect.Annotation, text string) (map[string]string, error) {
		filters, err := eskip.ParseFilters(text)
		found := map[string]string{}
		for _, f := range filters {
			found[f.Name] = arguments(f)
		}
		return found, err
	}
	agree.Elements(t, "skipper", "zalando.org/skipper-filter", unpack,
		"",
		`consistentHashKey("${request.cookie.session}")`,
		`setPath("/a") -> consistentHashKey("x")`,
		`setPath("/a")->consistentHashKey("x")`,
		`setPath("a -> b") -> consistentHashKey("x")`,
		`setPath("a \" -> b") -> status(200)`,
		"setPath(`a -> \\`) -> status(200)",
		`setPath("/a") -> setPath("/b")`,
		`compress()`,
		`setPath("/a") ->`,
		`-> setPath("/a")`,
		`setPath("/a"), status(200)`,
		`setPath("/a`,
		`setPath`,
		`setPath("/a") status(200)`,
		`("x")`,
	)
}
