package manifest_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// readAll returns the documents of a stream.
func readAll(t testing.TB, stream string) []*manifest.Document {
	t.Helper()
	// A reader that gives little at a time must make no difference.
	r := manifest.NewReader(iotest.HalfReader(strings.NewReader(stream)), "in.yaml")
	var all []*manifest.Document
	for {
		d, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		all = append(all, d)
	}
}

func TestReader(t *testing.T) {
	for name, test := range map[string]struct{ documents []string }{
		"nothing":                          {},
		"one without a marker":             {[]string{"a: 1\n"}},
		"one without a line feed":          {[]string{"a: 1"}},
		"two":                              {[]string{"a: 1\n", "---\nb: 1\n"}},
		"both marked":                      {[]string{"---\na: 1\n", "--- # b\nb: 1\n"}},
		"comments belong to the first":     {[]string{"# license\n\n---\na: 1\n", "---\nb: 1\n"}},
		"directives belong to the first":   {[]string{"%YAML 1.1\n---\na: 1\n...\n", "%YAML 1.1\n---\nb: 1\n"}},
		"an end marker":                    {[]string{"a: 1\n...\n", "b: 1\n"}},
		"empty ones":                       {[]string{"---\n", "---\n", "---\n"}},
		"marker with content":              {[]string{"--- {a: 1}\n", "--- text\n"}},
		"no marker: too long":              {[]string{"----\n"}},
		"no marker: indented":              {[]string{"a: |\n  ---\n  b\n"}},
		"in a scalar it's a marker":        {[]string{"a: |\n", "---\nb\n"}},
		"carriage returns":                 {[]string{"a: 1\r\n", "---\r\nb: 1\r\n"}},
		"byte order marks":                 {[]string{"\ufeffa: 1\n", "\ufeff---\nb: 1\n"}},
		"a percent sign within a document": {[]string{"a: |\n%b\n", "---\nc: 1\n"}},
		"JSON":                             {[]string{`{"a": 1}`}},
		"a stream of JSON":                 {[]string{"{\"a\": 1}\n", "{\n\"b\": 1}\n\n", "{}"}},
		"no stream of JSON":                {[]string{"{a: 1}\n{b: 2}\n"}},
		"JSON on one line":                 {[]string{"{\"a\": 1}{\"b\": 2}\n"}},
		"marked JSON":                      {[]string{"{\"a\": 1}\n", "---\n{\"b\": 1}\n"}},
		"a line longer than any buffer":    {[]string{"a: " + strings.Repeat("x", 300_000) + "\n", "---\nb: 1\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			line := 1
			for i, d := range readAll(t, strings.Join(test.documents, "")) {
				require.Less(t, i, len(test.documents), "one document too many: %q", d.Text())
				assert.Equal(t, test.documents[i], string(d.Text()))
				assert.Equal(t, line, d.Line)
				line += strings.Count(test.documents[i], "\n")
			}
			assert.Len(t, readAll(t, strings.Join(test.documents, "")), len(test.documents))
		})
	}
}

func TestReaderFails(t *testing.T) {
	broken := errors.New("broken pipe")
	r := manifest.NewReader(io.MultiReader(strings.NewReader("a: 1\n"), iotest.ErrReader(broken)), "in.yaml")
	_, err := r.Next()
	assert.ErrorIs(t, err, broken)
	assert.ErrorContains(t, err, "reading in.yaml: ")
}

// endless is a stream without any separator.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "# more\n"[i%7]
	}
	return len(p), nil
}

func TestReaderIsBounded(t *testing.T) {
	_, err := manifest.NewReader(endless{}, "in.yaml").Next()
	var syntax *manifest.SyntaxError
	require.ErrorAs(t, err, &syntax)
	assert.Equal(t, "the document is larger than 16 MiB; split it", syntax.Message)
}

func TestBlank(t *testing.T) {
	for text, blank := range map[string]bool{
		"# c\n": true, "---\n": true, "--- # c\n...\n": true, "\ufeff\n": true, "%YAML 1.1\n": true,
		"a: 1\n": false, "--- a\n": false, "---\n# c\n{}\n": false,
	} {
		all := readAll(t, text)
		require.Len(t, all, 1, text)
		assert.Equal(t, blank, all[0].Blank(), text)
	}
}

func TestMarked(t *testing.T) {
	for text, marked := range map[string]bool{
		"---\na: 1\n": true, "# c\n---\n": true, "\ufeff--- a\n": true,
		"a: 1\n": false, "# c\n": false, "%YAML 1.1\n---\n": false,
	} {
		assert.Equal(t, marked, readAll(t, text)[0].Marked(), "%q", text)
	}
}

func TestMentionsKind(t *testing.T) {
	for text, mentioned := range map[string]bool{
		"kind: Service": true, "kind: \"Service\"\n": true, "kind: ServiceList\n": true, "{\"kind\":\"Service\"}\n": true,
		"kind: ServiceAccount\nx: Service\n": true,
		"kind: ServiceAccount\n":             false, "kind: ServiceMonitor\n": false, "kind: service\n": false,
	} {
		assert.Equal(t, mentioned, readAll(t, text)[0].MentionsKind("Service"), "%q", text)
	}
}
