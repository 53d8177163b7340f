package main

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// hasColour tells whether what is written is read on a terminal by someone who
// hasn't turned colours off (no-color.org).
func hasColour(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(file.Fd()))
}

// diffColours are those of the lines of a diff by how they begin, the longer
// beginnings first: git's.
var diffColours = []struct{ beginning, colour string }{
	{"--- ", "\x1b[1m"},
	{"+++ ", "\x1b[1m"},
	{"@@", "\x1b[36m"},
	{"-", "\x1b[31m"},
	{"+", "\x1b[32m"},
}

const colourEnd = "\x1b[m"

// coloured is a diff with colours.
func coloured(diff string) string {
	var out strings.Builder
	for line := range strings.Lines(diff) {
		out.WriteString(colouredLine(line))
	}
	return out.String()
}

func colouredLine(line string) string {
	for _, c := range diffColours {
		if strings.HasPrefix(line, c.beginning) {
			text := strings.TrimSuffix(line, "\n")
			return c.colour + text + colourEnd + line[len(text):]
		}
	}
	return line
}
