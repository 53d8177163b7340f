package html_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// chromium is a program that starts a headless Chromium, and what it needs in its
// environment.
type chromium struct {
	program     string
	environment []string
}

// programs are the names of Chromium that a machine may have. Nothing writes to it.
var programs = []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"}

// findChromium returns the machine's own Chromium, or Debian's. Debian's packages are
// unpacked into a folder of the user's cache, and never installed.
func findChromium() (chromium, error) {
	for _, name := range programs {
		if program, err := exec.LookPath(name); err == nil {
			return chromium{program: program}, nil
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return chromium{}, fmt.Errorf("finding the cache: %w", err)
	}
	folder := filepath.Join(cache, "holdfast", "parts", "chromium-debian")
	if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) {
		if err := unpackDebian(folder); err != nil {
			return chromium{}, err
		}
	}
	return unpacked(folder)
}

// packages are what is unpacked beside what they depend on: a font that is the same on
// every machine belongs to them. Nothing writes to it.
var packages = []string{"chromium-headless-shell", "fonts-liberation"}

// unpackDebian downloads the packages that this machine lacks, with the sources and the
// keys that its apt is set up with, and unpacks them.
func unpackDebian(folder string) error {
	for _, tool := range []string{"apt-get", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("there is no Chromium here, and no %s to get Debian's with", tool)
		}
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return fmt.Errorf("making the cache: %w", err)
	}
	work, err := os.MkdirTemp(filepath.Dir(folder), "chromium-")
	if err != nil {
		return fmt.Errorf("making the cache: %w", err)
	}
	defer os.RemoveAll(work)
	if err := download(work); err != nil {
		return err
	}
	archives, err := filepath.Glob(filepath.Join(work, "archives", "*.deb"))
	if err != nil {
		return fmt.Errorf("finding the packages: %w", err)
	}
	root := filepath.Join(work, "root")
	for _, archive := range archives {
		if err := run("dpkg-deb", "-x", archive, root); err != nil {
			return err
		}
	}
	if err := os.Rename(root, folder); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("keeping Chromium: %w", err)
	}
	return nil
}

// download downloads the packages. Lists that are too old, or not there at all, are read
// again, into the same folder.
func download(work string) error {
	for _, folder := range []string{"archives/partial", "lists/partial"} {
		if err := os.MkdirAll(filepath.Join(work, folder), 0o755); err != nil {
			return fmt.Errorf("making the cache: %w", err)
		}
	}
	options := []string{"-o", "Dir::Cache=" + work, "-o", "Debug::NoLocking=true", "-o", "APT::Sandbox::User="}
	install := append([]string{"install", "--yes", "--download-only", "--no-install-recommends"}, packages...)
	if run("apt-get", slices.Concat(options, install)...) == nil {
		return nil
	}
	options = append(options, "-o", "Dir::State::lists="+filepath.Join(work, "lists"))
	if err := run("apt-get", slices.Concat(options, []string{"update"})...); err != nil {
		return err
	}
	return run("apt-get", slices.Concat(options, install)...)
}

// run runs a program. Its error has the last line that the program wrote.
func run(name string, arguments ...string) error {
	text, err := exec.Command(name, arguments...).CombinedOutput()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		return fmt.Errorf("running %s: %w: %s", name, err, lines[len(lines)-1])
	}
	return nil
}

// unpacked returns the Chromium of unpacked packages. It finds their libraries beside the
// machine's, and only their fonts.
func unpacked(root string) (chromium, error) {
	var libraries []string
	for _, pattern := range []string{"usr/lib/*-linux-gnu", "usr/lib/*-linux-gnu/pulseaudio", "lib/*-linux-gnu"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return chromium{}, fmt.Errorf("finding the libraries: %w", err)
		}
		libraries = append(libraries, found...)
	}
	fonts := filepath.Join(root, "fonts.conf")
	text := `<?xml version="1.0"?>
<fontconfig>
  <dir>` + filepath.Join(root, "usr/share/fonts") + `</dir>
  <match target="pattern">
    <edit name="family" mode="append_last"><string>Liberation Sans</string></edit>
  </match>
</fontconfig>
`
	if err := os.WriteFile(fonts, []byte(text), 0o644); err != nil {
		return chromium{}, fmt.Errorf("writing the fonts: %w", err)
	}
	return chromium{
		program:     filepath.Join(root, "usr/lib/chromium/chromium-headless-shell"),
		environment: []string{"LD_LIBRARY_PATH=" + strings.Join(libraries, ":"), "FONTCONFIG_FILE=" + fonts},
	}, nil
}
