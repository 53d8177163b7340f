package manifest

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// look is what new entries of a mapping look like: as their neighbours do.
type look struct {
	newline string
	// indent is what the lines of the mapping begin with, step what those of a
	// mapping within it have more.
	indent, step string
	// keys and texts are how they are quoted, where they may be plain.
	keys, texts quotes

	// flow says that the mapping is written in braces; the rest is about that.
	flow bool
	// broken says that each entry has a line of its own.
	broken bool
	// colon and comma are what stands between key and value, and entries.
	colon, comma string
}

// quotes are how a scalar is written.
type quotes struct {
	// plain says that no quotes are needed where the text allows it.
	plain bool
	// mark is the quote, where there is one.
	mark byte
	// strict keeps to the mark whatever the text holds, as in JSON.
	strict bool
}

// lookOf reads the look of the entries that are there.
func (s *splicer) lookOf(at place) look {
	all := entries(at.mapping)
	last := all[len(all)-1]
	l := look{
		newline: s.source.newline(),
		flow:    at.mapping.Style&yaml.FlowStyle != 0,
		keys:    keyQuotes(all),
		texts:   textQuotes(all),
	}
	if !l.flow {
		l.indent = spaces(all[0].key.Column - 1)
		l.step = spaces(blockStep(at, all))
		return l
	}
	l.keys.strict = l.keys.mark == '"' && !l.keys.plain
	if l.keys.strict {
		l.texts = l.keys
	}
	s.readFlow(&l, at, all, last)
	return l
}

// readFlow reads the look of a mapping in braces.
func (s *splicer) readFlow(l *look, at place, all []entry, last entry) {
	l.indent, l.broken = s.source.indent(s.source.start(last.key))
	l.step = strings.TrimPrefix(l.indent, s.source.lineIndent(s.source.start(at.mapping)))
	if l.step == "" || l.step == l.indent && l.indent == "" {
		l.step = "  "
	}
	l.colon = s.source.between(s.source.keyEnd(last.key), s.source.start(last.value), ":", ": ")
	l.comma = ","
	if strings.HasSuffix(l.colon, " ") {
		l.comma = ", "
	}
	if len(all) > 1 {
		before := all[len(all)-2]
		l.comma = s.source.between(s.source.entryEnd(before), s.source.start(last.key), ",", l.comma)
	}
	if l.broken {
		l.comma = "," + l.newline + l.indent
	}
}

// between is the text between two offsets where it is a mark with blanks around
// it, and a usual one otherwise.
func (s *source) between(start, end int, mark, usual string) string {
	if start > end {
		return usual
	}
	text := string(s.text[start:end])
	if strings.Trim(text, " \t") != mark {
		return usual
	}
	return text
}

// blockStep is how much deeper a mapping within the mapping is.
func blockStep(at place, all []entry) int {
	column := all[0].key.Column
	for _, e := range all {
		if e.value.Kind == yaml.MappingNode && e.value.Style&yaml.FlowStyle == 0 && len(e.value.Content) > 0 {
			return max(e.value.Content[0].Column-column, 1)
		}
	}
	if at.outer > 0 && at.outer < column {
		return column - at.outer
	}
	return 2
}

func spaces(n int) string { return strings.Repeat(" ", n) }

// keyQuotes are those of the last key.
func keyQuotes(all []entry) quotes { return quotesOf(all[len(all)-1].key) }

// textQuotes are those of the last text on one line; where that is plain, the
// mark is that of the last one that isn't.
func textQuotes(all []entry) quotes {
	found := quotes{mark: '"', plain: true}
	for _, e := range all {
		const block = yaml.LiteralStyle | yaml.FoldedStyle
		if e.value.Kind != yaml.ScalarNode || !isText(e.value) || e.value.Style&block != 0 {
			continue
		}
		q := quotesOf(e.value)
		if q.plain {
			q.mark = found.mark
		}
		found = q
	}
	return found
}

// quotesOf are the quotes of a scalar.
func quotesOf(n *yaml.Node) quotes {
	switch {
	case n.Kind != yaml.ScalarNode:
		return quotes{mark: '"'}
	case n.Style&yaml.SingleQuotedStyle != 0:
		return quotes{mark: '\''}
	case n.Style&(yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return quotes{mark: '"'}
	default:
		return quotes{mark: '"', plain: true}
	}
}

// deeper is the look of a mapping within the mapping.
func (l look) deeper() look {
	l.indent += l.step
	if l.broken {
		l.comma = "," + l.newline + l.indent
	}
	return l
}

// lines writes entries of a block.
func (l look) lines(edits []edit) string {
	var out strings.Builder
	for _, e := range edits {
		out.WriteString(l.indent + l.keys.write(e.key) + ":")
		if e.to != nil {
			out.WriteString(" " + l.scalar(*e.to) + l.newline)
		} else {
			out.WriteString(l.newline + l.deeper().lines(written(e.members)))
		}
	}
	return out.String()
}

// list writes entries within braces.
func (l look) list(edits []edit) string {
	all := make([]string, len(edits))
	for i, e := range edits {
		all[i] = l.keys.write(e.key) + l.colon
		if e.to != nil {
			all[i] += l.scalar(*e.to)
		} else {
			all[i] += l.mapping(written(e.members))
		}
	}
	return strings.Join(all, l.comma)
}

// mapping writes a mapping in braces.
func (l look) mapping(edits []edit) string {
	inner := l.deeper().list(edits)
	if l.broken {
		return "{" + l.newline + l.indent + l.step + inner + l.newline + l.indent + "}"
	}
	return "{" + inner + "}"
}

func (l look) scalar(to scalar) string {
	if to.bare {
		return to.text
	}
	return l.texts.write(to.text)
}

// write writes a text so that every reader takes it for that text.
func (q quotes) write(text string) string {
	switch {
	case q.plain && isPlainWord(text):
		return text
	case q.strict || !isPrintable(text):
		return doubleQuoted(text)
	case q.mark == '\'' || strings.ContainsAny(text, `"\`):
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	default:
		return doubleQuoted(text)
	}
}

// isPlainWord tells whether a text needs no quotes, in any place and for any
// reader.
func isPlainWord(text string) bool {
	return isWord(text) && text[0] != '/' && isPlainText(text)
}

// isPrintable tells whether a text can stand on one line as it is.
func isPrintable(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

// doubleQuoted is a JSON string, which is also one of YAML.
func doubleQuoted(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		// A string always has an encoding.
		panic(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}
