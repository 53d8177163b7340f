package policy_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

// retiredWordsFile lists identifiers and phrases with private meanings, one per
// line, each with what to write instead after a tab. Identifiers match exactly.
// Phrases match whole words in any case; those in the section prose are looked for
// in documents and in the chart only.
const retiredWordsFile = "testdata/retired-words.txt"

func TestNoCodeUsesARetiredWord(t *testing.T) {
	retired := readRetiredWords(t)
	files := 0
	for _, folder := range []string{"../cmd", "../policy", "../test", "../webhook"} {
		require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && slices.Contains([]string{"testdata", "vendor"}, entry.Name()):
				return fs.SkipDir
			case filepath.Ext(path) != ".go" || filepath.Base(path) == "retired_words_test.go":
				return nil
			}
			files++
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for _, use := range retired.usesIn(fset, file) {
				t.Errorf("%s", use)
			}
			return nil
		}))
	}
	assert.Greater(t, files, 100, "the files were not found")
}

func TestNoRuleUsesARetiredWord(t *testing.T) {
	retired := readRetiredWords(t)
	for _, rule := range policy.Rules() {
		for _, match := range retired.matches(fmt.Sprintf("%+v", rule)) {
			t.Errorf("rule %s: %q is retired; use %s", rule.Name, match.text, match.instead)
		}
	}
}

// TestNoDocumentUsesARetiredWord reads the Markdown files of the project, and the texts
// of the chart: its templates with their comments, the notes, the values and the schema.
func TestNoDocumentUsesARetiredWord(t *testing.T) {
	retired := readRetiredWords(t)
	files := 0
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", "bin", "testdata"}, entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".md" && !strings.HasPrefix(path, filepath.Join("..", "charts")+string(filepath.Separator)):
			return nil
		}
		files++
		text, err := os.ReadFile(path)
		for _, m := range retired.matchesInProse(string(text)) {
			t.Errorf("%s:%d: %q is retired; use %s", path, 1+strings.Count(string(text[:m.offset]), "\n"), m.text, m.instead)
		}
		return err
	}))
	assert.Greater(t, files, 20, "the files were not found")
}

func readRetiredWords(t *testing.T) *retiredWords {
	t.Helper()
	text, err := os.ReadFile(retiredWordsFile)
	require.NoError(t, err)
	retired, err := parseRetiredWords(string(text))
	require.NoError(t, err)
	return retired
}

// retiredWords has the replacement of each retired identifier, and of each phrase
// in lower case.
type retiredWords struct {
	identifiers, phrases, prose map[string]string
	// ofPhrases matches any of the phrases, ofProse any of those and of prose.
	ofPhrases, ofProse *regexp.Regexp
}

// parseRetiredWords reads the sections [identifiers], [phrases] and [prose] of a list.
// Empty lines and those that begin with # are ignored.
func parseRetiredWords(text string) (*retiredWords, error) {
	w := &retiredWords{identifiers: map[string]string{}, phrases: map[string]string{}, prose: map[string]string{}}
	sections := map[string]map[string]string{"[identifiers]": w.identifiers, "[phrases]": w.phrases, "[prose]": w.prose}
	var section map[string]string
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if s, ok := sections[line]; ok {
			section = s
			continue
		}
		word, instead, _ := strings.Cut(line, "\t")
		if section == nil || word == "" || instead == "" {
			return nil, fmt.Errorf("line %d: %q must be a word, a tab and its replacement, in a section", number, line)
		}
		if section[word] != "" {
			return nil, fmt.Errorf("line %d: %q is listed twice", number, word)
		}
		section[word] = instead
	}
	w.ofPhrases, w.ofProse = phrasePattern(w.phrases), phrasePattern(w.phrases, w.prose)
	return w, nil
}

// phrasePattern returns a pattern for any of the phrases, longer ones first.
// Between two words of a phrase, a comment may have a line break.
func phrasePattern(all ...map[string]string) *regexp.Regexp {
	var alternatives []string
	for _, phrases := range all {
		for phrase := range phrases {
			words := strings.Fields(phrase)
			for i, word := range words {
				words[i] = regexp.QuoteMeta(word)
			}
			alternatives = append(alternatives, strings.Join(words, betweenWords.String()))
		}
	}
	slices.SortFunc(alternatives, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return regexp.MustCompile(`(?i)\b(?:` + strings.Join(alternatives, "|") + `)\b`)
}

// phraseMatch is a phrase found at an offset of a text.
type phraseMatch struct {
	offset        int
	text, instead string
}

// betweenWords is what a phrase in a comment may have in place of a space.
var betweenWords = regexp.MustCompile(`[\s/*#]+`)

// matches returns the retired phrases in code.
func (w *retiredWords) matches(text string) []phraseMatch { return w.find(w.ofPhrases, text) }

// matchesInProse returns the retired phrases in a document.
func (w *retiredWords) matchesInProse(text string) []phraseMatch { return w.find(w.ofProse, text) }

func (w *retiredWords) find(pattern *regexp.Regexp, text string) (all []phraseMatch) {
	for _, span := range pattern.FindAllStringIndex(text, -1) {
		phrase := betweenWords.ReplaceAllString(text[span[0]:span[1]], " ")
		lower := strings.ToLower(phrase)
		all = append(all, phraseMatch{span[0], phrase, cmp.Or(w.phrases[lower], w.prose[lower])})
	}
	return all
}

// usesIn returns a sentence for each retired word of a file: in comments, in
// string literals and struct tags, in the names of tests read as sentences, and
// as identifiers. An identifier is reported where it first occurs.
func (w *retiredWords) usesIn(fset *token.FileSet, file *ast.File) (uses []string) {
	report := func(pos token.Pos, linesBelow int, word, instead string) {
		at := fset.Position(pos)
		uses = append(uses, fmt.Sprintf("%s:%d: %q is retired; use %s", at.Filename, at.Line+linesBelow, word, instead))
	}
	reportPhrases := func(pos token.Pos, text string) {
		for _, m := range w.matches(text) {
			report(pos, strings.Count(text[:m.offset], "\n"), m.text, m.instead)
		}
	}
	for _, group := range file.Comments {
		reportPhrases(group.Pos(), commentText(group))
	}
	seen := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			reportPhrases(n.Pos(), literalText(n))
		case *ast.FuncDecl:
			if strings.HasPrefix(n.Name.Name, "Test") {
				reportPhrases(n.Pos(), nameAsSentence(n.Name.Name))
			}
		case *ast.Ident:
			if instead := w.identifiers[n.Name]; instead != "" && !seen[n.Name] {
				seen[n.Name] = true
				report(n.Pos(), 0, n.Name, instead)
			}
		}
		return true
	})
	return uses
}

// commentText returns the comments of a group as they are written, one per line.
func commentText(group *ast.CommentGroup) string {
	var lines []string
	for _, c := range group.List {
		lines = append(lines, c.Text)
	}
	return strings.Join(lines, "\n")
}

// literalText returns the value of a string literal. A raw one keeps its lines;
// in any other, line breaks become spaces, as the literal is on one line.
func literalText(literal *ast.BasicLit) string {
	text, err := strconv.Unquote(literal.Value)
	switch {
	case literal.Kind != token.STRING || err != nil:
		return ""
	case strings.HasPrefix(literal.Value, "`"):
		return text
	default:
		return strings.ReplaceAll(text, "\n", " ")
	}
}

// nameAsSentence returns the words of a name in camel case, with spaces between.
func nameAsSentence(name string) string {
	var sentence strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			sentence.WriteByte(' ')
		}
		sentence.WriteRune(r)
	}
	return sentence.String()
}

func TestRetiredWordsAreFound(t *testing.T) {
	retired, err := parseRetiredWords("# a list\n[identifiers]\nSpelling\tAnnotation\n\n" +
		"[phrases]\ntells whether\treports whether\nhidden-word\toverridden-value\n")
	require.NoError(t, err)
	for name, c := range map[string]struct{ source, want string }{
		"a type":                        {"type Spelling struct{}", `x.go:3: "Spelling" is retired; use Annotation`},
		"a field":                       {"type a struct{ Spelling int }", `x.go:3: "Spelling" is retired; use Annotation`},
		"an identifier, only once":      {"var Spelling int\nvar a = Spelling", `x.go:3: "Spelling" is retired; use Annotation`},
		"a longer identifier is fine":   {"type SpellingBee struct{}", ""},
		"an identifier in other case":   {"type spelling struct{}", ""},
		"a comment":                     {"// a tells whether b.\nvar a bool", `x.go:3: "tells whether" is retired; use reports whether`},
		"a comment over two lines":      {"// a long comment,\n// it tells\n// whether b.\nvar a bool", `x.go:4: "tells whether" is retired; use reports whether`},
		"a block comment":               {"/* one\n * tells\n * whether b */\nvar a bool", `x.go:4: "tells whether" is retired; use reports whether`},
		"in capitals":                   {"// Tells whether b.\nvar a bool", `x.go:3: "Tells whether" is retired; use reports whether`},
		"a part of a longer word":       {"// foretells whether b.\nvar a bool", ""},
		"a text":                        {`var a = "hidden-word"`, `x.go:3: "hidden-word" is retired; use overridden-value`},
		"the second line of a raw text": {"var a = `one\nhidden-word`", `x.go:4: "hidden-word" is retired; use overridden-value`},
		"behind an escaped line break":  {`var a = "one\nhidden-word"`, `x.go:3: "hidden-word" is retired; use overridden-value`},
		"the name of a JSON field":      {"type a struct {\n\tB int `json:\"hidden-word\"`\n}", `x.go:4: "hidden-word" is retired; use overridden-value`},
		"the name of a test":            {"func TestItTellsWhether() {}", `x.go:3: "Tells Whether" is retired; use reports whether`},
		"none":                          {"// a reports whether b.\nvar a bool", ""},
	} {
		t.Run(name, func(t *testing.T) {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, "x.go", "package x\n\n"+c.source, parser.ParseComments)
			require.NoError(t, err)
			assert.Equal(t, c.want, strings.Join(retired.usesIn(fset, file), "\n"))
		})
	}
}

func TestRetiredWordsAreFoundInDocuments(t *testing.T) {
	retired, err := parseRetiredWords("[phrases]\ntells whether\treports whether\n[prose]\nis away\tis down\n")
	require.NoError(t, err)
	text := "It tells whether\n# Holdfast is\n# away."
	assert.Equal(t, []phraseMatch{{3, "tells whether", "reports whether"}, {28, "is away", "is down"}}, retired.matchesInProse(text))
	assert.Equal(t, []phraseMatch{{3, "tells whether", "reports whether"}}, retired.matches(text))
}

func TestAListOfRetiredWordsHasAReplacementForEach(t *testing.T) {
	for text, want := range map[string]string{
		"[phrases]\ntold\n":         `line 2: "told" must be a word, a tab and its replacement, in a section`,
		"told\treported\n":          `line 1: "told\treported" must be a word, a tab and its replacement, in a section`,
		"[phrases]\na\tb\n\na\tc\n": `line 4: "a" is listed twice`,
	} {
		_, err := parseRetiredWords(text)
		assert.EqualError(t, err, want)
	}
}
