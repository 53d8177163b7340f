package manifest

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// TestOffsetsAndPositionsOfLongLines compares the counts by blocks with counts
// from the beginning of each line.
func TestOffsetsAndPositionsOfLongLines(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		text := randomText(random)
		s := newSource("in.yaml", 1, []byte(text))
		for at, line, column := s.begin, 1, 1; at <= len(text); {
			require.Equal(t, at, s.offset(line, column))
			require.Equal(t, Position{"in.yaml", line, column}, s.position(at))
			r, width := utf8.DecodeRuneInString(text[at:])
			if at, column = at+max(width, 1), column+1; r == '\n' {
				line, column = line+1, 1
			}
		}
	}
}

// randomText returns characters of all widths with few line feeds between them.
func randomText(random *rand.Rand) string {
	var out strings.Builder
	if random.IntN(2) == 0 {
		out.WriteString("\ufeff")
	}
	characters := []rune("aaaaaaaaaaaaääääää世世世世😀😀😀\n")
	for range random.IntN(4 * runeBlock) {
		out.WriteRune(characters[random.IntN(len(characters))])
	}
	return out.String()
}

func TestLinesEndAtEveryLineBreakThatAllReadersAgreeOn(t *testing.T) {
	s := newSource("in.yaml", 1, []byte("a\nb\r\n\rc\u2028d"))
	for offset, want := range map[int][3]int{
		0:  {0, 1, 2},
		1:  {0, 1, 2},
		2:  {2, 3, 5},
		5:  {5, 5, 6},
		6:  {6, 11, 11},
		11: {6, 11, 11},
	} {
		require.Equal(t, want, [3]int{s.lineStart(offset), s.lineEnd(offset), s.nextLine(offset)}, "offset %d", offset)
	}
	require.Equal(t, "\n", s.newline())
}
