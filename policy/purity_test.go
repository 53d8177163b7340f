package policy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/holdfast-dev/holdfast/"

// The packages of this folder are pure functions of values. They must not depend
// on the packages in unreachable, even indirectly, nor import those in unnamed.
var (
	unreachable = []string{
		"net", "net/http", "os/exec", "os/signal", "log/slog", "crypto/tls",
		"sigs.k8s.io/controller-runtime", "k8s.io/client-go", "k8s.io/kubectl", "k8s.io/cli-runtime",
		module + "webhook", module + "cmd", module + "test",
	}
	unnamed = []string{"os", "io/fs", "log", "context", "sync", "sync/atomic", "math/rand", "math/rand/v2", "crypto/rand", "syscall", "unsafe", "runtime"}
)

// imports returns the imports of this folder's packages and of all packages they
// depend on, by importing package.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports", "./...").Output()
	require.NoError(t, err)
	all := map[string][]string{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		all[p.ImportPath] = p.Imports
	}
}

// ours reports whether a package is one of this folder's.
func ours(path string) bool {
	return path == module+"policy" || strings.HasPrefix(path, module+"policy/")
}

// chain returns the shortest chain of imports from this folder's packages to a
// forbidden one.
func chain(all map[string][]string, forbidden func(path string) bool) []string {
	var chains [][]string
	seen := map[string]bool{}
	for path := range all {
		if ours(path) {
			chains = append(chains, []string{path})
		}
	}
	slices.SortFunc(chains, slices.Compare)
	for ; len(chains) > 0; chains = chains[1:] {
		current := chains[0]
		for _, next := range all[current[len(current)-1]] {
			if seen[next] {
				continue
			}
			seen[next] = true
			longer := append(slices.Clone(current), next)
			if forbidden(next) {
				return longer
			}
			chains = append(chains, longer)
		}
	}
	return nil
}

func TestTheEngineReachesNoSocketNoClusterAndNoClock(t *testing.T) {
	all := imports(t)
	require.Contains(t, all, module+"policy")
	for _, name := range unreachable {
		current := chain(all, func(path string) bool { return path == name || strings.HasPrefix(path, name+"/") })
		assert.Empty(t, current, "%s", strings.Join(current, "\n imports "))
	}
	for path, named := range all {
		if ours(path) {
			for _, name := range named {
				assert.NotContains(t, unnamed, name, "%s imports it", path)
			}
		}
	}
}

func TestTheShortestImportChainIsFound(t *testing.T) {
	all := map[string][]string{
		module + "policy":         {"fmt", module + "policy/dialect"},
		module + "policy/dialect": {"example.com/a"},
		"example.com/a":           {"fmt", "net"},
		"fmt":                     {"os"},
	}
	assert.Equal(t, []string{module + "policy/dialect", "example.com/a", "net"}, chain(all, func(path string) bool { return path == "net" }))
	assert.Empty(t, chain(all, func(path string) bool { return path == "net/http" }))
}

func TestPackagesImportOnlyLowerLayers(t *testing.T) {
	all := imports(t)
	for path, may := range map[string][]string{
		module + "policy/duration":   {},
		module + "policy/typo":       {},
		module + "policy/strictyaml": {module + "policy/typo"},
		module + "policy/dialect":    {module + "policy/duration", module + "policy/typo"},
		module + "policy":            {module + "policy/duration", module + "policy/dialect", module + "policy/strictyaml"},
		module + "policy/audit":      {module + "policy/duration", module + "policy/dialect", module + "policy", module + "policy/manifest"},
		module + "policy/report":     {module + "policy/duration", module + "policy/dialect", module + "policy", module + "policy/audit"},
	} {
		require.Contains(t, all, path)
		for _, name := range all[path] {
			if ours(name) {
				assert.Contains(t, may, name, "%s imports it", path)
			}
		}
	}
}

// timeless are the names of package time that need no clock.
var timeless = []string{"Duration", "ParseDuration", "Nanosecond", "Microsecond", "Millisecond", "Second", "Minute", "Hour", "Parse", "DateOnly", "RFC3339"}

func TestTheEngineUsesNoClockAndStartsNothing(t *testing.T) {
	files := 0
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		for _, impure := range impurities(file) {
			t.Errorf("%s: %s", fset.Position(impure.at), impure.what)
		}
		return nil
	}))
	assert.Greater(t, files, 10, "the files were not found")
}

type impurity struct {
	at   token.Pos
	what string
}

// impurities returns the statements and expressions that a pure function can't
// have.
func impurities(file *ast.File) (found []impurity) {
	clock := ""
	for _, spec := range file.Imports {
		if path, _ := strconv.Unquote(spec.Path.Value); path == "time" {
			clock = "time"
			if spec.Name != nil {
				clock = spec.Name.Name
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = append(found, impurity{n.Pos(), "starts a goroutine"})
		case *ast.SelectStmt:
			found = append(found, impurity{n.Pos(), "waits"})
		case *ast.ChanType:
			found = append(found, impurity{n.Pos(), "has a channel"})
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				found = append(found, impurity{n.Pos(), "runs at initialization"})
			}
		case *ast.SelectorExpr:
			if pkg, ok := n.X.(*ast.Ident); ok && clock != "" && pkg.Name == clock && !slices.Contains(timeless, n.Sel.Name) {
				found = append(found, impurity{n.Pos(), "uses time." + n.Sel.Name})
			}
		}
		return true
	})
	return found
}

func TestImpuritiesAreFound(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", `package x
import hour "time"
var start = hour.Now()
var fine hour.Duration = hour.Second
func init() { go func() {}() }
func f(c chan int) { select {} }
`, 0)
	require.NoError(t, err)
	var what []string
	for _, impure := range impurities(file) {
		what = append(what, impure.what)
	}
	assert.Equal(t, []string{"uses time.Now", "runs at initialization", "starts a goroutine", "has a channel", "waits"}, what)
}
