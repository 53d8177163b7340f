package webhook

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner goes once through the bytes of a JSON document (RFC 8259) in UTF-8. It
// holds all of it to the grammar, also what it skips.
type scanner struct {
	document []byte
	at       int
	depth    int
}

// deepest is how deep values may lie within each other, for the API server too
// (sigs.k8s.io/json).
const deepest = 10_000

// next is the first byte of what comes next; zero at the end.
func (s *scanner) next() byte {
	for s.at < len(s.document) {
		switch c := s.document[s.at]; c {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// take goes past a byte that has to come next.
func (s *scanner) take(c byte) error {
	if s.next() != c {
		return s.unexpected()
	}
	s.at++
	return nil
}

// end makes sure that nothing comes next.
func (s *scanner) end() error {
	if s.next(); s.at < len(s.document) {
		return s.unexpected()
	}
	return nil
}

// skip goes past a value.
func (s *scanner) skip() error {
	switch c := s.next(); c {
	case '{':
		return s.skipObject()
	case '[':
		return s.skipList()
	case '"':
		_, err := s.quoted()
		return err
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	default:
		_, err := s.number()
		return err
	}
}

func (s *scanner) skipObject() error {
	if err := s.enter(); err != nil {
		return err
	}
	for s.next() != '}' {
		if _, err := s.quoted(); err != nil {
			return err
		}
		if err := s.take(':'); err != nil {
			return err
		}
		if err := s.skip(); err != nil {
			return err
		}
		if err := s.separate('}'); err != nil {
			return err
		}
	}
	s.leave()
	return nil
}

func (s *scanner) skipList() error {
	if err := s.enter(); err != nil {
		return err
	}
	for s.next() != ']' {
		if err := s.skip(); err != nil {
			return err
		}
		if err := s.separate(']'); err != nil {
			return err
		}
	}
	s.leave()
	return nil
}

// enter goes into the object or the list that comes next, and leave out of it.
func (s *scanner) enter() error {
	if s.depth++; s.depth > deepest {
		return fmt.Errorf("more than %d values lie within each other", deepest)
	}
	s.at++
	return nil
}

func (s *scanner) leave() {
	s.at++
	s.depth--
}

// separate goes past the comma between two elements; the last one is followed by
// the end instead.
func (s *scanner) separate(end byte) error {
	switch s.next() {
	case end:
		return nil
	case ',':
		s.at++
		if s.next() != end {
			return nil
		}
	}
	return s.unexpected()
}

// quoted is a string: what stands between its quotes, and how many bytes shorter
// it is without its escapes.
type quoted struct {
	inside  []byte
	escapes int
}

// quoted goes past a string.
func (s *scanner) quoted() (q quoted, err error) {
	if err := s.take('"'); err != nil {
		return q, err
	}
	start := s.at
	for {
		s.at += ordinary(s.document[s.at:])
		if s.at == len(s.document) {
			return q, s.unexpected()
		}
		switch s.document[s.at] {
		case '"':
			q.inside = s.document[start:s.at]
			s.at++
			return q, nil
		case '\\':
			shorter, err := s.escape()
			if err != nil {
				return q, err
			}
			q.escapes += shorter
		default:
			r, size := utf8.DecodeRune(s.document[s.at:])
			if r == utf8.RuneError && size == 1 || r < ' ' {
				return q, s.unexpected()
			}
			s.at += size
		}
	}
}

// ordinary is how many bytes at the beginning stand for themselves in a string.
// It looks at eight at a time.
func ordinary[T string | []byte](text T) int {
	at := 0
	for ; len(text)-at >= 8; at += 8 {
		if marks := special(binary.LittleEndian.Uint64([]byte(text[at : at+8]))); marks != 0 {
			return at + bits.TrailingZeros64(marks)/8
		}
	}
	for at < len(text) && special(uint64(text[at])|allOrdinary) == 0 {
		at++
	}
	return at
}

// Words of eight bytes that are all alike.
const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
	// allOrdinary fills the seven bytes above one.
	allOrdinary = 'a' * ones << 8 & (1<<64 - 1)
)

// special marks, among eight bytes, the highest bit of those that don't stand for
// themselves: control characters, quotes, backslashes, and all beyond ASCII. Above
// the lowest mark there may be false ones, as a subtraction borrows.
func special(eight uint64) uint64 {
	quotes, backslashes := eight^'"'*ones, eight^'\\'*ones
	return highs & (eight | (eight-' '*ones)&^eight | (quotes-ones)&^quotes | (backslashes-ones)&^backslashes)
}

// escape goes past an escape, and tells how many bytes shorter is what it stands
// for.
func (s *scanner) escape() (shorter int, err error) {
	if s.at+1 < len(s.document) {
		switch s.document[s.at+1] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			s.at += 2
			return 1, nil
		}
	}
	start := s.at
	r, err := s.escapedUnit()
	if err == nil && utf16.IsSurrogate(r) {
		var low rune
		low, err = s.escapedUnit()
		if r = utf16.DecodeRune(r, low); err == nil && r == utf8.RuneError {
			err = errors.New("half of a surrogate pair stands alone")
		}
	}
	return s.at - start - utf8.RuneLen(r), err
}

// escapedUnit goes past \uXXXX, which is a rune or half of a surrogate pair.
func (s *scanner) escapedUnit() (rune, error) {
	const length = len(`\uXXXX`)
	rest := s.document[s.at:]
	if len(rest) < length || rest[0] != '\\' || rest[1] != 'u' {
		return 0, s.unexpected()
	}
	unit, err := strconv.ParseUint(string(rest[2:length]), 16, 16)
	if err != nil {
		return 0, s.unexpected()
	}
	s.at += length
	return rune(unit), nil
}

// number goes past a number, and gives its text.
func (s *scanner) number() ([]byte, error) {
	s.next()
	start := s.at
	s.passes("-")
	if !s.passes("0") && !s.digits() {
		return nil, s.unexpected()
	}
	if s.passes(".") && !s.digits() {
		return nil, s.unexpected()
	}
	if s.passes("eE") {
		s.passes("+-")
		if !s.digits() {
			return nil, s.unexpected()
		}
	}
	return s.document[start:s.at], nil
}

// passes goes past one of the given bytes, if it comes at once.
func (s *scanner) passes(oneOf string) bool {
	if s.at < len(s.document) && strings.IndexByte(oneOf, s.document[s.at]) >= 0 {
		s.at++
		return true
	}
	return false
}

// digits goes past all digits that come at once; false where none does.
func (s *scanner) digits() bool {
	start := s.at
	for s.passes("0123456789") {
	}
	return s.at > start
}

// word goes past one of the values that are words.
func (s *scanner) word(word string) error {
	if rest := s.document[s.at:]; len(rest) < len(word) || string(rest[:len(word)]) != word {
		return s.unexpected()
	}
	s.at += len(word)
	return nil
}

// unexpected says that there is no JSON from here on.
func (s *scanner) unexpected() error {
	if s.at >= len(s.document) {
		return errors.New("it ends too early")
	}
	return fmt.Errorf("unexpected %q at byte %d", s.document[s.at], s.at)
}
