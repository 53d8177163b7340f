package chart

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

// A schema is the part of values.schema.json that a reader of the values needs.
type schema struct {
	Description string     `json:"description"`
	Default     any        `json:"default"`
	Required    []string   `json:"required"`
	Properties  properties `json:"properties"`
}

// properties keeps the order of the file: it is the order of values.yaml.
type properties []property

type property struct {
	name string
	schema
}

func (p *properties) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if _, err := decoder.Token(); err != nil { // the opening brace
		return err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		next := property{name: name.(string)}
		if err := decoder.Decode(&next.schema); err != nil {
			return fmt.Errorf("%s: %w", next.name, err)
		}
		*p = append(*p, next)
	}
	return nil
}

// isGroup reports whether a property only contains other properties.
func (p property) isGroup() bool { return p.Default == nil && len(p.Properties) > 0 }

// isValue leaves out what has no default and so no line in values.yaml.
func (p property) isValue() bool { return p.Default != nil }

// walk calls visit for each value below p, with its dotted path, in order.
func (p properties) walk(prefix string, visit func(path string, value property)) {
	for _, property := range p {
		path := prefix + property.name
		if property.isGroup() {
			property.Properties.walk(path+".", visit)
		}
		if property.isValue() {
			visit(path, property)
		}
	}
}

// writeYAML writes the defaults below p with their descriptions as comments.
func (p properties) writeYAML(out *strings.Builder, indent string) error {
	for _, property := range p {
		if !property.isGroup() && !property.isValue() {
			continue
		}
		if indent == "" && out.Len() > 0 && property.Description != "" {
			out.WriteString("\n")
		}
		writeComment(out, indent, property.Description)
		out.WriteString(indent + property.name + ":")
		if property.isGroup() {
			out.WriteString("\n")
			if err := property.Properties.writeYAML(out, indent+"  "); err != nil {
				return err
			}
			continue
		}
		if err := writeDefault(out, indent, property.Default); err != nil {
			return fmt.Errorf("%s: %w", property.name, err)
		}
	}
	return nil
}

func writeDefault(out *strings.Builder, indent string, value any) error {
	text, err := yaml.Marshal(value)
	if err != nil {
		return err
	}
	if isBlock(value) {
		for line := range strings.Lines(string(text)) {
			out.WriteString("\n" + indent + "  " + strings.TrimSuffix(line, "\n"))
		}
		out.WriteString("\n")
		return nil
	}
	out.WriteString(" " + string(text))
	return nil
}

// isBlock reports whether a value takes lines of its own.
func isBlock(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return len(value) > 0
	case []any:
		return len(value) > 0
	default:
		return false
	}
}

// word is what a comment isn't broken within: a quoted example counts as one.
var word = regexp.MustCompile("`[^`]*`\\S*|\\S+")

// writeComment breaks the text at 88 columns, the indent included.
func writeComment(out *strings.Builder, indent, text string) {
	const width = 88
	line := indent + "#"
	for _, word := range word.FindAllString(text, -1) {
		if len(line)+1+len(word) > width {
			out.WriteString(line + "\n")
			line = indent + "#"
		}
		line += " " + word
	}
	if line != indent+"#" {
		out.WriteString(line + "\n")
	}
}

// table is the values as a Markdown table. What has no description can have
// only one value.
func (p properties) table() (string, error) {
	var out strings.Builder
	out.WriteString("| value | default | meaning |\n|---|---|---|\n")
	var failed error
	escape := strings.NewReplacer("|", `\|`)
	p.walk("", func(path string, value property) {
		if value.Description == "" {
			return
		}
		text, err := json.Marshal(value.Default)
		if err != nil {
			failed = err
		}
		fmt.Fprintf(&out, "| `%s` | `%s` | %s |\n", path, text, escape.Replace(value.Description))
	})
	return out.String(), failed
}
