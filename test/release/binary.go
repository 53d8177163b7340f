package main

import (
	"context"
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// platform is what a binary runs on.
type platform struct{ os, arch string }

// platforms are those that there are binaries for.
var platforms = []platform{
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"windows", "amd64"},
}

func (p platform) String() string { return p.os + "/" + p.arch }

// binary is the name of Holdfast's file.
func (p platform) binary() string {
	if p.os == "windows" {
		return "holdfast.exe"
	}
	return "holdfast"
}

// buildBinary builds Holdfast as `make build` does, and returns it with the licences of
// what it is built with.
func (s *source) buildBinary(ctx context.Context, p platform, path string) (notice string, err error) {
	flags := fmt.Sprintf("-s -w -X main.version=%s -X main.commit=%s", s.version, s.commit)
	environment := []string{"CGO_ENABLED=0", "GOOS=" + p.os, "GOARCH=" + p.arch}
	if _, err := outputWith(ctx, environment, s.path, "go", "build", "-trimpath", "-ldflags", flags, "-o", path, "./cmd/holdfast"); err != nil {
		return "", err
	}
	return output(ctx, s.path, "go", "run", filepath.Join("test", "licences", "main.go"), path)
}

// verifyBinary checks that a binary is static, and built from the commit for the
// platform. If it is for this machine's it is started too.
func (s *source) verifyBinary(ctx context.Context, p platform, path string) error {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return err
	}
	got := map[string]string{}
	for _, setting := range info.Settings {
		got[setting.Key] = setting.Value
	}
	for key, want := range map[string]string{
		"GOOS": p.os, "GOARCH": p.arch, "CGO_ENABLED": "0", "-trimpath": "true", "vcs.revision": s.commit, "vcs.modified": "false",
	} {
		if got[key] != want {
			return fmt.Errorf("the binary is built with %s=%s, not %s", key, got[key], want)
		}
	}
	if p.os == "linux" {
		if err := verifyStatic(path); err != nil {
			return err
		}
	}
	if (p == platform{runtime.GOOS, runtime.GOARCH}) {
		return s.verifyRuns(ctx, p, path)
	}
	return nil
}

// verifyStatic checks that a binary needs no loader and no library.
func verifyStatic(path string) error {
	binary, err := elf.Open(path)
	if err != nil {
		return err
	}
	defer binary.Close()
	libraries, err := binary.ImportedLibraries()
	if err != nil {
		return err
	}
	if len(libraries) > 0 || binary.Section(".interp") != nil {
		return fmt.Errorf("the binary isn't static: it needs %s", strings.Join(append(libraries, "a loader"), ", "))
	}
	return nil
}

// verifyRuns checks what the binary says of itself.
func (s *source) verifyRuns(ctx context.Context, p platform, path string) error {
	if err := os.Chmod(path, 0o755); err != nil {
		return err
	}
	said, err := output(ctx, ".", path, "version")
	if err != nil {
		return err
	}
	if want := fmt.Sprintf("holdfast %s (%s, %s %s)\n", s.version, s.commit, runtime.Version(), p); said != want {
		return fmt.Errorf("holdfast version prints %q, not %q", said, want)
	}
	return nil
}
