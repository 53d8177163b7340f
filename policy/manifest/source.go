package manifest

import (
	"bytes"
	"sort"
	"unicode/utf8"
)

// byteOrderMark may be at the beginning of a document. The YAML library doesn't
// count it as a column.
var byteOrderMark = []byte("\ufeff")

// source is a document's text. It converts between offsets in the text and the
// lines and columns of the YAML library, which counts characters and breaks lines
// as YAML 1.1 does: at more characters than editors do. What it needs for that is
// computed once, at the first use.
type source struct {
	file string
	// line is the file's line in which the text begins.
	line int
	text []byte
	// begin is the offset of the text behind a byte order mark.
	begin int

	// libraryLines, lines and editorLines are the offsets of the beginnings of
	// lines: as the YAML library counts them, as all readers of YAML agree on, and
	// as editors count them.
	libraryLines, lines, editorLines []int
	// runesBefore is the number of characters before each block of the text.
	runesBefore []int
}

func newSource(file string, line int, text []byte) *source {
	s := &source{file: file, line: line, text: text}
	if bytes.HasPrefix(text, byteOrderMark) {
		s.begin = len(byteOrderMark)
	}
	return s
}

// yaml returns the text without a byte order mark.
func (s *source) yaml() []byte { return s.text[s.begin:] }

// checkText returns an error at the first byte that isn't text in UTF-8.
func (s *source) checkText() error {
	if at := bytes.IndexByte(s.text, 0); at >= 0 {
		return &SyntaxError{s.position(at), "not UTF-8 text: it contains a NUL byte"}
	}
	if !utf8.Valid(s.text) {
		return &SyntaxError{s.position(validLength(s.text)), "not UTF-8 text"}
	}
	return nil
}

// validLength returns how many bytes of a text come before the first that isn't UTF-8.
func validLength(text []byte) int {
	at := 0
	for at < len(text) {
		r, width := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && width == 1 {
			break
		}
		at += width
	}
	return at
}

// startsOf returns the offsets of the beginnings of lines. It computes them into
// starts unless they are there; width returns the length of the line break that a
// text begins with.
func (s *source) startsOf(starts *[]int, width func([]byte) int) []int {
	if *starts != nil {
		return *starts
	}
	found := append(make([]int, 0, 1+bytes.Count(s.text, []byte("\n"))), s.begin)
	for at := s.begin; at < len(s.text); at++ {
		if !mayBreak(s.text[at]) {
			continue
		}
		if n := width(s.text[at:]); n > 0 {
			at += n - 1
			found = append(found, at+1)
		}
	}
	*starts = found
	return found
}

// lineOf returns the index of the line that an offset is in.
func lineOf(starts []int, offset int) int {
	return max(sort.SearchInts(starts, offset+1)-1, 0)
}

// offset returns the offset of a line and column of the YAML library.
func (s *source) offset(line, column int) int {
	starts := s.startsOf(&s.libraryLines, breakWidth)
	if line < 1 || line > len(starts) {
		return len(s.text)
	}
	return s.skipRunes(starts[line-1], column-1)
}

// position returns the position of an offset in the file.
func (s *source) position(offset int) Position {
	offset = min(max(offset, s.begin), len(s.text))
	starts := s.startsOf(&s.editorLines, feedWidth)
	line := lineOf(starts, offset)
	return Position{
		File:   s.file,
		Line:   s.line + line,
		Column: 1 + s.runesUpTo(offset) - s.runesUpTo(starts[line]),
	}
}

// runeBlock is the length in bytes of the blocks whose characters are counted in
// advance. A line may be as long as the document, so its columns can't be counted
// from its beginning each time.
const runeBlock = 256

// runeCounts returns the number of characters before each block.
func (s *source) runeCounts() []int {
	if s.runesBefore == nil {
		s.runesBefore = make([]int, 1, 2+len(s.text)/runeBlock)
		for at := 0; at+runeBlock <= len(s.text); at += runeBlock {
			s.runesBefore = append(s.runesBefore, s.runesBefore[len(s.runesBefore)-1]+countRunes(s.text[at:at+runeBlock]))
		}
	}
	return s.runesBefore
}

// runesUpTo returns the number of characters before an offset.
func (s *source) runesUpTo(offset int) int {
	block := offset / runeBlock
	return s.runeCounts()[block] + countRunes(s.text[block*runeBlock:offset])
}

// skipRunes returns the offset that is n characters behind another one.
func (s *source) skipRunes(offset, n int) int {
	if n <= 0 {
		return offset
	}
	wanted := s.runesUpTo(offset) + n
	counts := s.runeCounts()
	block := sort.SearchInts(counts, wanted+1) - 1
	at := block * runeBlock
	// A character may reach into the block from the one before.
	for at < len(s.text) && !utf8.RuneStart(s.text[at]) {
		at++
	}
	for n = wanted - counts[block]; n > 0 && at < len(s.text); n-- {
		_, width := utf8.DecodeRune(s.text[at:])
		at += width
	}
	return at
}

// countRunes returns the number of characters that begin in a part of a text.
func countRunes(part []byte) int {
	count := 0
	for _, c := range part {
		if utf8.RuneStart(c) {
			count++
		}
	}
	return count
}

// breakWidth returns the length of the line break of YAML 1.1 that a text begins
// with; zero if there is none.
func breakWidth(text []byte) int {
	switch {
	case len(text) == 0 || !mayBreak(text[0]):
		return 0
	case text[0] == '\n':
		return 1
	case text[0] == '\r':
		return newlineWidth(text)
	case bytes.HasPrefix(text, []byte("\u0085")):
		return len("\u0085")
	case bytes.HasPrefix(text, []byte("\u2028")), bytes.HasPrefix(text, []byte("\u2029")):
		return len("\u2028")
	default:
		return 0
	}
}

// mayBreak reports whether a line break can begin with a byte.
func mayBreak(c byte) bool { return c <= '\r' || c >= utf8.RuneSelf }

// newlineWidth returns the length of the line break that a text begins with, of
// those that all readers agree on; zero if there is none. New lines are inserted
// only at these.
func newlineWidth(text []byte) int {
	switch {
	case bytes.HasPrefix(text, []byte("\r\n")):
		return 2
	case len(text) > 0 && (text[0] == '\n' || text[0] == '\r'):
		return 1
	default:
		return 0
	}
}

// feedWidth returns the length of the line feed that a text begins with; zero if
// there is none.
func feedWidth(text []byte) int {
	if len(text) > 0 && text[0] == '\n' {
		return 1
	}
	return 0
}

func (s *source) lineStarts() []int { return s.startsOf(&s.lines, newlineWidth) }

// lineStart returns the beginning of an offset's line.
func (s *source) lineStart(offset int) int {
	starts := s.lineStarts()
	return starts[lineOf(starts, offset)]
}

// lineEnd returns the end of an offset's line, without its line break.
func (s *source) lineEnd(offset int) int {
	end := s.nextLine(offset)
	for end > offset && (s.text[end-1] == '\n' || s.text[end-1] == '\r') {
		end--
	}
	return end
}

// nextLine returns the beginning of the line after that of an offset.
func (s *source) nextLine(offset int) int {
	starts := s.lineStarts()
	if next := lineOf(starts, offset) + 1; next < len(starts) {
		return starts[next]
	}
	return len(s.text)
}

// indent returns the white space between the beginning of an offset's line and
// the offset; false if anything else is there.
func (s *source) indent(offset int) (string, bool) {
	before := s.text[s.lineStart(offset):offset]
	blanks := before[:len(before)-len(bytes.TrimLeft(before, " \t"))]
	return string(blanks), len(blanks) == len(before)
}

// lineIndent returns the white space that an offset's line begins with.
func (s *source) lineIndent(offset int) string {
	rest := s.text[s.lineStart(offset):]
	return string(rest[:len(rest)-len(bytes.TrimLeft(rest, " \t"))])
}

// newline returns the line break of the document.
func (s *source) newline() string {
	end := s.lineEnd(s.begin)
	if width := newlineWidth(s.text[end:]); width > 0 {
		return string(s.text[end : end+width])
	}
	return "\n"
}
