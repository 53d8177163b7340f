package dialect

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Option is something about an installation that only the policy can tell.
type Option struct {
	Name    string
	Meaning string
	// Default is what holds where the policy doesn't say; empty for nothing.
	Default string
	// Values are the words that it takes; none: any that Check takes.
	Values []string
	// Check finds what is wrong with a text, as the rest of a sentence that
	// begins with it; nil: nothing can be.
	Check func(text string) error
	// Prefix says that the option replaces what the dialect's keys begin with.
	Prefix bool
}

// OnOff are the words of an option that is a switch.
var OnOff = []string{"true", "false"}

// OptionText is what a policy declares of an option.
type OptionText string

// TakesBoolean lets a policy file write a switch without quotes.
func (OptionText) TakesBoolean() {}

// Options are what a policy declares about an installation.
type Options map[string]OptionText

// Of is what holds for an option.
func (o Options) Of(option Option) string {
	if text, declared := o[option.Name]; declared {
		return string(text)
	}
	return option.Default
}

// On tells whether a switch is declared to be on.
func (o Options) On(name string) bool { return o[name] == "true" }

// CheckOption finds what is wrong with a declared option. Its error is the rest
// of a sentence that begins with the option's name.
func (d *Dialect) CheckOption(name, text string) error {
	i := slices.IndexFunc(d.Options, func(o Option) bool { return o.Name == name })
	if i < 0 {
		return fmt.Errorf("is not an option of %s%s", d.Name, d.optionNames())
	}
	switch o := d.Options[i]; {
	case len(o.Values) > 0 && !slices.Contains(o.Values, text):
		quoted := make([]string, len(o.Values))
		for i, v := range o.Values {
			quoted[i] = strconv.Quote(v)
		}
		return fmt.Errorf("%q must be %s", text, strings.Join(quoted, " or "))
	case o.Check != nil:
		if err := o.Check(text); err != nil {
			return fmt.Errorf("%q %w", text, err)
		}
	}
	return nil
}

func (d *Dialect) optionNames() string {
	if len(d.Options) == 0 {
		return ", which has none"
	}
	names := make([]string, len(d.Options))
	for i, o := range d.Options {
		names[i] = o.Name
	}
	return "; it has " + strings.Join(names, ", ")
}

// dnsName is what Kubernetes takes as most objects' names, and before the "/" of
// an annotation's key (RFC 1123).
var dnsName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)

// checkPrefix holds a text to what can stand before the "/" of a key.
func checkPrefix(text string) error {
	if !dnsName.MatchString(text) {
		return errors.New("must be a DNS name, such as nginx.example.com")
	}
	return nil
}

// checkObjectName holds a text to what can be an object's name.
func checkObjectName(text string) error {
	if !dnsName.MatchString(text) {
		return errors.New(`must be an object's name: small letters, digits, "-" and "."`)
	}
	return nil
}
