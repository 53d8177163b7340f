package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/report"
)

// fixCases are folders with a manifest (before.yaml or before.json), perhaps a policy, the
// fixed manifest (want.yaml or want.json) and the messages (want.txt).
var fixCases = map[string]struct {
	args []string
	exit int
}{
	"anchors and merged maps":    {exit: exitFindings},
	"comments and quotes":        {},
	"Windows line breaks":        {},
	"inline maps":                {exit: exitFindings},
	"a List in JSON":             {exit: exitFindings},
	"several documents":          {exit: exitFindings},
	"values without quotes":      {exit: exitFindings},
	"misspelt and misplaced":     {},
	"misspelt keys":              {},
	"an earlier injection":       {args: []string{"--policy", "policy.yaml"}},
	"opted out and accepted":     {exit: exitFindings},
	"on the Service":             {exit: exitFindings},
	"Namespaces":                 {exit: exitFindings},
	"Namespaces all enforced":    {args: []string{"--assume", "enforce"}},
	"what only people decide":    {exit: exitFindings},
	"cookies without protection": {},
}

func TestFix(t *testing.T) {
	folders, err := os.ReadDir(filepath.Join("testdata", "fix"))
	require.NoError(t, err)
	for _, folder := range folders {
		assert.Contains(t, fixCases, folder.Name(), "a folder that no test reads")
	}
	for name, test := range fixCases {
		t.Run(name, func(t *testing.T) {
			t.Chdir(filepath.Join("testdata", "fix", name))
			before, err := filepath.Glob("before.*")
			require.NoError(t, err)
			require.Len(t, before, 1)
			f := fixedFile{file: filepath.Join(t.TempDir(), before[0]), args: test.args}
			exit, said := f.check(t, read(t, before[0]))
			assert.Equal(t, test.exit, exit, said)
			compare(t, "want"+filepath.Ext(before[0]), read(t, f.file))
			compare(t, "want.txt", strings.ReplaceAll(said, f.file, before[0]))
		})
	}
}

// The manifests of the other commands are written in every way that YAML has.
func TestFixLeavesNothingToFixInTheManifestsOfInject(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "inject", "*", "*"))
	require.NoError(t, err)
	tried := 0
	for _, file := range files {
		name := filepath.Base(file)
		if info, err := os.Stat(file); err != nil || info.IsDir() || strings.HasPrefix(name, "policy") || !slices.Contains(manifestExtensions, filepath.Ext(name)) {
			continue
		}
		tried++
		t.Run(filepath.Base(filepath.Dir(file))+" "+name, func(t *testing.T) {
			f := fixedFile{file: filepath.Join(t.TempDir(), name)}
			f.check(t, read(t, file))
		})
	}
	assert.Greater(t, tried, 20)
}

// checkFix fixes the manifests of a case.
func (c dialectCase) checkFix(t *testing.T) {
	f := fixedFile{file: filepath.Join(t.TempDir(), c.file("yaml"))}
	if _, err := os.Stat(c.file("policy.yaml")); err == nil {
		f.args = []string{"--policy", c.file("policy.yaml")}
	}
	f.check(t, read(t, c.file("yaml")))
}

// fixedFile is a file that is fixed.
type fixedFile struct {
	file string
	args []string
}

func (f fixedFile) run(t *testing.T, command string, args ...string) (exit int, stdout, stderr string) {
	t.Helper()
	return holdfast(t, "", slices.Concat([]string{command, "-f", f.file}, f.args, args)...)
}

// check fixes a text, and holds the result to what holds for every one: without --yes
// nothing is written, audit and inject find nothing to change afterwards, fix changes
// nothing again, and all but labels, annotations and the session affinity is as before.
func (f fixedFile) check(t *testing.T, before string) (exit int, said string) {
	t.Helper()
	require.NoError(t, os.WriteFile(f.file, []byte(before), 0o644))
	wouldExit, diff, wouldSay := f.run(t, "fix")
	assert.Equal(t, before, read(t, f.file), "changed without --yes")
	exit, stdout, said := f.run(t, "fix", "--yes")
	assert.Equal(t, wouldExit, exit, wouldSay)
	assert.Empty(t, stdout)
	after := read(t, f.file)
	assert.Equal(t, diff == "", before == after, "the difference isn't what is written")

	_, again, saidAgain := f.run(t, "fix")
	assert.Empty(t, again, "fixed twice")
	assert.Contains(t, saidAgain, ": 0 to fix, ")
	if !strings.Contains(said, ": refused: ") && !strings.Contains(before, "accept.holdfast.dev/") {
		f.checkNothingLeft(t, after)
	}
	assert.Equal(t, comments(before), comments(after))
	if !strings.Contains(said, "document: ") && !strings.Contains(before, "{{") {
		assert.Equal(t, unchangeable(t, before), unchangeable(t, after))
	}
	return exit, said
}

// checkNothingLeft audits and injects what was fixed.
func (f fixedFile) checkNothingLeft(t *testing.T, after string) {
	t.Helper()
	_, stdout, _ := f.run(t, "audit", "-o", "json")
	var found report.Report
	require.NoError(t, yaml.Unmarshal([]byte(stdout), &found))
	assert.Empty(t, differing(found))
	if slices.Contains(f.args, "--assume") {
		return
	}
	if exit, injected, said := f.run(t, "inject"); exit == 0 {
		assert.Equal(t, after, injected, "inject changes something")
		assert.Contains(t, said, ": 0 changed\n")
	}
}

// comments returns the lines that are comments.
func comments(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			all = append(all, line)
		}
	}
	return all
}

// unchangeable returns the documents of a stream without what fix may change. Beside an
// Ingress and a Service it only writes quotes.
func unchangeable(t *testing.T, stream string) []map[string]any {
	t.Helper()
	all := documents(t, stream)
	for _, document := range all {
		if kind := document["kind"]; kind == "Namespace" || kind == "IngressClass" {
			for _, texts := range []string{"labels", "annotations"} {
				for key, value := range within(within(document, "metadata"), texts) {
					within(within(document, "metadata"), texts)[key] = fmt.Sprint(value)
				}
			}
		}
		for _, o := range objectsOf(document) {
			delete(within(o, "metadata"), "annotations")
			delete(within(o, "metadata"), "labels")
			delete(within(o, "spec"), "sessionAffinity")
			delete(within(o, "spec"), "sessionAffinityConfig")
		}
	}
	return all
}

func TestFixNeedsFiles(t *testing.T) {
	write(t, map[string]string{"web.yaml": plainIngress})
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"a cluster":        {nil, "fix changes manifests, and no objects of a cluster yet: holdfast fix -f FILE\n"},
		"standard input":   {[]string{"-f", "-"}, "fix can't write to standard input; name a file, or use holdfast inject -f -"},
		"a missing file":   {[]string{"-f", "no.yaml"}, "no.yaml: no such file or directory"},
		"an unknown mode":  {[]string{"-f", "web.yaml", "--assume", "warn"}, `--assume: "warn" must be "enforce"`},
		"a missing policy": {[]string{"-f", "web.yaml", "--policy", "no.yaml"}, "no.yaml: no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			exit, stdout, stderr := holdfast(t, "", append([]string{"fix"}, test.args...)...)
			assert.Equal(t, exitFailed, exit)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, test.want)
		})
	}
}

func TestFixWritesAllFilesOrNone(t *testing.T) {
	write(t, map[string]string{"a.yaml": plainIngress, "b.yaml": plainIngress})
	require.NoError(t, os.Link("b.yaml", "other"))
	exit, _, stderr := holdfast(t, "", "fix", "-f", "a.yaml", "-f", "b.yaml", "--yes")
	assert.Equal(t, exitFailed, exit)
	assert.Contains(t, stderr, "writing b.yaml: the file has another hard link")
	assert.Equal(t, plainIngress, read(t, "a.yaml"))
	assertFiles(t, ".", 3)
}

func TestFixKeepsASymbolicLink(t *testing.T) {
	write(t, map[string]string{"apps/web.yaml": plainIngress})
	require.NoError(t, os.Symlink(filepath.Join("apps", "web.yaml"), "link.yaml"))
	exit, _, stderr := holdfast(t, "", "fix", "-f", "link.yaml", "--yes")
	assert.Zero(t, exit, stderr)
	assert.Contains(t, read(t, "apps/web.yaml"), "proxy-read-timeout")
	link, err := os.Lstat("link.yaml")
	require.NoError(t, err)
	assert.Equal(t, os.ModeSymlink, link.Mode().Type())
}

func TestFixGoesOnBehindWhatIsNoYAML(t *testing.T) {
	const broken = "kind: Ingress: 1\n"
	write(t, map[string]string{"a.yaml": broken + "---\n" + plainIngress, "b.yaml": broken, "c.yaml": plainIngress})
	exit, _, stderr := holdfast(t, "", "fix", "-f", ".", "--yes")
	assert.Equal(t, exitFindings, exit)
	assert.Contains(t, stderr, "a.yaml:1:14: error: File a.yaml: document: ")
	assert.True(t, strings.HasSuffix(stderr, "\n3 files, 2 Ingresses, 0 Services: 4 fixed; 2 stayed\n"), stderr)
	assert.Equal(t, broken, read(t, "b.yaml"))
	fixed := read(t, "c.yaml")
	assert.Contains(t, fixed, "proxy-read-timeout")
	assert.Equal(t, broken+"---\n"+fixed, read(t, "a.yaml"))
}

// Lines move when values are added.
func TestFixNamesWhatStaysWhereItStandsInTheFile(t *testing.T) {
	const misplaced = "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  annotations:\n    holdfast.dev/idle-timeout: 1h\n"
	write(t, map[string]string{"web.yaml": plainIngress + misplaced})
	_, _, before := holdfast(t, "", "fix", "-f", "web.yaml")
	assert.Contains(t, before, "web.yaml:13:32: warning: Service web: holdfast.dev/idle-timeout: ")
	_, _, after := holdfast(t, "", "fix", "-f", "web.yaml", "--yes")
	assert.Contains(t, after, "web.yaml:16:32: warning: Service web: holdfast.dev/idle-timeout: ")
	assert.Contains(t, strings.Split(read(t, "web.yaml"), "\n")[15], policy.IdleTimeoutAnnotation)
}
