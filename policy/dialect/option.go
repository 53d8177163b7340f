package dialect

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Option is a property of an installation that only the policy knows.
type Option struct {
	Name    string
	Meaning string
	// Default is the value if the policy declares none; empty for nothing.
	Default string
	// Values are the allowed values; none: any that Check accepts.
	Values []string
	// Check returns what is wrong with a value, as the rest of a sentence that
	// begins with it; nil: every value is right.
	Check func(text string) error
	// Prefix says that the option replaces the prefix of the dialect's
	// keys.
	Prefix bool
}

// OnOff are the values of an option that is a switch.
var OnOff = []string{"true", "false"}

// OptionText is the value that a policy declares for an option.
type OptionText string

// TakesBoolean marks values that a policy file may write as a boolean.
func (OptionText) TakesBoolean() {}

// Options are what a policy declares about an installation.
type Options map[string]OptionText

// Value returns the value of an option: the declared one, or its default.
func (o Options) Value(option Option) string {
	if text, declared := o[option.Name]; declared {
		return string(text)
	}
	return option.Default
}

// On reports whether a switch is declared to be on.
func (o Options) On(name string) bool { return o[name] == "true" }

// CheckOption returns what is wrong with a declared option, as the rest of a
// sentence that begins with its name.
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

// checkPrefix returns an error for a text that can't stand before the "/" of a key.
func checkPrefix(text string) error {
	if !dnsName.MatchString(text) {
		return errors.New("must be a DNS name, such as nginx.example.com")
	}
	return nil
}
