package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
	"github.com/holdfast-dev/holdfast/policy/strictyaml"
)

// Read reads a policy file over the built-in policy. Its error is a
// strictyaml.Faults, which names every fault with its line.
func Read(data []byte) (*Policy, error) {
	p, faults := readFile(data)
	if len(faults) > 0 {
		return nil, faults
	}
	return p, nil
}

func readFile(data []byte) (*Policy, strictyaml.Faults) {
	p := Default()
	p.APIVersion, p.Kind = "", ""
	return p.validated(strictyaml.Decode(data, p))
}

// validated returns the policy, or the faults that were found while it was read and
// those of its values.
func (p *Policy) validated(doc *strictyaml.Document, faults strictyaml.Faults) (*Policy, strictyaml.Faults) {
	if faults = append(faults, p.validate(doc)...); len(faults) > 0 {
		faults.Sort()
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

// validate finds what no field can tell alone. It passes over the fields that couldn't
// be read, which have a fault already.
func (p *Policy) validate(doc *strictyaml.Document) (faults strictyaml.Faults) {
	add := func(path []string, format string, args ...any) {
		if !doc.Unread(path) {
			faults = append(faults, doc.Fault(path, format, args...))
		}
	}
	for _, header := range []struct{ field, found, wanted string }{
		{"apiVersion", p.APIVersion, APIVersion},
		{"kind", p.Kind, FileKind},
	} {
		switch header.found {
		case header.wanted:
		case "":
			add([]string{header.field}, "missing; write %q", header.wanted)
		default:
			add([]string{header.field}, "%q must be %q", header.found, header.wanted)
		}
	}
	for _, field := range timeoutFields() {
		faults = append(faults, field.timeout(p).validate(doc, field.path)...)
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

// validate returns the fault of a timeout whose fields contradict each other, if all of them
// could be read. It is about the mapping, and at the field that contradicts the others.
func (t Timeout) validate(doc *strictyaml.Document, path []string) strictyaml.Faults {
	field, problem := t.problem()
	unread := func(name string) bool { return doc.Unread(append(slices.Clone(path), name)) }
	if problem == "" || slices.ContainsFunc(timeoutKeys[:], unread) {
		return nil
	}
	at, fault := doc.Fault(append(slices.Clone(path), field), ""), doc.Fault(path, "%s", problem)
	fault.Line, fault.Column = at.Line, at.Column
	return strictyaml.Faults{fault}
}

// problem returns the field that contradicts the others, and how; nothing if none does.
func (t Timeout) problem() (field, problem string) {
	d := dialect.DurationOf(t.Default)
	switch {
	case t.Minimum > 0 && t.Maximum > 0 && t.Minimum > t.Maximum:
		return "minimum", fmt.Sprintf("minimum %s must not be above maximum %s", t.Minimum, t.Maximum)
	case t.Default > 0 && t.limits().Clamp(d) != d:
		return "default", fmt.Sprintf("default %s must be %s", t.Default, t.limits())
	default:
		return "", ""
	}
}

// cookieText is what a cookie's name and path may be made of: a part of what
// RFC 6265 allows, which no controller has to escape.
var cookieText = map[string]*regexp.Regexp{
	"name": regexp.MustCompile(`^[A-Za-z0-9\-._~]+$`),
	"path": regexp.MustCompile(`^/[A-Za-z0-9\-._~/:%]*$`),
}

type addFault func(path []string, format string, args ...any)

// validateLimits adds the faults of durations outside of the limits of Holdfast's
// annotations, so that no object gets by default what it may not ask for.
func (p *Policy) validateLimits(add addFault) {
	for s, field := range timeoutFields() {
		limits := s.Info().Limits
		timeout := field.timeout(p)
		for i, d := range []duration.Duration{timeout.Default, timeout.Minimum, timeout.Maximum} {
			if _, err := limits.Parse(d.String()); d != 0 && err != nil {
				add(append(slices.Clone(field.path), timeoutKeys[i]), "%s %v", d, err)
			}
		}
	}
}

// timeoutKeys are the keys of a Timeout in the policy file.
var timeoutKeys = [...]string{"default", "minimum", "maximum"}

// validateCookie adds the faults of a cookie that some controller can't write.
func (p *Policy) validateCookie(add addFault) {
	for name, d := range map[string]struct{ text, problem string }{
		"name": {p.StickySessions.Cookie.Name, "must be letters, digits and -._~"},
		"path": {p.StickySessions.Cookie.Path, `must begin with "/" and hold letters, digits and -._~/:%`},
	} {
		if d.text != "" && !cookieText[name].MatchString(d.text) {
			add(cookiePath(name), "%q %s", d.text, d.problem)
		}
	}
}

func (c ClassOverride) validate(path []string, add addFault) {
	d := dialect.ByName(c.Dialect)
	switch {
	case d != nil:
	case c.Dialect != NoDialect:
		add(append(path, "dialect"), "%s", unknownDialect(c.Dialect))
		return
	case len(c.Options) > 0:
		add(append(path, "options"), "dialect %q has no options; remove them", NoDialect)
		return
	}
	for _, option := range slices.Sorted(maps.Keys(c.Options)) {
		if err := d.CheckOption(option, string(c.Options[option])); err != nil {
			add(append(path, "options", option), "%s %v", option, err)
		}
	}
}

// unknownDialect returns what is wrong with a name that no dialect has.
func unknownDialect(name string) string {
	if name == "" {
		return `missing; name a dialect, or "none": holdfast dialects lists them`
	}
	if similar := dialect.Suggestions(name); len(similar) > 0 {
		return fmt.Sprintf("unknown dialect %q; did you mean %s?", name, Enumerated(similar, "or"))
	}
	return fmt.Sprintf("unknown dialect %q; holdfast dialects lists them", name)
}
