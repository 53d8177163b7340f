package main

import (
	"io"
	"os"
	"strings"
)

// hasColour reports whether the output is a terminal whose user hasn't turned
// colours off (no-color.org).
func hasColour(out io.Writer) bool {
	return os.Getenv("NO_COLOR") == "" && isTerminal(out)
}

// diffColours are git's colours of the lines of a diff by their prefixes. Longer
// prefixes come first.
var diffColours = []struct{ prefix, colour string }{
	{"--- ", "\x1b[1m"},
	{"+++ ", "\x1b[1m"},
	{"@@", "\x1b[36m"},
	{"-", "\x1b[31m"},
	{"+", "\x1b[32m"},
}

const colourEnd = "\x1b[m"

// coloured returns a diff with colours.
func coloured(diff string) string {
	var out strings.Builder
	for line := range strings.Lines(diff) {
		out.WriteString(colouredLine(line))
	}
	return out.String()
}

func colouredLine(line string) string {
	for _, c := range diffColours {
		if strings.HasPrefix(line, c.prefix) {
			text := strings.TrimSuffix(line, "\n")
			return c.colour + text + colourEnd + line[len(text):]
		}
	}
	return line
}
