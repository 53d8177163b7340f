package report_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy/report"
)

func TestWriteWrapped(t *testing.T) {
	for name, test := range map[string]struct{ first, indent, text, want string }{
		"a short text":                   {"", "", "an idle socket", "an idle socket"},
		"a text of exactly the width":    {"", "", "0123456789 abcdefghi", "0123456789 abcdefghi"},
		"a text one column wider":        {"", "", "0123456789 abcdefghij", "0123456789\nabcdefghij"},
		"a word wider than the width":    {"", "", "a 012345678901234567890 b", "a\n012345678901234567890\nb"},
		"characters of more than a byte": {"", "", "ääääääääää öööööööö ü", "ääääääääää öööööööö\nü"},
		"no text":                        {"", "", "", ""},
		"behind a name":                  {"name  ", "      ", "0123456789 abcdefghij", "name  0123456789\n      abcdefghij"},
		"no text behind a name":          {"name  ", "      ", "", "name"},
		"a character of a terminal":      {"", "", "a\x1b[31mb", "a [31mb"},
	} {
		t.Run(name, func(t *testing.T) {
			var text strings.Builder
			report.WriteWrapped(&text, 20, test.first, test.indent, test.text)
			assert.Equal(t, test.want+"\n", text.String())
		})
	}
}
