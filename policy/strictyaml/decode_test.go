package strictyaml_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/strictyaml"
)

type config struct {
	Name   string            `yaml:"name,omitempty"`
	Level  level             `yaml:"level"`
	Nested nested            `yaml:"nested"`
	Labels map[string]string `yaml:"labels"`
	Each   map[string]nested `yaml:"each"`
	On     *bool             `yaml:"on"`
	Off    bool              `yaml:"off"`
}

type nested struct {
	Size level `yaml:"size"`
}

// level is "low" or "high".
type level string

func (l *level) UnmarshalText(text []byte) error {
	if string(text) != "low" && string(text) != "high" {
		return errors.New(`must be "low" or "high"`)
	}
	*l = level(text)
	return nil
}

func yes() *bool {
	on := true
	return &on
}

func TestDecode(t *testing.T) {
	before := config{Name: "before", Level: "high"}
	for name, c := range map[string]struct {
		yaml string
		want config
	}{
		"what is left out keeps its value": {"off: true", config{Name: "before", Level: "high", Off: true}},
		"what is empty keeps its value":    {"name:\nlevel:\nnested:\nlabels: ~\non: null", before},
		"every kind of field":              {"{name: after, level: low, nested: {size: high}, labels: {a: b}, each: {x: {size: low}}, on: true}", config{"after", "low", nested{"high"}, map[string]string{"a": "b"}, map[string]nested{"x": {"low"}}, yes(), false}},
		"texts in quotes and over lines":   {"name: \"1\"\nlevel: |-\n  low", config{Name: "1", Level: "low"}},
		"a comment and a document's start": {"# comment\n---\nname: after # here\n", config{Name: "after", Level: "high"}},
		"a mapping without members":        {"labels: {}\neach: {}", before},
		"a boolean in another case":        {"on: True\noff: TRUE", config{Name: "before", Level: "high", On: yes(), Off: true}},
		"JSON":                             {`{"name": "after", "off": false}`, config{Name: "after", Level: "high"}},
		"a byte order mark":                {"\ufeffname: after", config{Name: "after", Level: "high"}},
		"a key that is a number, in a map": {`labels: {1: "2"}`, config{Name: "before", Level: "high", Labels: map[string]string{"1": "2"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := before
			_, faults := strictyaml.Decode([]byte(c.yaml), &got)
			require.Empty(t, faults)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestEveryFaultHasItsLine(t *testing.T) {
	for name, c := range map[string]struct{ yaml, want string }{
		"an unknown field":                     {"name: a\nlevle: low", "line 2: levle: unknown field; did you mean level?"},
		"an unknown field inside":              {"nested:\n  sise: low", "line 2: nested.sise: unknown field; did you mean size?"},
		"a field like no other":                {"xyzzyplugh: 1", "line 1: xyzzyplugh: unknown field; known are name, level, nested, labels, each, on, off"},
		"a field in capitals":                  {"Name: a", "line 1: Name: unknown field; did you mean name?"},
		"a number for a text":                  {"name: 3600", `line 1: name: 3600 is a number; put it in quotes: "3600"`},
		"a fraction for a text":                {"name: 1.50", `line 1: name: 1.50 is a number; put it in quotes: "1.50"`},
		"a boolean for a text":                 {"labels: {a: true}", `line 1: labels.a: true is a boolean; put it in quotes: "true"`},
		"a date for a text":                    {"name: 2027-03-01", `line 1: name: 2027-03-01 is a date; put it in quotes: "2027-03-01"`},
		"a text that its type doesn't take":    {"level: mid", `line 1: level: "mid" must be "low" or "high"`},
		"a text for a boolean":                 {`off: "true"`, `line 1: off: "true" must be true or false, without quotes`},
		"a list for a text":                    {"name: [a]", "line 1: name: must be a string, not a list"},
		"a text for a mapping":                 {"nested: low", "line 1: nested: must be a mapping with size, not the string \"low\""},
		"a list for all":                       {"- name: a", "line 1: must be a mapping, not a list"},
		"a field twice":                        {"name: a\nname: b", "line 2: name: duplicate key, first set on line 1"},
		"a key twice in a map":                 {"labels:\n  a: b\n  a: c", "line 3: labels.a: duplicate key, first set on line 2"},
		"an alias":                             {"name: &n low\nlevel: *n", "line 2: level: aliases aren't supported; write the value out"},
		"a merge":                              {"nested: &n {size: low}\neach: {x: {<<: *n}}", "line 2: each.x.<<: unknown field; known are size"},
		"all of them, in the document's order": {"off: 1\nname: 2\nlevel: 3", `line 1: off: 1 must be true or false; line 2: name: 2 is a number; put it in quotes: "2"; line 3: level: 3 must be "low" or "high"`},
		"nothing":                              {"", "line 1: expected one document, found 0"},
		"two documents":                        {"name: a\n---\nname: b", "line 1: expected one document, found 2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, faults := strictyaml.Decode([]byte(c.yaml), &config{})
			assert.Equal(t, c.want, faults.Error())
		})
	}
}

func TestAFaultOfTheParserHasItsLineToo(t *testing.T) {
	_, faults := strictyaml.Decode([]byte("name: a\nlevel: [low\n"), &config{})
	require.Len(t, faults, 1)
	assert.Greater(t, faults[0].Line, 1)
	assert.NotContains(t, faults[0].Message, "\n")
}

func TestAFileThatIsNoUTF8HasALineToo(t *testing.T) {
	_, faults := strictyaml.Decode([]byte("name: a\nlevel: \xff\n"), &config{})
	require.Len(t, faults, 1)
	assert.Positive(t, faults[0].Line, faults[0].String())
	assert.Positive(t, faults[0].Column)
}

func TestAFaultThatTheCallerFinds(t *testing.T) {
	doc, faults := strictyaml.Decode([]byte("name: a\nnested:\n  size: low\n"), &config{})
	require.Empty(t, faults)
	assert.Equal(t, strictyaml.Fault{Line: 3, Column: 9, Path: "nested.size", Message: "must not be low"}, doc.Fault([]string{"nested", "size"}, "must not be %s", "low"))
	assert.Equal(t, strictyaml.Fault{Line: 3, Column: 3, Path: "nested.other", Message: "is missing"}, doc.Fault([]string{"nested", "other"}, "is missing"), "at the nearest parent")
	assert.Equal(t, "line 1: is wrong", doc.Fault(nil, "is wrong").String())
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"", "name: a", "? [a]\n: b", "a: &a [*a]", "<<: {name: a}", "on: !!bool x", "labels: {? {a: b} : c}", "- - -", "each: {x: {size: 1}}", "{", "name: !!binary aGk="} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var c config
		doc, faults := strictyaml.Decode(data, &c)
		require.NotNil(t, doc)
		for _, fault := range faults {
			assert.Positive(t, fault.Line, "%q: %s", data, fault)
			assert.LessOrEqual(t, fault.Line, strings.Count(string(data), "\n")+strings.Count(string(data), "\r")+2, "%q: %s", data, fault)
			assert.NotEmpty(t, fault.Message)
		}
	})
}
