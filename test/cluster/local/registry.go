package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Running clusters are known by their folders. In each is a file that describes
// the cluster, and that its process keeps locked: a lock ends with its holder,
// so a leftover is never taken for a cluster.
const (
	folderPattern   = "holdfast-cluster-"
	descriptionFile = "cluster.json"
)

// NewFolder makes the folder of a new cluster.
func NewFolder() (string, error) { return os.MkdirTemp("", folderPattern) }

// Register makes a cluster known until the registration is closed, or the
// process ends.
func Register(d Description) (io.Closer, error) {
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return nil, err
	}
	file, err := os.Create(filepath.Join(d.Dir, descriptionFile))
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	_, err = file.Write(text)
	return file, err
}

// List returns the clusters that run on this machine.
func List() ([]Description, error) {
	files, err := filepath.Glob(filepath.Join(os.TempDir(), folderPattern+"*", descriptionFile))
	if err != nil {
		return nil, err
	}
	var running []Description
	for _, file := range files {
		d, ok, err := read(file)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		if ok {
			running = append(running, d)
		}
	}
	return running, nil
}

// read returns false for a cluster that runs no more.
func read(path string) (d Description, running bool, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return d, false, nil
	}
	if err != nil {
		return d, false, err
	}
	defer file.Close()
	err = unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB)
	if !errors.Is(err, unix.EWOULDBLOCK) {
		return d, false, err
	}
	return d, true, json.NewDecoder(file).Decode(&d)
}
