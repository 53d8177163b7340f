package manifest

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// start is where a node begins, its anchor and tag included.
func (s *source) start(n *yaml.Node) int { return s.offset(n.Line, n.Column) }

// content is where a node begins behind its anchor and tag.
func (s *source) content(n *yaml.Node) int {
	at := s.start(n)
	if n.Kind == yaml.AliasNode {
		return at
	}
	for at < len(s.text) && (s.text[at] == '&' || s.text[at] == '!') {
		behind := at + wordLength(s.text[at:])
		if isEmptyScalar(n) && s.onlySpace(behind) {
			return behind
		}
		at = s.skipSpace(behind, "")
	}
	return at
}

// end is where a node ends, trailing space and comments not counted. The YAML
// library only tells where nodes begin. Columns of the block that the node is
// in tell where a block scalar ends; indent is that of the block, from 0.
func (s *source) end(n *yaml.Node, indent int) int {
	at := s.content(n)
	switch n.Kind {
	case yaml.AliasNode:
		return at + len("*") + len(n.Value)
	case yaml.ScalarNode:
		return s.scalarEnd(n, at, indent)
	default:
		return s.collectionEnd(n, at, indent)
	}
}

// collectionEnd is where the last child ends, or the bracket behind it.
func (s *source) collectionEnd(n *yaml.Node, at, indent int) int {
	flow := n.Style&yaml.FlowStyle != 0
	if !flow {
		indent = n.Column - 1
		if len(n.Content) > 0 && n.Kind == yaml.MappingNode {
			indent = n.Content[0].Column - 1
		}
	}
	behind := at
	if len(n.Content) > 0 {
		behind = s.end(n.Content[len(n.Content)-1], indent)
	} else if at < len(s.text) {
		behind++
	}
	if !flow {
		return behind
	}
	if n.Kind == yaml.MappingNode && (at >= len(s.text) || s.text[at] != '{') {
		// A pair within a list has no braces of its own.
		return behind
	}
	return min(s.skipSpace(behind, ",:")+1, len(s.text))
}

// scalarEnd is where a scalar ends whose text begins at an offset.
func (s *source) scalarEnd(n *yaml.Node, at, indent int) int {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return s.quotedEnd(at, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		return s.quotedEnd(at, '\'')
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return s.blockEnd(at, indent)
	default:
		return s.plainEnd(n.Value, at)
	}
}

// quotedEnd is behind the closing quote. Within single quotes a doubled one is
// no end, within double quotes one behind a backslash.
func (s *source) quotedEnd(at int, quote byte) int {
	for at++; at < len(s.text); at++ {
		switch {
		case quote == '"' && s.text[at] == '\\':
			at++
		case s.text[at] != quote:
		case quote == '\'' && at+1 < len(s.text) && s.text[at+1] == quote:
			at++
		default:
			return at + 1
		}
	}
	return len(s.text)
}

// plainEnd finds the characters of a plain scalar again, which stand in the
// text with nothing but other white space between them.
func (s *source) plainEnd(value string, at int) int {
	for _, r := range value {
		if strings.ContainsRune(" \t\n\u0085\u2028\u2029", r) {
			continue
		}
		found := bytes.IndexRune(s.text[at:], r)
		if found < 0 {
			return len(s.text)
		}
		at += found + utf8.RuneLen(r)
	}
	return at
}

// blockEnd is where the last line of a block scalar ends. Blank lines behind it
// belong to it only where it keeps them ("|+").
func (s *source) blockEnd(at, parent int) int {
	header, _, _ := strings.Cut(string(s.text[at:s.lineEnd(at)]), " ")
	indent := 0
	if digit := strings.IndexAny(header, "123456789"); digit > 0 {
		indent = parent + int(header[digit]-'0')
	}
	end := s.lineEnd(at)
	for at = s.nextLine(at); at < len(s.text); at = s.nextLine(at) {
		line := s.text[at:s.lineEnd(at)]
		rest := bytes.TrimLeft(line, " ")
		blank := len(rest) == 0
		if !blank && indent == 0 {
			indent = max(len(line)-len(rest), parent+1)
		}
		if !blank && len(line)-len(rest) < indent {
			break
		}
		if !blank || strings.Contains(header, "+") {
			end = at + len(line)
		}
	}
	return end
}

// isEmptyScalar tells whether a node has no text, as in "key:".
func isEmptyScalar(n *yaml.Node) bool {
	const written = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	return n.Kind == yaml.ScalarNode && n.Value == "" && n.Style&written == 0
}

// onlySpace tells whether no content follows an offset in its line.
func (s *source) onlySpace(at int) bool {
	rest := bytes.TrimLeft(s.text[at:s.lineEnd(at)], " \t")
	return len(rest) == 0 || rest[0] == '#'
}

// skipSpace goes over white space, comments and the punctuation that is named.
func (s *source) skipSpace(at int, punctuation string) int {
	for at < len(s.text) {
		switch c := s.text[at]; {
		case c == '#' && at > 0 && isSpace(s.text[at-1]):
			at = s.lineEnd(at)
		case isSpace(c), strings.IndexByte(punctuation, c) >= 0:
			at++
		case breakWidth(s.text[at:]) > 0:
			at += breakWidth(s.text[at:])
		default:
			return at
		}
	}
	return at
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// wordLength is the number of bytes up to the next white space.
func wordLength(text []byte) int {
	if end := bytes.IndexAny(text, " \t\r\n"); end >= 0 {
		return end
	}
	return len(text)
}
