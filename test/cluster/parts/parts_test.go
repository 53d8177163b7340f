package parts

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

// TestVersionsAreTheModules keeps the table and the go.mod files together.
func TestVersionsAreTheModules(t *testing.T) {
	modules := map[string]string{
		Etcd:              "go.etcd.io/etcd/server/v3",
		APIServer:         "k8s.io/kubernetes",
		ControllerManager: "k8s.io/kubernetes",
		Kubectl:           "k8s.io/kubernetes",
		Helm:              "helm.sh/helm/v4",
		CertManager:       "github.com/cert-manager/cert-manager",
	}
	for _, p := range everyRelease(t) {
		text, err := os.ReadFile(filepath.Join(root, p.Module, "go.mod"))
		require.NoError(t, err)
		assert.Contains(t, string(text), modules[p.Name]+" "+p.Version, p.Name)
	}
}

// A staging module of another release would go unnoticed.
func TestStagingModulesAreOfTheirRelease(t *testing.T) {
	for version, module := range releases() {
		text, err := os.ReadFile(filepath.Join(root, module, "go.mod"))
		require.NoError(t, err)
		pinned := regexp.MustCompile(`(?m)^\tk8s\.io/\S+ => \S+ v0(\S+)$`).FindAllStringSubmatch(string(text), -1)
		assert.Greater(t, len(pinned), 30, module)
		for _, pin := range pinned {
			assert.Equal(t, version, "1"+pin[1], pin[0])
		}
	}
}

func TestAVersionWithoutAModuleIsRefused(t *testing.T) {
	_, err := WithKubernetes("1.12.0")
	assert.EqualError(t, err, `there is no module for Kubernetes "1.12.0", only for 1.33.13 and 1.36.3`)
}

// TestVersionsFoundElsewhere keeps what a program must print to its version.
func TestVersionsFoundElsewhere(t *testing.T) {
	for _, p := range everyRelease(t) {
		if p.Elsewhere.Folder != "" {
			assert.Contains(t, p.Elsewhere.Prints, strings.TrimPrefix(p.Version, "v"), p.Name)
		}
	}
}

// everyRelease are the parts of the clusters of all releases.
func everyRelease(t *testing.T) []Part {
	t.Helper()
	var all []Part
	for version := range releases() {
		parts, err := WithKubernetes(version)
		require.NoError(t, err)
		all = append(all, parts...)
	}
	return all
}

func TestKeyChangesWithWhatGoesIn(t *testing.T) {
	module := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(module, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	write("tool/go.mod", "module tool")
	write("tool/go.sum", "")
	write("tool/main.go", "package main")
	p := Part{Module: "tool", Package: ".", Sources: []string{"tool"}}
	key := func() string {
		t.Helper()
		k, err := p.key(module)
		require.NoError(t, err)
		return k
	}

	seen := map[string]string{key(): "at first"}
	changed := func(what string) {
		t.Helper()
		k := key()
		assert.NotContains(t, seen, k, "%s must count", what)
		seen[k] = what
	}
	write("tool/go.sum", "a sum")
	changed("go.sum")
	write("tool/main.go", "package main // changed")
	changed("a source")
	p.Stamps = []string{"main.version=2"}
	changed("a stamp")

	before := key()
	write("tool/main_test.go", "package main")
	write("tool/testdata/x.go", "package x")
	assert.Equal(t, before, key(), "tests don't count")
}

func TestScriptsAreInstalledAgainOnceTheyChange(t *testing.T) {
	folder := t.TempDir()
	p := Part{Scripts: "scripts"}
	require.NoError(t, os.Mkdir(filepath.Join(folder, p.Scripts), 0o755))
	seen := make(map[string]bool)
	for _, name := range []string{"server.js", "package.json", "package-lock.json"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, p.Scripts, name), []byte("{}"), 0o644))
		key, err := p.key(folder)
		require.NoError(t, err)
		assert.NotContains(t, seen, key, name)
		seen[key] = true
	}
}

func TestAFolderIsUsedWhereItIs(t *testing.T) {
	f := Finder{Root: t.TempDir(), Cache: t.TempDir(), Progress: func(Progress) {}}
	require.NoError(t, os.Mkdir(filepath.Join(f.Root, "lua"), 0o755))
	found, err := f.Find(t.Context(), Part{Name: "lua", Folder: "lua"})
	require.NoError(t, err)
	assert.Equal(t, Built{Path: filepath.Join(f.Root, "lua")}, found["lua"])
	_, err = f.Find(t.Context(), Part{Name: "perl", Folder: "perl"})
	assert.ErrorContains(t, err, "perl")
}

func TestElsewhereWantsTheVersion(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\necho tool version $1\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tool"), []byte(script), 0o755))
	t.Setenv("TOOL_FOLDER", dir)
	e := Elsewhere{Folder: "TOOL_FOLDER", Version: []string{"v1"}, Prints: "tool version v1"}

	path, ok := e.find(t.Context(), "tool")
	assert.True(t, ok)
	assert.Equal(t, filepath.Join(dir, "tool"), path)
	e.Prints = "tool version v2"
	_, ok = e.find(t.Context(), "tool")
	assert.False(t, ok)
}

func TestEstimate(t *testing.T) {
	begun := time.Now()
	e := &estimate{begun: begun, latest: begun, left: 300}
	assert.Equal(t, 5*time.Minute, e.remaining(begun))
	assert.Equal(t, 4*time.Minute, e.remaining(begun.Add(time.Minute)))

	e = &estimate{begun: begun, latest: begun.Add(10 * time.Minute), done: 300, left: 100}
	assert.Equal(t, 200*time.Second, e.remaining(e.latest), "twice as slow as the table says")
	assert.Zero(t, e.remaining(e.latest.Add(time.Hour)))
}
