package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
	"github.com/holdfast-dev/holdfast/policy/strictyaml"
)

// Read reads a policy file over the built-in policy. Its error is a
// strictyaml.Faults, which names every fault with its line.
func Read(data []byte) (*Policy, error) {
	p := Default()
	p.APIVersion, p.Kind = "", ""
	doc, faults := strictyaml.Decode(data, p)
	if len(faults) == 0 {
		faults = p.validate(doc)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return p, nil
}

// Digest is the SHA-256 of a policy file, by which replicas are compared.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// YAML is the policy as a file, every default written out.
func (p *Policy) YAML() ([]byte, error) {
	out, err := yaml.Dump(p, yaml.WithIndent(2))
	return append(bytes.TrimRight(out, "\n"), '\n'), err
}

// validate finds what no field can tell alone.
func (p *Policy) validate(doc *strictyaml.Document) (faults strictyaml.Faults) {
	add := func(path []string, format string, args ...any) {
		faults = append(faults, doc.Fault(path, format, args...))
	}
	if p.APIVersion != APIVersion {
		add([]string{"apiVersion"}, "%q must be %q", p.APIVersion, APIVersion)
	}
	if p.Kind != FileKind {
		add([]string{"kind"}, "%q must be %q", p.Kind, FileKind)
	}
	for _, field := range settingFields {
		if field.path == nil {
			continue
		}
		for _, problem := range field.bounds(p).problems() {
			add(field.path, "%s", problem)
		}
	}
	p.validateLimits(add)
	p.validateCookie(add)
	for _, name := range slices.Sorted(maps.Keys(p.IngressClasses)) {
		p.IngressClasses[name].validate([]string{"ingressClasses", name}, add)
	}
	for _, name := range slices.Sorted(maps.Keys(p.SpecControllers)) {
		path := []string{"controllers", name}
		if !specController.MatchString(name) {
			add(path, "must be an IngressClass's spec.controller, such as example.com/nginx")
		}
		p.SpecControllers[name].validate(path, add)
	}
	return faults
}

// specController matches what the API server takes as spec.controller
// (apimachinery/pkg/util/validation IsDomainPrefixedPath).
var specController = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$`)

// problems are what contradicts itself.
func (b Bounds) problems() (problems []string) {
	if b.Minimum > 0 && b.Maximum > 0 && b.Minimum > b.Maximum {
		return []string{fmt.Sprintf("minimum %s must not be above maximum %s", b.Minimum, b.Maximum)}
	}
	if d := b.Default; d > 0 && b.limits().Clamp(dialect.DurationOf(d)) != dialect.DurationOf(d) {
		problems = append(problems, fmt.Sprintf("default %s must be %s", d, b.limits()))
	}
	return problems
}

// cookieText is what a cookie's name and path may be made of: a part of what
// RFC 6265 allows, which no controller has to escape.
var cookieText = map[string]*regexp.Regexp{
	"name": regexp.MustCompile(`^[A-Za-z0-9\-._~]+$`),
	"path": regexp.MustCompile(`^/[A-Za-z0-9\-._~/:%]*$`),
}

type addFault func(path []string, format string, args ...any)

// validateLimits holds durations to the limits of Holdfast's annotations, so that no
// object gets by default what it may not ask for.
func (p *Policy) validateLimits(add addFault) {
	for s, field := range settingFields {
		if field.path == nil {
			continue
		}
		limits := dialect.Setting(s).Info().Limits
		bounds := field.bounds(p)
		for i, d := range []duration.Duration{bounds.Default, bounds.Minimum, bounds.Maximum} {
			if _, err := limits.Parse(d.String()); d != 0 && err != nil {
				add(append(slices.Clone(field.path), boundNames[i]), "%s %v", d, err)
			}
		}
	}
}

// boundNames are the fields of Bounds.
var boundNames = [...]string{"default", "minimum", "maximum"}

// validateCookie holds the cookie to what every controller can write.
func (p *Policy) validateCookie(add addFault) {
	for name, d := range map[string]struct{ text, problem string }{
		"name": {p.StickySessions.Cookie.Name, "must be letters, digits and -._~"},
		"path": {p.StickySessions.Cookie.Path, `must begin with "/" and hold letters, digits and -._~/:%`},
	} {
		if d.text != "" && !cookieText[name].MatchString(d.text) {
			add([]string{"stickySessions", "cookie", name}, "%q %s", d.text, d.problem)
		}
	}
}

func (c ClassOverride) validate(path []string, add addFault) {
	d := dialect.ByName(c.Dialect)
	switch {
	case d != nil:
	case c.Dialect != NoDialect:
		add(append(path, "dialect"), "%q must be one of %s, %s", c.Dialect, strings.Join(dialect.Names(), ", "), NoDialect)
		return
	case len(c.Options) > 0:
		add(append(path, "options"), "must not be there: %q has none", NoDialect)
		return
	}
	for _, option := range slices.Sorted(maps.Keys(c.Options)) {
		if err := d.CheckOption(option, string(c.Options[option])); err != nil {
			add(append(path, "options"), "%s %v", option, err)
		}
	}
}
