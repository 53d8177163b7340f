package manifest

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// Nearly all manifests are regular: mappings and lists in block style, and
// scalars that are plain, literal ("|") or in quotes on one line. These are read
// here, in a fraction of the time that the YAML library takes, into the nodes
// that it would make of them. Whatever isn't regular is the library's to read
// and to judge.

// readRegular reads a regular document; false for any other. Its nodes stand
// where the library sees them, and lack the comments.
func readRegular(text string) (root *yaml.Node, ok bool) {
	if !isRegularText(text) {
		return nil, false
	}
	r := regularReader{text: text, ok: true}
	r.nextLine()
	if r.isMarker() {
		r.nextLine()
	}
	if r.indent == noIndent {
		return nil, false
	}
	root = r.collection()
	return root, r.ok && r.indent == noIndent
}

// isRegularText tells whether a text has none of the characters that a reader
// of YAML takes for a line break, for a mark or for a fault, but line feeds.
func isRegularText(text string) bool {
	for _, c := range text {
		switch {
		case c >= ' ' && c <= '~', c == '\n':
		case c < '\u00a0', c == '\u2028', c == '\u2029', c >= '\ud7ff':
			return false
		}
	}
	return true
}

// regularReader goes through a text line by line. It always stands where a line
// has content, or behind the last line.
type regularReader struct {
	text string
	// next is where the next line begins, and line the number of this one.
	next, line int
	// content is what is left of the line, and indent how much stands before:
	// spaces, or dashes of a list's items.
	content string
	indent  int
	// ok says that all was regular so far.
	ok bool
	// spare are nodes that are made, but not used yet.
	spare []yaml.Node
}

const (
	// noIndent is that of the end of the text.
	noIndent = -1
	// deepest keeps the recursion within bounds.
	deepest = 200
	// longestKey is shorter than what the library takes for one.
	longestKey = 500
)

// nextLine goes to the next line that holds more than a comment.
func (r *regularReader) nextLine() {
	for r.next < len(r.text) {
		line, blanks, _ := r.peekLine()
		r.pass(line)
		r.content, r.indent = line[blanks:], blanks
		if r.content != "" && r.content[0] != '#' {
			r.ok = r.ok && r.indent <= deepest
			return
		}
	}
	r.content, r.indent = "", noIndent
}

// peekLine gives the next line, the number of spaces that it begins with, and
// whether a line feed ends it.
func (r *regularReader) peekLine() (line string, blanks int, closed bool) {
	line, _, closed = strings.Cut(r.text[r.next:], "\n")
	return line, len(line) - len(strings.TrimLeft(line, " ")), closed
}

// pass goes over the next line.
func (r *regularReader) pass(line string) {
	r.next += len(line) + len("\n")
	r.line++
}

// isMarker tells whether the line is a separator with nothing behind it.
func (r *regularReader) isMarker() bool {
	rest, marked := strings.CutPrefix(r.content, "---")
	return marked && r.indent == 0 && isEnd(rest)
}

// isEnd tells whether nothing but a comment follows a marker or a scalar.
func isEnd(rest string) bool {
	trimmed := strings.TrimLeft(rest, " ")
	return trimmed == "" || trimmed[0] == '#' && len(trimmed) < len(rest)
}

// isItem tells whether the item of a list begins here.
func (r *regularReader) isItem() bool {
	return r.content == "-" || strings.HasPrefix(r.content, "- ")
}

// skip goes over characters, and the spaces behind them.
func (r *regularReader) skip(characters int) {
	rest := strings.TrimLeft(r.content[characters:], " ")
	r.indent += len(r.content) - len(rest)
	r.content = rest
}

// node makes a node that stands here.
func (r *regularReader) node(kind yaml.Kind, tag string) *yaml.Node {
	if len(r.spare) == 0 {
		r.spare = make([]yaml.Node, 16)
	}
	n := &r.spare[0]
	r.spare = r.spare[1:]
	n.Kind, n.Tag, n.Line, n.Column = kind, tag, r.line, r.indent+1
	return n
}

func (r *regularReader) collection() *yaml.Node {
	if r.isItem() {
		return r.list()
	}
	return r.mapping()
}

func (r *regularReader) mapping() *yaml.Node {
	indent := r.indent
	n := r.node(yaml.MappingNode, "!!map")
	n.Content = make([]*yaml.Node, 0, 8)
	for r.ok && r.indent == indent && !r.isItem() {
		if key := r.key(); r.ok {
			n.Content = append(n.Content, key, r.value(indent))
		}
	}
	// What is deeper goes on with a scalar, or is a fault.
	r.ok = r.ok && r.indent <= indent
	return n
}

// key reads a key and its colon.
func (r *regularReader) key() (n *yaml.Node) {
	length := keyLength(r.content)
	switch text := r.content[:length]; {
	case text == "":
		r.ok = false
		return nil
	case text[0] == '"':
		n = r.styled(yaml.DoubleQuotedStyle, text[1:length-1])
	case text[0] == '\'':
		n = r.styled(yaml.SingleQuotedStyle, text[1:length-1])
	default:
		n = r.styled(0, text)
		n.Tag = r.tag(text)
	}
	r.content, r.indent = r.content[length+1:], r.indent+length+1
	return n
}

// keyLength is the length of the key that a text begins with, quotes included;
// zero for none.
func keyLength(text string) int {
	length := strings.IndexByte(text, ':')
	if length <= 0 || length > longestKey || length+1 < len(text) && text[length+1] != ' ' {
		return 0
	}
	key := text[:length]
	if quote := key[0]; (quote == '"' || quote == '\'') && length > 2 && key[length-1] == quote {
		key = key[1 : length-1]
	}
	if !isWord(key) {
		return 0
	}
	return length
}

// value reads what stands behind the colon of a key, which has an indent.
func (r *regularReader) value(indent int) *yaml.Node {
	if !isEnd(r.content) {
		r.skip(0)
		return r.scalar(indent)
	}
	nothing := r.node(yaml.ScalarNode, "!!null")
	r.nextLine()
	if r.indent > indent || r.indent == indent && r.isItem() {
		return r.collection()
	}
	return nothing
}

func (r *regularReader) list() *yaml.Node {
	indent := r.indent
	n := r.node(yaml.SequenceNode, "!!seq")
	for r.ok && r.indent == indent && r.isItem() {
		r.skip(len("-"))
		n.Content = append(n.Content, r.item(indent))
	}
	r.ok = r.ok && r.indent <= indent
	return n
}

// item reads what stands behind a dash, which has an indent.
func (r *regularReader) item(indent int) *yaml.Node {
	if r.isItem() || keyLength(r.content) > 0 {
		r.ok = r.ok && r.indent <= deepest
		return r.collection()
	}
	return r.scalar(indent)
}
