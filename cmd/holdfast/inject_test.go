package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aymanbagabas/go-udiff"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// goldenCase is a folder in testdata. It contains manifests, the expected output
// (want.yaml, want.diff or none) and the expected messages (want.txt).
type goldenCase struct {
	args []string
	exit int
	want string
}

var injectCases = map[string]goldenCase{
	"first-look":  {args: []string{"-f", "shop.yaml"}, want: "want.yaml"},
	"diff":        {args: []string{"-f", "shop.yaml", "-o", "diff"}, want: "want.diff"},
	"json":        {args: []string{"-f", "all.yaml", "-f", "compact.json", "-o", "json"}, want: "want.json"},
	"namespaces":  {args: []string{"-f", "all.yaml", "-n", "team"}, want: "want.yaml"},
	"refused":     {args: []string{"-f", "a.yaml", "-f", "b.yaml"}, exit: exitFindings},
	"unreadable":  {args: []string{"-f", "."}, exit: exitFailed},
	"classes":     {args: []string{"-f", "web.yaml", "--policy", "policy.yaml.txt"}, want: "want.yaml"},
	"folder":      {args: []string{"-R", "-f", "."}, want: "want.out"},
	"list":        {args: []string{"-f", "list.yaml"}, want: "want.yaml"},
	"corrections": {args: []string{"-f", "web.yaml", "--policy", "policy.yaml.txt", "-o", "diff"}, want: "want.diff"},
	"timeout":     {args: []string{"-f", "rooms.yaml"}, want: "want.yaml"},
	"unchanged":   {args: []string{"-f", "all.yaml"}, want: "all.yaml"},

	"repeated-keys":     {args: []string{"-f", "plane.yaml"}, want: "want.yaml"},
	"session-affinity":  {args: []string{"-f", "services.yaml"}, want: "want.yaml"},
	"unserved-versions": {args: []string{"-f", "old.yaml"}, want: "old.yaml"},
}

func TestInjectCases(t *testing.T) { testCases(t, "inject", injectCases) }

// updateGolden is the environment variable that makes the tests write the golden files
// instead of comparing with them.
const updateGolden = "UPDATE_GOLDEN"

// testCases runs a command in each of its folders.
func testCases(t *testing.T, command string, cases map[string]goldenCase) {
	t.Helper()
	folders, err := os.ReadDir(filepath.Join("testdata", command))
	require.NoError(t, err)
	for _, folder := range folders {
		assert.Contains(t, cases, folder.Name(), "a folder that no test reads")
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Chdir(filepath.Join("testdata", command, name))
			exit, stdout, stderr := holdfast(t, "", append([]string{command}, test.args...)...)
			assert.Equal(t, test.exit, exit)
			if test.want == "" {
				assert.Empty(t, stdout)
			} else {
				compare(t, test.want, stdout)
			}
			compare(t, "want.txt", stderr)
		})
	}
}

// compare compares a text with a golden file.
func compare(t *testing.T, golden, got string) {
	t.Helper()
	if os.Getenv(updateGolden) != "" && isGolden(golden) {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// isGolden reports whether a file is a golden file, and not an input that must come
// out unchanged.
func isGolden(name string) bool {
	name = filepath.Base(name)
	return strings.HasPrefix(name, "want.") || strings.Contains(name, ".golden.")
}

// holdfast runs the program.
func holdfast(t *testing.T, stdin string, args ...string) (exit int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	exit = run(t.Context(), "holdfast", args, streams{strings.NewReader(stdin), &out, &err})
	return exit, out.String(), err.String()
}

// write creates files in a new folder and makes it the current one.
func write(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
}

// plainIngress is an Ingress without annotations.
const plainIngress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  ingressClassName: nginx
`

func TestInjectTwiceIsOnce(t *testing.T) {
	for name, test := range injectCases {
		if filepath.Ext(test.want) != ".yaml" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Chdir(filepath.Join("testdata", "inject", name))
			args := append([]string{"inject"}, test.args...)
			_, once, _ := holdfast(t, "", args...)
			args[2] = "-"
			exit, twice, stderr := holdfast(t, once, args...)
			assert.Equal(t, 0, exit)
			assert.Equal(t, once, twice)
			assert.Contains(t, stderr, ": 0 changed\n")
		})
	}
}

func TestInjectStandardInput(t *testing.T) {
	exit, stdout, stderr := holdfast(t, plainIngress, "inject", "-f", "-", "-o", "diff")
	assert.Equal(t, 0, exit)
	assert.True(t, strings.HasPrefix(stdout, "--- stdin\n+++ stdin\n@@ -2,5 +2,9 @@\n"), stdout)
	assert.True(t, strings.HasSuffix(stderr, "\n1 Ingress, 0 Services, 0 other documents: 1 changed\n"), stderr)
}

func TestInjectSaysOnlyWhatWouldHappen(t *testing.T) {
	const namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {holdfast.dev/policy: warn}}\n---\n"
	for name, test := range map[string]struct {
		metadata string
		exit     int
		says     bool
	}{
		"an object that would be changed":     {"{name: web, namespace: shop}", 0, true},
		"one that enforce would refuse":       {"{name: web, namespace: shop, annotations: {holdfast.dev/idle-timeout: soon}}", 0, false},
		"one that the API server will refuse": {"{name: web, namespace: shop, annotations: {a: 1}}", exitFindings, false},
	} {
		t.Run(name, func(t *testing.T) {
			ingress := strings.Replace(plainIngress, "\n  name: web", " "+test.metadata, 1)
			exit, _, stderr := holdfast(t, namespace+ingress, "inject", "-f", "-")
			assert.Equal(t, test.exit, exit)
			assert.Equal(t, test.says, strings.Contains(stderr, "would be set"), stderr)
		})
	}
}

func TestInjectPipe(t *testing.T) {
	read, write, err := os.Pipe()
	require.NoError(t, err)
	defer read.Close()
	go func() {
		io.WriteString(write, plainIngress)
		write.Close()
	}()
	exit, stdout, stderr := holdfast(t, "", "inject", "-f", filepath.Join("/dev/fd", strconv.Itoa(int(read.Fd()))))
	assert.Equal(t, 0, exit, stderr)
	assert.Contains(t, stdout, "proxy-read-timeout")
}

func TestInjectSeparatesFiles(t *testing.T) {
	write(t, map[string]string{"a.yaml": "a: 1", "b.yaml": "# b\nb: 1\n", "c.yaml": "--- # c\nc: 1\n", "d.yaml": "", "e.yaml": "e: 1\n"})
	_, stdout, _ := holdfast(t, "", "inject", "-f", ".")
	assert.Equal(t, "a: 1\n---\n# b\nb: 1\n--- # c\nc: 1\n---\ne: 1\n", stdout)
}

func TestInjectDiffCountsLines(t *testing.T) {
	stream := plainIngress + "---\n" + plainIngress + "---\n" + plainIngress
	_, stdout, _ := holdfast(t, stream, "inject", "-f", "-", "-o", "diff")
	var at []string
	for line := range strings.Lines(stdout) {
		if strings.HasPrefix(line, "@@") {
			at = append(at, line)
		}
	}
	assert.Equal(t, []string{"@@ -2,6 +2,10 @@\n", "@@ -9,6 +13,10 @@\n", "@@ -16,5 +24,9 @@\n"}, at)
}

func TestInjectDiffSkipsUnchangedDocuments(t *testing.T) {
	for _, stays := range []string{"---\n" + strings.Repeat("a: b\n", 2), "---\n" + strings.Repeat("a: b\n", 40), strings.Repeat("---\n# c\n", 20)} {
		stream := "first: 1\n" + stays + "---\n" + plainIngress + stays + "---\n" + plainIngress + stays
		write(t, map[string]string{"in.yaml": stream})
		_, injected, _ := holdfast(t, "", "inject", "-f", "in.yaml")
		_, diff, _ := holdfast(t, "", "inject", "-f", "in.yaml", "-o", "diff")
		whole, err := udiff.ToUnifiedDiff("in.yaml", "in.yaml", stream, udiff.Lines(stream, injected), diffContext)
		require.NoError(t, err)
		assert.Equal(t, whole.String(), diff)
	}
}

func TestInjectFails(t *testing.T) {
	for name, test := range map[string]struct {
		stdin, args, want string
	}{
		"no files":             {"", "", "holdfast: -f is missing; name a file or a folder of manifests, or - for standard input: holdfast inject -f FILE"},
		"no such file":         {"", "-f nope.yaml", "holdfast: reading the manifests: stat nope.yaml: no such file or directory"},
		"no such format":       {"", "-f - -o xml", `holdfast: invalid argument "xml" for "-o, --output" flag: must be "yaml", "json" or "diff"`},
		"standard input twice": {"", "-f - --policy -", "holdfast: standard input (-) can be read only once"},
		"an invalid policy":    {"", "-f - --policy policy.yaml", "policy.yaml:1:1: timeout: unknown field"},
		"no such policy":       {"", "-f - --policy nope.yaml", "holdfast: reading the policy: open nope.yaml: no such file or directory"},
		"a broken link":        {"", "-f folder", "holdfast: reading the manifests: folder/link.yaml is a broken symbolic link"},
		"a template": {
			"kind: Service\nmetadata: {{ .x }}-y\n", "-f -",
			"stdin:2:19: error: did not find expected key; this looks like a Helm template; render it first with helm template",
		},
		"a binary file": {"kind: Service\x00\n", "-f -", "stdin:1:14: error: not UTF-8 text: it contains a NUL byte"},
		"an invalid document after a valid one": {
			plainIngress + "---\nkind: Service: x\n", "-f -",
			"stdin:8:14: error: mapping values are not allowed in this context",
		},
	} {
		t.Run(name, func(t *testing.T) {
			write(t, map[string]string{"policy.yaml": "timeout: {}\n", "folder/a.yaml": ""})
			require.NoError(t, os.Symlink("nothing", "folder/link.yaml"))
			exit, stdout, stderr := holdfast(t, test.stdin, append([]string{"inject"}, strings.Fields(test.args)...)...)
			assert.Equal(t, exitFailed, exit)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, test.want)
		})
	}
}

// fullDisk is a writer whose every write fails.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestInjectCannotWrite(t *testing.T) {
	var stderr bytes.Buffer
	exit := run(t.Context(), "holdfast", []string{"inject", "-f", "-"}, streams{strings.NewReader(plainIngress), fullDisk{}, &stderr})
	assert.Equal(t, exitFailed, exit)
	assert.Contains(t, stderr.String(), "holdfast: writing the results: no space left on device\n")
}

func TestInjectStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	exit := run(ctx, "holdfast", []string{"inject", "-f", "-"}, streams{strings.NewReader(plainIngress), &stdout, &stderr})
	assert.Equal(t, exitFailed, exit)
	assert.Empty(t, stdout.String())
}

func TestSpool(t *testing.T) {
	for name, size := range map[string]int{"little": 1000, "much": spoolMemory + 1000, "very much": 5*spoolMemory + 1000} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			checkSpool(t, size)
			left, err := os.ReadDir(os.Getenv("TMPDIR"))
			require.NoError(t, err)
			assert.Empty(t, left, "temporary files remain")
		})
	}
}

func TestSpoolWithoutATemporaryFolder(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "nothing"))
	checkSpool(t, 3*spoolMemory)
}

// checkSpool writes that many bytes to a spool and reads them twice.
func checkSpool(t *testing.T, size int) {
	t.Helper()
	var sp spool
	defer sp.Close()
	want := bytes.Repeat([]byte("0123456789"), size/10)
	for part := want; len(part) > 0; {
		n, err := sp.Write(part[:min(len(part), 1<<20)])
		require.NoError(t, err)
		part = part[n:]
	}
	for range 2 {
		got, err := io.ReadAll(sp.Reader())
		require.NoError(t, err)
		assert.True(t, bytes.Equal(want, got))
	}
}
