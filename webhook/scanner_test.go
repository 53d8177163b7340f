package webhook

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestUnescapedPrefix(t *testing.T) {
	for c := range 256 {
		unescaped := c >= ' ' && c != '"' && c != '\\' && c < 0x80
		for length := 1; length <= 18; length++ {
			for at := range length {
				text := bytes.Repeat([]byte{'a'}, length)
				text[at] = byte(c)
				want := length
				if !unescaped {
					want = at
				}
				assert.Equal(t, want, unescapedPrefix(text), "byte %#x at %d of %d", c, at, length)
			}
		}
	}
	assert.Zero(t, unescapedPrefix(nil))
	assert.Equal(t, 3, unescapedPrefix([]byte("abc\"\x1f\x7f\\\xff!")), "the first of several")
}
