package manifest

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// scalar reads a scalar, or a collection of nothing, and goes to the line behind
// it. The indent is that of the mapping or list around it.
func (r *regularReader) scalar(indent int) (n *yaml.Node) {
	if strings.HasPrefix(r.content, "|") {
		return r.literal(indent)
	}
	var rest string
	switch {
	case r.content == "", strings.IndexByte("-?:,]}#&*!>%@`", r.content[0]) >= 0:
		r.ok = false
	case r.content[0] == '{', r.content[0] == '[':
		n, rest = r.empty()
	case r.content[0] == '"':
		n, rest = r.doubleQuoted()
	case r.content[0] == '\'':
		n, rest = r.singleQuoted()
	default:
		n = r.plain(indent)
	}
	r.ok = r.ok && isEnd(rest)
	r.nextLine()
	return n
}

// plain reads a text without quotes. It goes on in deeper lines, up to a blank
// one or a comment; if it goes on behind these, the text isn't regular.
func (r *regularReader) plain(indent int) *yaml.Node {
	n := r.node(yaml.ScalarNode, "")
	part, open := r.plainPart(r.content)
	parts := []string{part}
	for open && r.next < len(r.text) {
		line, blanks, _ := r.peekLine()
		if blanks <= indent || blanks == len(line) || line[blanks] == '#' {
			break
		}
		part, open = r.plainPart(line[blanks:])
		parts = append(parts, part)
		r.pass(line)
	}
	n.Value = strings.Join(parts, " ")
	n.Tag = r.tag(n.Value)
	return n
}

// plainPart is what one line holds of a text without quotes. Where a comment
// follows, the text isn't open any more.
func (r *regularReader) plainPart(rest string) (part string, open bool) {
	part, _, commented := strings.Cut(rest, " #")
	part = strings.TrimRight(part, " ")
	r.ok = r.ok && !strings.Contains(part, ": ") && !strings.HasSuffix(part, ":")
	return part, !commented
}

// empty reads "{}" and "[]".
func (r *regularReader) empty() (n *yaml.Node, rest string) {
	n = r.node(yaml.MappingNode, "!!map")
	rest, ok := strings.CutPrefix(r.content, "{}")
	if !ok {
		rest, ok = strings.CutPrefix(r.content, "[]")
		n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
	}
	n.Style = yaml.FlowStyle
	r.ok = r.ok && ok
	return n, rest
}

// doubleQuoted reads a text without escapes.
func (r *regularReader) doubleQuoted() (n *yaml.Node, rest string) {
	text, rest, closed := strings.Cut(r.content[1:], `"`)
	r.ok = r.ok && closed && !strings.Contains(text, `\`)
	return r.styled(yaml.DoubleQuotedStyle, text), rest
}

// singleQuoted reads a text in which a quote is written twice.
func (r *regularReader) singleQuoted() (n *yaml.Node, rest string) {
	all := r.content[1:]
	for end := 0; end < len(all); end++ {
		switch {
		case all[end] != '\'':
		case strings.HasPrefix(all[end:], "''"):
			end++
		default:
			text := strings.ReplaceAll(all[:end], "''", "'")
			return r.styled(yaml.SingleQuotedStyle, text), all[end+1:]
		}
	}
	r.ok = false
	return nil, ""
}

// literal reads a text that stands on the lines behind a "|", and goes to the
// line behind it.
func (r *regularReader) literal(indent int) *yaml.Node {
	n := r.styled(yaml.LiteralStyle, "")
	rest, stripped := strings.CutPrefix(r.content[1:], "-")
	r.ok = r.ok && isEnd(rest)
	var out strings.Builder
	inner, breaks := 0, 0
	for r.next < len(r.text) {
		line, blanks, closed := r.peekLine()
		blank := blanks == len(line)
		if !blank && (blanks < inner || blanks <= indent) {
			break
		}
		if !blank && inner == 0 {
			inner = blanks
		}
		// On a blank line, too, spaces beyond the indent are text. What has
		// them isn't regular.
		r.ok = r.ok && closed && (!blank || blanks <= inner)
		if !blank {
			out.WriteString(strings.Repeat("\n", breaks))
			out.WriteString(line[inner:])
			breaks = 0
		}
		breaks++
		r.pass(line)
	}
	r.ok = r.ok && out.Len() > 0
	if !stripped {
		out.WriteByte('\n')
	}
	n.Value = out.String()
	r.nextLine()
	return n
}

// styled makes a scalar that is a text because of its style.
func (r *regularReader) styled(style yaml.Style, text string) *yaml.Node {
	n := r.node(yaml.ScalarNode, "!!str")
	n.Style, n.Value = style, text
	return n
}

// tag is the type that the library sees in a scalar without quotes.
func (r *regularReader) tag(text string) string {
	switch text {
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return "!!bool"
	case "null", "Null", "NULL":
		return "!!null"
	}
	switch {
	case strings.IndexByte("0123456789+-.<~", text[0]) < 0, isNoNumber(text):
		return "!!str"
	case isSmallNumber(text):
		return "!!int"
	}
	scalar, err := parse(newSource("", 1, []byte(text)))
	if err != nil || scalar == nil || scalar.Value != text {
		r.ok = false
		return ""
	}
	return scalar.Tag
}

// isNoNumber tells whether a text has what no number and no date has, such as
// the dots of an address or the letters of a unit.
func isNoNumber(text string) bool {
	return strings.Count(text, ".") > 1 || strings.ContainsAny(text, "ghjklmqrsuvwyGHJKLMQRSUVWY/")
}

// isSmallNumber tells whether a text is a number for every reader.
func isSmallNumber(text string) bool {
	if len(text) > 9 || text[0] == '0' && len(text) > 1 {
		return false
	}
	return strings.Trim(text, "0123456789") == ""
}
