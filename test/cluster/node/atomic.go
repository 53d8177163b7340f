package node

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// file is one file of a volume.
type file struct {
	content []byte
	mode    fs.FileMode
}

// payload is the content of a volume, by relative path.
type payload map[string]file

// Names that the kubelet uses. Programs that watch a volume know them: the
// rename of ..data is the moment at which all files change at once.
const (
	dataLink    = "..data"
	newDataLink = "..data_tmp"
)

// writeAtomic brings a volume to the payload, as the kubelet does: the files go
// to a new folder, a link to it replaces the old one in one step, and what a
// program sees by name are links through that link. It reports whether there
// was anything to change. Group is the owner of the files; -1 leaves it.
func writeAtomic(dir string, want payload, group int) (changed bool, err error) {
	old, err := os.Readlink(filepath.Join(dir, dataLink))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if old != "" && holds(filepath.Join(dir, old), want) {
		return false, nil
	}
	fresh, err := os.MkdirTemp(dir, time.Now().UTC().Format("..2006_01_02_15_04_05."))
	if err != nil {
		return false, err
	}
	if err := writeFiles(fresh, want, group); err != nil {
		return false, errors.Join(err, os.RemoveAll(fresh))
	}
	if err := swap(dir, filepath.Base(fresh)); err != nil {
		return false, err
	}
	if err := link(dir, want); err != nil {
		return false, err
	}
	if old != "" {
		return true, os.RemoveAll(filepath.Join(dir, old))
	}
	return true, nil
}

// holds reports whether a folder has exactly the files of the payload.
func holds(dir string, want payload) bool {
	seen := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if wanted, ok := want[name]; err != nil || !ok || !bytes.Equal(wanted.content, content) {
			return fs.SkipAll
		}
		seen++
		return nil
	})
	return err == nil && seen == len(want)
}

func writeFiles(dir string, files payload, group int) error {
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	for name, f := range files {
		if !filepath.IsLocal(name) {
			return fmt.Errorf("a volume can't hold a file named %q", name)
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := writeFile(path, f, group); err != nil {
			return err
		}
	}
	return nil
}

// writeFile sets the mode apart from writing, as the umask doesn't count. A
// group that owns the file may read it.
func writeFile(path string, f file, group int) error {
	if err := os.WriteFile(path, f.content, 0o600); err != nil {
		return err
	}
	if group < 0 {
		return os.Chmod(path, f.mode)
	}
	if err := os.Lchown(path, -1, group); err != nil {
		return err
	}
	return os.Chmod(path, f.mode|0o040)
}

func swap(dir, target string) error {
	next := filepath.Join(dir, newDataLink)
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(target, next); err != nil {
		return err
	}
	return os.Rename(next, filepath.Join(dir, dataLink))
}

// link makes the names that programs read, and removes those that have gone.
func link(dir string, want payload) error {
	names := map[string]bool{}
	for name := range want {
		first, _, _ := strings.Cut(name, "/")
		names[first] = true
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		switch {
		case strings.HasPrefix(name, ".."):
		case names[name]:
			delete(names, name)
		default:
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	for name := range names {
		if err := os.Symlink(filepath.Join(dataLink, name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}
