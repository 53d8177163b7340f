package policy

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/strictyaml"
)

// chartPolicy is what the chart's templates know of policy files, so that they can
// refuse what the schema of the values can't express.
type chartPolicy struct {
	Timeouts []chartTimeout `yaml:"timeouts"`
	// Options are those of each dialect.
	Options map[string]chartOptions `yaml:"options"`
}

// chartOptions are the options of a dialect.
type chartOptions struct {
	Names []string `yaml:"names,flow"`
	// Unknown is the fault of a class with another option, whose name it has as OPTION.
	Unknown string `yaml:"unknown"`
}

// chartTimeout is a field with a default, a minimum and a maximum.
type chartTimeout struct {
	Path string `yaml:"path"`
	// Default is the default of the built-in policy; empty for none.
	Default string `yaml:"default,omitempty"`
	// Shortest and Longest are the limits of all three.
	Shortest string `yaml:"shortest"`
	Longest  string `yaml:"longest"`
	// Problem is the end of the sentence about a duration outside of the limits.
	Problem string `yaml:"problem"`
}

const (
	chartPolicyFile   = "../charts/holdfast/files/policy.yaml"
	chartPolicyHeader = "# Generated from policy/ by `make generate`. Do not edit.\n"
)

// UPDATE_GOLDEN=1 writes the file.
func TestTheChartKnowsThePolicy(t *testing.T) {
	known := chartPolicy{Options: map[string]chartOptions{NoDialect: {Names: []string{}, Unknown: unknownOption(NoDialect)}}}
	for s, field := range timeoutFields() {
		limits := s.Info().Limits
		_, err := limits.Parse("0s")
		known.Timeouts = append(known.Timeouts, chartTimeout{
			Path:     strings.Join(field.path, "."),
			Default:  field.timeout(Default()).Default.String(),
			Shortest: limits.Minimum.String(),
			Longest:  limits.Maximum.String(),
			Problem:  err.Error(),
		})
	}
	for _, d := range dialect.All() {
		names := make([]string, len(d.Options))
		for i, o := range d.Options {
			names[i] = o.Name
		}
		known.Options[d.Name] = chartOptions{names, unknownOption(d.Name)}
	}
	text, err := yaml.Dump(known)
	require.NoError(t, err)
	want := chartPolicyHeader + string(text)
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		require.NoError(t, os.WriteFile(chartPolicyFile, []byte(want), 0o644))
	}
	stored, err := os.ReadFile(chartPolicyFile)
	require.NoError(t, err)
	assert.Equal(t, want, string(stored), "stale: make generate")
}

// unknownOption returns the fault of a class whose dialect has no OPTION.
func unknownOption(name string) (fault string) {
	class := ClassOverride{Dialect: name, Options: dialect.Options{"OPTION": ""}}
	class.validate(nil, func(path []string, format string, args ...any) {
		fault = strictyaml.Fault{Path: strings.Join(path, "."), Message: fmt.Sprintf(format, args...)}.Text()
	})
	return fault
}

// textSchema is the schema of a text in the chart's values.
type textSchema struct {
	Reference string   `json:"$ref"`
	Type      any      `json:"type"`
	Enum      []string `json:"enum"`
	Pattern   string   `json:"pattern"`
	MaxLength int      `json:"maxLength"`
}

// chartTexts are the texts in the schema of the chart's policy.
type chartTexts struct {
	Definitions struct {
		Duration     textSchema `json:"duration"`
		Switch       textSchema `json:"switch"`
		DNSName      textSchema `json:"dnsName"`
		Installation struct {
			Properties struct {
				Options struct {
					Properties map[string]textSchema `json:"properties"`
				} `json:"options"`
			} `json:"properties"`
		} `json:"installation"`
	} `json:"definitions"`
	Properties struct {
		StickySessions struct {
			Properties struct {
				Cookie struct {
					Properties map[string]textSchema `json:"properties"`
				} `json:"cookie"`
			} `json:"properties"`
		} `json:"stickySessions"`
		Controllers struct {
			PropertyNames textSchema `json:"propertyNames"`
		} `json:"controllers"`
	} `json:"properties"`
}

func readChartTexts(t *testing.T) chartTexts {
	t.Helper()
	data, err := os.ReadFile("../charts/holdfast/values.schema.json")
	require.NoError(t, err)
	var values struct {
		Properties struct {
			Policy chartTexts `json:"policy"`
		} `json:"properties"`
	}
	require.NoError(t, json.Unmarshal(data, &values))
	return values.Properties.Policy
}

// accepts reports whether the schema allows a text.
func (s textSchema) accepts(texts *chartTexts, text string) bool {
	switch name := s.Reference[strings.LastIndex(s.Reference, "/")+1:]; name {
	case "switch":
		s = texts.Definitions.Switch
	case "dnsName":
		s = texts.Definitions.DNSName
	}
	return (s.Enum == nil || slices.Contains(s.Enum, text)) && regexp.MustCompile(s.Pattern).MatchString(text)
}

// An option has the same values in all dialects that have it, so the schema can list
// each once. Which dialect has which option is for the templates to check.
func TestTheChartsSchemaKnowsEveryOption(t *testing.T) {
	texts := readChartTexts(t)
	options := texts.Definitions.Installation.Properties.Options.Properties
	unknown := make(map[string]bool)
	for name := range options {
		unknown[name] = true
	}
	tried := []string{
		"", "true", "false", "True", "yes", "5.4", "v5.4.1", "5.", "5.-4", "latest", "nginx.example.com", "nginx.example.com/", "Nginx",
		"holdfast-sticky", "-x", "x-", "a..b", "a b", "oss\n",
	}
	for _, d := range dialect.All() {
		for _, o := range d.Options {
			delete(unknown, o.Name)
			require.Contains(t, options, o.Name, d.Name)
			for _, text := range append(tried, append(o.Values, strings.Join(o.Values, ""), o.Default)...) {
				right := d.CheckOption(o.Name, text) == nil
				assert.Equal(t, right, options[o.Name].accepts(&texts, text), "%s: %s: %q", d.Name, o.Name, text)
			}
		}
	}
	assert.Empty(t, unknown, "options that no dialect has")
}

func TestTheChartsSchemaMatchesTheTextsOfAPolicy(t *testing.T) {
	texts := readChartTexts(t)
	assert.Equal(t, durationPattern, texts.Definitions.Duration.Pattern)
	for _, name := range []string{"example.com/nginx", "nginx", "example.com/", "/nginx", "Example.com/nginx", "a..b/x", "a-.b/x", "example.com/a b", "e.c/A-Za_.~%!$&'()*+,;=:/x"} {
		assert.Equal(t, specController.MatchString(name), texts.Properties.Controllers.PropertyNames.accepts(&texts, name), name)
	}
	cookie := texts.Properties.StickySessions.Properties.Cookie.Properties
	for field, pattern := range cookieText {
		for _, text := range []string{"", "route", "a;b", "a b", "/", "/chat", "/chat/%20:x", "chat", "/a;b", "a-b._~", "/é"} {
			assert.Equal(t, text == "" || pattern.MatchString(text), cookie[field].accepts(&texts, text), "%s: %q", field, text)
		}
	}
}

// Messages name the field of a setting's value by its path.
func TestThePathOfASettingIsAFieldOfThePolicyFile(t *testing.T) {
	for s, field := range settingFields {
		at := reflect.TypeFor[Policy]()
		if field.timeout != nil || field.value != nil {
			assert.NotEmpty(t, field.path, dialect.Setting(s).String())
		}
		for _, name := range field.path {
			found := false
			for i := 0; at.Kind() == reflect.Struct && i < at.NumField() && !found; i++ {
				if tag, _, _ := strings.Cut(at.Field(i).Tag.Get("yaml"), ","); tag == name {
					at, found = at.Field(i).Type, true
				}
			}
			require.True(t, found, "%s: %v", dialect.Setting(s), field.path)
		}
	}
}
