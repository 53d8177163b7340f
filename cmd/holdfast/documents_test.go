package main

import (
	"io"
	"io/fs"
	"net/url"
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
)

// projectRoot is the folder of the project, from this package's.
var projectRoot = filepath.Join("..", "..")

// markdown is a document of the project.
type markdown struct {
	path string
	// prose are the lines that aren't code; a line of code is empty there.
	prose []string
	// code are the lines of fenced blocks, by the language of the block.
	code map[string][]string
}

// markdownFiles returns the Markdown files of the project.
func markdownFiles(t *testing.T) []*markdown {
	t.Helper()
	var all []*markdown
	require.NoError(t, filepath.WalkDir(projectRoot, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", "bin"}, entry.Name()):
			return fs.SkipDir
		case filepath.Ext(path) == ".md":
			all = append(all, parseMarkdown(path, read(t, path)))
		}
		return nil
	}))
	require.Greater(t, len(all), 5, "the documents were not found")
	return all
}

// parseMarkdown separates the prose of a document from its code.
func parseMarkdown(path, text string) *markdown {
	d := &markdown{path: path, code: map[string][]string{}}
	language, inCode := "", false
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence:
			language, inCode = fence, !inCode
			line = ""
		case inCode:
			d.code[language] = append(d.code[language], line)
			line = ""
		}
		d.prose = append(d.prose, line)
	}
	return d
}

var (
	inlineLink = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	inlineCode = regexp.MustCompile("`[^`]*`")
	heading    = regexp.MustCompile(`^#+ +(.*)$`)
)

// links returns the targets of the document's links.
func (d *markdown) links() []string {
	var all []string
	for _, line := range d.prose {
		for _, match := range inlineLink.FindAllStringSubmatch(inlineCode.ReplaceAllString(line, ""), -1) {
			all = append(all, match[1])
		}
	}
	return all
}

// anchors returns the names by which the headings can be linked to, as GitHub makes
// them.
func (d *markdown) anchors() []string {
	var all []string
	for _, line := range d.prose {
		match := heading.FindStringSubmatch(line)
		if match == nil {
			continue
		}
		name := anchorOf(match[1])
		for i, plain := 1, name; slices.Contains(all, name); i++ {
			name = plain + "-" + strconv.Itoa(i)
		}
		all = append(all, name)
	}
	return all
}

// anchorOf returns a heading in lower case, with hyphens for spaces and without
// punctuation.
func anchorOf(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, heading)
}

// checkLink checks that a link leads to a file of the project, and to a heading in it.
func (d *markdown) checkLink(t *testing.T, link string) {
	t.Helper()
	target, err := url.Parse(link)
	require.NoError(t, err)
	if target.Scheme != "" {
		return
	}
	path := d.path
	if target.Path != "" {
		path = filepath.Join(filepath.Dir(d.path), filepath.FromSlash(target.Path))
	}
	_, err = os.Stat(path)
	if !assert.NoError(t, err, "%s links to %s", d.path, link) || target.Fragment == "" {
		return
	}
	assert.Contains(t, parseMarkdown(path, read(t, path)).anchors(), target.Fragment, "%s links to %s", d.path, link)
}

func TestLinksOfDocumentsLeadSomewhere(t *testing.T) {
	for _, d := range markdownFiles(t) {
		for _, link := range d.links() {
			d.checkLink(t, link)
		}
	}
}

// commands returns the command lines that the document shows: those of its shell
// blocks, and code in its prose that begins with holdfast or make.
func (d *markdown) commands() []string {
	var lines []string
	for _, line := range d.code["console"] {
		if command, found := strings.CutPrefix(line, "$ "); found {
			lines = append(lines, command)
		}
	}
	continued := strings.ReplaceAll(strings.Join(d.code["sh"], "\n"), "\\\n", " ")
	lines = append(lines, strings.Split(continued, "\n")...)
	for _, line := range d.prose {
		for _, code := range inlineCode.FindAllString(line, -1) {
			code = strings.Trim(code, "`")
			if strings.HasPrefix(code, "holdfast ") || strings.HasPrefix(code, "make ") {
				lines = append(lines, code)
			}
		}
	}
	var all []string
	for _, line := range lines {
		line, _, _ = strings.Cut(line, " #")
		all = append(all, regexp.MustCompile(`&&|\|\|?|;`).Split(line, -1)...)
	}
	return all
}

// makeTargets returns the targets of the Makefile.
func makeTargets(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, match := range regexp.MustCompile(`(?m)^([a-z0-9-]+):`).FindAllStringSubmatch(read(t, filepath.Join(projectRoot, "Makefile")), -1) {
		all = append(all, match[1])
	}
	return all
}

func TestCommandsOfDocumentsExist(t *testing.T) {
	targets := makeTargets(t)
	seen := 0
	for _, d := range markdownFiles(t) {
		for _, command := range d.commands() {
			words := strings.Fields(command)
			if len(words) == 0 {
				continue
			}
			switch filepath.Base(words[0]) {
			case "make":
				for _, word := range words[1:] {
					if !strings.Contains(word, "=") {
						assert.Contains(t, targets, word, "%s: %s", d.path, command)
					}
				}
				seen++
			case "holdfast":
				assert.NoError(t, checkCommandLine(words[1:]), "%s: %s", d.path, command)
				seen++
			}
		}
	}
	assert.Greater(t, seen, 20, "the commands were not found")
}

// checkCommandLine returns an error if a command or one of its flags doesn't exist.
func checkCommandLine(words []string) error {
	if i := slices.IndexFunc(words, func(word string) bool { return strings.HasPrefix(word, ">") }); i >= 0 {
		words = words[:i]
	}
	command, rest, err := newRootCommand("holdfast", streams{strings.NewReader(""), io.Discard, io.Discard}).Find(words)
	if err != nil {
		return err
	}
	return command.ParseFlags(rest)
}

// TestSentencesOfTheREADMEAreThoseThatKubectlShows looks for the README's output blocks,
// which have no language, in what the end-to-end tests expect of kubectl.
func TestSentencesOfTheREADMEAreThoseThatKubectlShows(t *testing.T) {
	golden, err := filepath.Glob(filepath.Join(projectRoot, "test", "e2e", "testdata", "*", "*", "kubectl.txt"))
	require.NoError(t, err)
	var shown []string
	for _, file := range golden {
		shown = append(shown, strings.Split(read(t, file), "\n")...)
	}
	path := filepath.Join(projectRoot, "README.md")
	sentences := parseMarkdown(path, read(t, path)).code[""]
	assert.NotEmpty(t, sentences)
	assert.Subset(t, shown, sentences)
}

func TestAnchorsAreThoseOfGitHub(t *testing.T) {
	d := parseMarkdown("", "# One\n## What's `new` in 2.0?\n```sh\n# no heading\n```\n## One\n")
	assert.Equal(t, []string{"one", "whats-new-in-20", "one-1"}, d.anchors())
}
