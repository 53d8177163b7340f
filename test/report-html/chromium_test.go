package html_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/holdfast-dev/holdfast/test/cluster/parts"
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
func findChromium(ctx context.Context) (chromium, error) {
	for _, name := range programs {
		if program, err := exec.LookPath(name); err == nil {
			return chromium{program: program}, nil
		}
	}
	finder, err := parts.NewFinder(ctx, func(p parts.Progress) { fmt.Println(p) })
	if err != nil {
		return chromium{}, err
	}
	found, err := finder.Find(ctx, debian)
	if err != nil {
		return chromium{}, err
	}
	return unpacked(found[debian.Name].Path)
}

// debian is Debian's Chromium. A font that is the same on every machine belongs to it.
// Nothing writes to it.
var debian = parts.Part{
	Name: "chromium", Version: "debian", Weight: 60,
	Packages: []string{"chromium-headless-shell", "fonts-liberation"}, OnMachine: true,
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
