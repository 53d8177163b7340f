package manifest

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Styles of scalars.
const (
	quotedStyle = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle
	blockStyle  = yaml.LiteralStyle | yaml.FoldedStyle
)

// start returns the offset of a node, its anchor and tag included.
func (s *source) start(n *yaml.Node) int { return s.offset(n.Line, n.Column) }

// content returns the offset of a node behind its anchor and tag.
func (s *source) content(n *yaml.Node) int {
	at := s.start(n)
	if n.Kind == yaml.AliasNode {
		return at
	}
	for at < len(s.text) && (s.text[at] == '&' || s.text[at] == '!') {
		behind := at + tokenLength(s.text[at:])
		if isEmptyScalar(n) && s.onlySpace(behind) {
			return behind
		}
		at = s.skipSpace(behind, "")
	}
	return at
}

// end returns the end of a node, without trailing space and comments. The YAML
// library reports only where nodes begin. The end of a block scalar depends on
// indent, the column (from 0) of the block that the node is in.
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

// collectionEnd returns the end of the last child, or of the bracket behind it.
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
		// A pair within a flow sequence has no braces.
		return behind
	}
	return min(s.skipSpace(behind, ",:")+1, len(s.text))
}

// scalarEnd returns the end of a scalar whose content begins at an offset.
func (s *source) scalarEnd(n *yaml.Node, at, indent int) int {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return s.quotedEnd(at, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		return s.quotedEnd(at, '\'')
	case n.Style&blockStyle != 0:
		return s.blockEnd(at, indent)
	default:
		return s.plainEnd(n.Value, at)
	}
}

// quotedEnd returns the offset behind the closing quote. A doubled single quote
// doesn't close, nor does a double quote behind a backslash.
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

// plainEnd returns the end of a plain scalar. Its characters are in the text in
// order, with only white space between them.
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

// blockEnd returns the end of the last line of a block scalar. Blank lines behind
// it belong to a scalar that keeps them ("|+").
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

// behindKey returns the text from the end of an entry's key to the end of its
// value.
func (s *source) behindKey(e entry) string {
	return string(s.text[s.keyEnd(e.key):s.entryEnd(e)])
}

func (s *source) keyEnd(key *yaml.Node) int { return s.end(key, key.Column-1) }

// entryEnd returns the end of an entry's value, or of its key if there is none.
func (s *source) entryEnd(e entry) int {
	key, value := s.keyEnd(e.key), s.end(e.value, e.key.Column-1)
	if value <= key || len(bytes.TrimSpace(s.text[key:value])) == 0 {
		return key
	}
	return value
}

// colonEnd returns the offset behind the colon that follows a key.
func (s *source) colonEnd(keyEnd int) int {
	at := s.skipSpace(keyEnd, "")
	if at < len(s.text) && s.text[at] == ':' {
		return at + 1
	}
	return keyEnd
}

// isEmptyScalar reports whether a scalar has no text, as in "key:".
func isEmptyScalar(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "" && n.Style&(quotedStyle|blockStyle) == 0
}

// onlySpace reports whether the rest of an offset's line is blank or a comment.
func (s *source) onlySpace(at int) bool {
	rest := bytes.TrimLeft(s.text[at:s.lineEnd(at)], " \t")
	return len(rest) == 0 || rest[0] == '#'
}

// skipSpace returns the offset behind white space, comments and the given
// punctuation.
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

// tokenLength returns the number of bytes before the next white space.
func tokenLength(text []byte) int {
	if end := bytes.IndexAny(text, " \t\r\n"); end >= 0 {
		return end
	}
	return len(text)
}
