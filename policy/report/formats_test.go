package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/report"
)

// with returns a report whose texts are all the same.
func with(text string) *report.Report {
	seconds := int64(60)
	r := everything()
	r.Findings = append(r.Findings, report.Finding{
		Rule: policy.RuleMissingTimeout, Severity: policy.SeverityError, State: report.New, Actor: policy.Author,
		Object: audit.Object{APIVersion: text, Kind: text, Namespace: text, Name: text}, Field: text, Controller: text, Message: text,
		Location: &report.Location{File: text, Line: 1, Column: 1}, Found: text, Wanted: text, Lifetime: &report.Lifetime{Now: &seconds},
		Command: text, Fingerprint: text,
	}, report.Finding{
		Rule: policy.RuleOptedOut, Severity: policy.SeverityNote, State: report.Accepted, Accepted: &audit.Acceptance{Reason: text, Until: text},
	})
	r.Summary.Unread = []audit.Unread{{Resource: text, Reason: text}}
	r.Evidence = report.Evidence{
		Time: r.Evidence.Time, Version: text, Cluster: text, Server: text, Files: []string{text}, User: text, Policy: text, Namespace: text, Baseline: text,
	}
	return r
}

// readable are the checks that a text has the syntax of its format.
var readable = map[string]func(text []byte) error{
	"json":         func(text []byte) error { return json.Unmarshal(text, new(any)) },
	"sarif":        func(text []byte) error { return json.Unmarshal(text, new(any)) },
	"yaml":         func(text []byte) error { return yaml.UnmarshalStrict(text, new(any)) },
	"policyreport": func(text []byte) error { return yaml.UnmarshalStrict(text, new(any)) },
	"junit":        readXML,
	"table":        fitsTerminal,
	"markdown":     hasNoMarkup,
	"html":         hasOnlyOurElements,
}

func readXML(text []byte) error {
	for decoder := xml.NewDecoder(bytes.NewReader(text)); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// fitsTerminal returns an error if a line below a name has more than one word and is wider
// than 80 columns, or if the text has commands for the terminal.
func fitsTerminal(text []byte) error {
	if bytes.ContainsRune(text, '\x1b') {
		return errors.New("an escape character")
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if utf8.RuneCountInString(line) > 80 && len(strings.Fields(line)) > 1 && strings.HasPrefix(line, "    ") {
			return fmt.Errorf("a line is too wide: %s", line)
		}
	}
	return nil
}

// hasNoMarkup returns an error if the text has other elements than those of the format, or
// is too long for a comment.
func hasNoMarkup(text []byte) error {
	if len(text) > 65536 {
		return fmt.Errorf("%d bytes", len(text))
	}
	rest := strings.NewReplacer("<details><summary>", "", "</summary>", "", "</details>", "", "<br>", "").Replace(string(text))
	if i := strings.IndexByte(outsideCode(rest), '<'); i >= 0 {
		return errors.New("an element in " + rest)
	}
	return nil
}

// outsideCode returns a text without its spans of code, as CommonMark finds them.
func outsideCode(text string) string {
	var out strings.Builder
	for {
		before, rest, found := cutFence(text)
		out.WriteString(before)
		if !found {
			return out.String()
		}
		text = rest
	}
}

// cutFence cuts a text around its first span of code.
func cutFence(text string) (before, after string, found bool) {
	start := 0
	for start < len(text) && text[start] != '`' {
		if text[start] == '\\' {
			start++
		}
		start++
	}
	if start >= len(text) {
		return text, "", false
	}
	fence := len(text[start:]) - len(strings.TrimLeft(text[start:], "`"))
	for end := start + fence; end < len(text); end++ {
		if text[end] != '`' {
			continue
		}
		run := len(text[end:]) - len(strings.TrimLeft(text[end:], "`"))
		if run == fence {
			return text[:start], text[end+run:], true
		}
		end += run - 1
	}
	return text, "", false
}

func TestEveryFormatIsCheckedForItsSyntax(t *testing.T) {
	for format := range report.Formats {
		assert.Contains(t, readable, format)
	}
}

func FuzzNoTextBreaksAFormat(f *testing.F) {
	for _, text := range []string{
		"", "web", hostile, "a`b``c", "`", "\\", "\\`<b>", "a\\|b", "\x00\xff", "\x7f", "\u0080", "\u0085\u009f", "\ufeff\ufffe\uffff", "</testsuites>", "null", "- a: &b *c", "{{", strings.Repeat("long ", 30000),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for format, check := range readable {
			var out bytes.Buffer
			require.NoError(t, report.Formats[format](&out, with(text)), format)
			require.NoError(t, check(out.Bytes()), format)
		}
	})
}

func TestAMarkdownCommentSaysWhatItLeavesOut(t *testing.T) {
	r := everything()
	for range 1000 {
		r.Findings = append(r.Findings, r.Findings[1])
	}
	text := string(write(t, "markdown", r))
	assert.LessOrEqual(t, len(text), 65536)
	assert.Regexp(t, `The comment would be too long: \d+ lines left out\. The formats json and table show all\.\n$`, text)
	assert.Less(t, strings.Index(text, "harmful-value"), strings.Index(text, "missing-timeout"), "errors come first")
}

func TestManyFindingsAreSeveralPolicyReports(t *testing.T) {
	r := everything()
	for range 1000 {
		r.Findings = append(r.Findings, r.Findings[1])
	}
	var list struct {
		Items []struct {
			Metadata struct{ Name, Namespace string }
			Results  []any
		}
	}
	require.NoError(t, yaml.Unmarshal(write(t, "policyreport", r), &list))
	var names []string
	for _, item := range list.Items {
		assert.LessOrEqual(t, len(item.Results), 500)
		names = append(names, item.Metadata.Namespace+"/"+item.Metadata.Name)
	}
	assert.Equal(t, []string{"/holdfast", "shop/holdfast", "shop/holdfast-2", "shop/holdfast-3", "team-b/holdfast"}, names)
}
