package parts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// key is a short hash of everything that decides what a build of the part
// yields: its row in the table, the Go release, go.mod, go.sum and our own
// sources.
func (p Part) key(root string) (string, error) {
	if len(p.Packages) > 0 {
		return p.packagesKey(), nil
	}
	files, err := p.files(root)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	fmt.Fprintln(hash, runtime.Version(), p.Package, p.linkerFlags(), p.Data)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(hash, filepath.Base(file), len(text))
		hash.Write(text)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12], nil
}

// files are the files that decide what a build yields.
func (p Part) files(root string) ([]string, error) {
	if p.Scripts != "" {
		return filepath.Glob(filepath.Join(root, p.Scripts, "*.js*"))
	}
	files := []string{
		filepath.Join(root, p.Module, "go.mod"),
		filepath.Join(root, p.Module, "go.sum"),
	}
	for _, folder := range p.Sources {
		sources, err := goFiles(filepath.Join(root, folder))
		if err != nil {
			return nil, err
		}
		files = append(files, sources...)
	}
	return files, nil
}

// packagesKey is the key of a part that consists of packages. What the machine's
// sources have is known only once they are asked, which a second start shouldn't:
// the names and the part's version decide.
func (p Part) packagesKey() string {
	hash := sha256.New()
	fmt.Fprintln(hash, p.Packages, p.OnMachine)
	return hex.EncodeToString(hash.Sum(nil))[:12]
}

// goFiles lists what the compiler would read below a folder, in a fixed order.
func goFiles(folder string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && entry.Name() == "testdata" {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".yaml") {
			files = append(files, path)
		}
		return nil
	})
	return files, err
}
