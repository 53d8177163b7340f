package manifest

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

// style is how the entries of a mapping are written. New entries are written like
// their neighbours.
type style struct {
	newline string
	// indent is what the lines of the mapping begin with, step what those of a
	// nested mapping have in addition.
	indent, step string
	// keys and texts are the quotes of keys and values.
	keys, texts quotes

	// flow is set for a mapping in braces; the fields below apply only to it.
	flow bool
	// broken is set if each entry has a line of its own.
	broken bool
	// colon and comma are what separates key and value, and entries.
	colon, comma string
}

// quotes are how a string is written.
type quotes struct {
	// plain means that there are no quotes if the string allows it.
	plain bool
	// mark is the quote if there is one.
	mark byte
	// strict means that no other quote is used whatever the string holds, as in
	// JSON.
	strict bool
}

// styleOf returns the style of the entries that are there.
func (s *splicer) styleOf(at *mappingPlace) *style {
	if at.style != nil {
		return at.style
	}
	st := &style{
		newline: s.source.newline(),
		flow:    at.flow(),
		keys:    quotesOf(at.last().key),
		texts:   textQuotes(at.entries),
	}
	at.style = st
	if !st.flow {
		st.indent = spaces(s.source.keyIndent(at.first().key))
		st.step = spaces(blockStep(at))
		return st
	}
	st.keys.strict = st.keys.mark == '"' && !st.keys.plain
	if st.keys.strict {
		st.texts = st.keys
	}
	s.readFlow(st, at)
	return st
}

// keyIndent returns how far the line of a key of a block mapping is indented: to the
// key, or to the question mark in front of it.
func (s *source) keyIndent(key *yaml.Node) int {
	start := s.start(key)
	before := bytes.TrimRight(s.text[s.lineStart(start):start], " \t")
	if mark, found := bytes.CutSuffix(before, []byte("?")); found {
		return len(mark)
	}
	return key.Column - 1
}

// readFlow completes the style of a mapping in braces.
func (s *splicer) readFlow(st *style, at *mappingPlace) {
	last := at.last()
	st.indent, st.broken = s.source.indent(s.source.start(last.key))
	st.step = strings.TrimPrefix(st.indent, s.source.lineIndent(s.source.start(at.mapping)))
	if st.step == "" {
		st.step = "  "
	}
	st.colon = s.source.between(s.source.keyEnd(last.key), s.source.start(last.value), ":", ": ")
	st.comma = st.inlineComma()
	if n := len(at.entries); n > 1 {
		before := at.entries[n-2]
		st.comma = s.source.between(s.source.entryEnd(before), s.source.start(last.key), ",", st.comma)
	}
	if st.broken {
		st.comma = "," + st.newline + st.indent
	}
}

// between returns the text between two offsets if it is a mark with blanks around
// it, and the usual text otherwise.
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

// blockStep returns how much deeper a mapping within a block mapping is indented.
func blockStep(at *mappingPlace) int {
	column := at.first().key.Column
	for _, e := range at.entries {
		if e.value.Kind == yaml.MappingNode && e.value.Style&yaml.FlowStyle == 0 && len(e.value.Content) > 0 {
			return max(e.value.Content[0].Column-column, 1)
		}
	}
	if at.step > 0 {
		return at.step
	}
	return 2
}

func spaces(n int) string { return strings.Repeat(" ", n) }

// textQuotes returns the quotes of the last string that is no block scalar. If it
// is plain, the mark is that of the last string that isn't.
func textQuotes(all []entry) quotes {
	found := quotes{mark: '"', plain: true}
	for _, e := range all {
		if e.value.Kind != yaml.ScalarNode || !isString(e.value) || e.value.Style&blockStyle != 0 {
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

// quotesOf returns the quotes of a scalar.
func quotesOf(n *yaml.Node) quotes {
	switch {
	case n.Kind != yaml.ScalarNode:
		return quotes{mark: '"'}
	case n.Style&yaml.SingleQuotedStyle != 0:
		return quotes{mark: '\''}
	case n.Style&(yaml.DoubleQuotedStyle|blockStyle) != 0:
		return quotes{mark: '"'}
	default:
		return quotes{mark: '"', plain: true}
	}
}

// deeper returns the style of a nested mapping.
func (st style) deeper() style {
	st.indent += st.step
	if st.broken {
		st.comma = "," + st.newline + st.indent
	}
	return st
}

// inline returns the style of a mapping in braces on one line.
func (st style) inline() style {
	if !st.flow {
		st.flow, st.colon = true, ": "
	}
	st.broken, st.comma = false, st.inlineComma()
	return st
}

// inlineComma returns the comma between entries on one line, which has a space
// behind it if the colon has one.
func (st style) inlineComma() string {
	if strings.HasSuffix(st.colon, " ") {
		return ", "
	}
	return ","
}

// lines writes what edits add to a block mapping.
func (st style) lines(edits []*edit) string {
	var out strings.Builder
	for _, e := range written(edits) {
		out.WriteString(st.indent + st.keys.write(e.key) + ":")
		if e.to != nil {
			out.WriteString(" " + st.scalar(*e.to) + st.newline)
		} else {
			out.WriteString(st.newline + st.deeper().lines(e.members))
		}
	}
	return out.String()
}

// list writes what edits add to a mapping in braces.
func (st style) list(edits []*edit) string {
	edits = written(edits)
	all := make([]string, len(edits))
	for i, e := range edits {
		all[i] = st.keys.write(e.key) + st.colon
		if e.to != nil {
			all[i] += st.scalar(*e.to)
		} else {
			all[i] += st.mapping(e.members)
		}
	}
	return strings.Join(all, st.comma)
}

// mapping writes a mapping in braces.
func (st style) mapping(edits []*edit) string {
	inner := st.deeper().list(edits)
	if st.broken {
		return "{" + st.newline + st.indent + st.step + inner + st.newline + st.indent + "}"
	}
	return "{" + inner + "}"
}

func (st style) scalar(to scalar) string {
	if to.bare {
		return to.text
	}
	return st.texts.write(to.text)
}

// write writes a string so that every reader takes it for that string.
func (q quotes) write(text string) string {
	switch {
	case q.plain && needsNoQuotes(text):
		return text
	case q.strict || !isPrintable(text):
		return doubleQuoted(text)
	case q.mark == '\'' || strings.ContainsAny(text, `"\`):
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	default:
		return doubleQuoted(text)
	}
}

// needsNoQuotes reports whether a plain scalar is read as a string at any place
// and by any reader.
func needsNoQuotes(text string) bool {
	return isIdentifier(text) && text[0] != '/' && isPlainString(text)
}

// isPrintable reports whether a string can be on one line as it is.
func isPrintable(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

// doubleQuoted returns a string as JSON, which is also YAML.
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
