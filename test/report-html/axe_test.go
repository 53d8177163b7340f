package html_test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// axeVersion is the version of axe-core, which finds what keeps people from using a page.
const axeVersion = "4.14.1"

// findAxe returns axe-core's script, which npm fetches once into the user's cache.
func findAxe() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache: %w", err)
	}
	folder := filepath.Join(cache, "holdfast", "parts")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("making the cache: %w", err)
	}
	archive := filepath.Join(folder, "axe-core-"+axeVersion+".tgz")
	if _, err := os.Stat(archive); errors.Is(err, os.ErrNotExist) {
		if _, err := exec.LookPath("npm"); err != nil {
			return "", errors.New("there is no npm to get axe-core with")
		}
		if err := run("npm", "pack", "--silent", "--pack-destination", folder, "axe-core@"+axeVersion); err != nil {
			return "", err
		}
	}
	return readArchive(archive, "package/axe.min.js")
}

// readArchive returns a file of a compressed archive.
func readArchive(archive, name string) (string, error) {
	file, err := os.Open(archive)
	if err != nil {
		return "", fmt.Errorf("reading axe-core: %w", err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return "", fmt.Errorf("reading axe-core: %w", err)
	}
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if err != nil {
			return "", fmt.Errorf("reading axe-core: %s: %w", name, err)
		}
		if header.Name == name {
			text, err := io.ReadAll(files)
			if err != nil {
				return "", fmt.Errorf("reading axe-core: %w", err)
			}
			return string(text), nil
		}
	}
}
