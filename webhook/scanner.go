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

// scanner reads the bytes of a JSON document (RFC 8259) in UTF-8 once. It
// validates all of them, including the values that it skips.
type scanner struct {
	document []byte
	at       int
	depth    int
	// shortening is the number of bytes by which unescaping would shorten the strings
	// that have been consumed.
	shortening int
}

// maxDepth limits the nesting of values, as the API server does
// (sigs.k8s.io/json).
const maxDepth = 10_000

// next skips white space and returns the byte behind it without consuming it;
// zero at the end.
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

// expect consumes white space and the byte c, which must come next.
func (s *scanner) expect(c byte) error {
	if s.next() != c {
		return s.unexpected()
	}
	s.at++
	return nil
}

// end returns an error unless only white space is left.
func (s *scanner) end() error {
	if s.next(); s.at < len(s.document) {
		return s.unexpected()
	}
	return nil
}

// skip consumes a value.
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
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
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
		if err := s.expect(':'); err != nil {
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

// enter consumes the opening bracket of an object or a list.
func (s *scanner) enter() error {
	if s.depth++; s.depth > maxDepth {
		return fmt.Errorf("values are nested more than %d levels deep", maxDepth)
	}
	s.at++
	return nil
}

// leave consumes the closing bracket of an object or a list.
func (s *scanner) leave() {
	s.at++
	s.depth--
}

// separate consumes the comma between two elements. Behind the last element it
// consumes nothing; the closing bracket end must come next.
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

// quoted is a string of the document.
type quoted struct {
	// inside are the bytes between the quotes.
	inside []byte
	// shortening is the number of bytes by which unescaping shortens the string.
	shortening int
}

// quoted consumes a string.
func (s *scanner) quoted() (q quoted, err error) {
	if err := s.expect('"'); err != nil {
		return q, err
	}
	start := s.at
	for {
		s.at += unescapedPrefix(s.document[s.at:])
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
			q.shortening += shorter
			s.shortening += shorter
		default:
			r, size := utf8.DecodeRune(s.document[s.at:])
			if r == utf8.RuneError && size == 1 || r < ' ' {
				return q, s.unexpected()
			}
			s.at += size
		}
	}
}

// unescapedPrefix returns the number of leading bytes that are ASCII and need no
// escape in a JSON string. It examines eight bytes at a time.
func unescapedPrefix(text []byte) int {
	at := 0
	for ; len(text)-at >= 8; at += 8 {
		if marks := markSpecial(binary.LittleEndian.Uint64(text[at : at+8])); marks != 0 {
			return at + bits.TrailingZeros64(marks)/8
		}
	}
	for at < len(text) && markSpecial(uint64(text[at])|padding) == 0 {
		at++
	}
	return at
}

// Values of eight equal bytes.
const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
	// padding sets the upper seven bytes to a byte that isn't special.
	padding = 'a' * ones << 8 & (1<<64 - 1)
)

// markSpecial sets the highest bit of each of eight bytes that is a control
// character, a quote, a backslash or not ASCII. Above the lowest marked byte there
// may be false marks, since a subtraction borrows.
func markSpecial(eight uint64) uint64 {
	quotes, backslashes := eight^'"'*ones, eight^'\\'*ones
	return highs & (eight | (eight-' '*ones)&^eight | (quotes-ones)&^quotes | (backslashes-ones)&^backslashes)
}

// escape consumes an escape. It returns the number of bytes by which the escaped
// character is shorter.
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
			err = errors.New("a surrogate is not part of a pair")
		}
	}
	return s.at - start - utf8.RuneLen(r), err
}

// escapedUnit consumes \uXXXX, which is a rune or half of a surrogate pair.
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

// number consumes a number and returns its text.
func (s *scanner) number() ([]byte, error) {
	s.next()
	start := s.at
	s.accept("-")
	if !s.accept("0") && !s.digits() {
		return nil, s.unexpected()
	}
	if s.accept(".") && !s.digits() {
		return nil, s.unexpected()
	}
	if s.accept("eE") {
		s.accept("+-")
		if !s.digits() {
			return nil, s.unexpected()
		}
	}
	return s.document[start:s.at], nil
}

// accept consumes the next byte if it is one of the given bytes, and reports
// whether it did.
func (s *scanner) accept(oneOf string) bool {
	if s.at < len(s.document) && strings.IndexByte(oneOf, s.document[s.at]) >= 0 {
		s.at++
		return true
	}
	return false
}

// digits consumes the next digits and reports whether there are any.
func (s *scanner) digits() bool {
	start := s.at
	for s.accept("0123456789") {
	}
	return s.at > start
}

// literal consumes true, false or null.
func (s *scanner) literal(literal string) error {
	if rest := s.document[s.at:]; len(rest) < len(literal) || string(rest[:len(literal)]) != literal {
		return s.unexpected()
	}
	s.at += len(literal)
	return nil
}

// unexpected returns an error about the next byte.
func (s *scanner) unexpected() error {
	if s.at >= len(s.document) {
		return errors.New("unexpected end of JSON input")
	}
	return fmt.Errorf("unexpected %q at byte %d", s.document[s.at], s.at)
}
