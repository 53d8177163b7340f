package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// source is a file, or standard input, that can be read as often as it is
// needed.
type source struct {
	name string
	open func() (io.ReadCloser, error)
}

// standardInput is how positions and diffs call it.
const standardInput = "stdin"

// manifestEndings are the files that are read in a folder, as kubectl has it.
var manifestEndings = []string{".yaml", ".yml", ".json"}

// sources finds what -f means: files, the manifests in folders, and "-" for
// standard input. What can be read only once is kept; release lets go of it.
func sources(paths []string, recursive bool, s streams) (all []source, release func(), err error) {
	var kept []*spool
	release = func() {
		for _, sp := range kept {
			sp.Close()
		}
	}
	for _, path := range paths {
		here, sp, err := sourcesAt(path, recursive, s)
		if sp != nil {
			kept = append(kept, sp)
		}
		if err != nil {
			release()
			return nil, nil, err
		}
		all = append(all, here...)
	}
	return all, release, nil
}

// checkStandardInput refuses to read standard input for two things: the second
// would find nothing.
func checkStandardInput(paths []string) error {
	first := slices.Index(paths, "-")
	if first >= 0 && slices.Contains(paths[first+1:], "-") {
		return errors.New("standard input (-) can be read only once")
	}
	return nil
}

func sourcesAt(path string, recursive bool, s streams) ([]source, *spool, error) {
	if path == "-" {
		return keep(standardInput, s.in)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, nil, err
	case info.IsDir():
		all, err := inFolder(path, recursive)
		return all, nil, err
	case info.Mode().IsRegular():
		return []source{file(path)}, nil, nil
	}
	// A pipe, such as <(helm template …), gives its text only once.
	pipe, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer pipe.Close()
	return keep(path, pipe)
}

func file(path string) source {
	return source{path, func() (io.ReadCloser, error) { return os.Open(path) }}
}

// keep reads everything now, so that it can be read again.
func keep(name string, in io.Reader) ([]source, *spool, error) {
	sp := &spool{}
	if _, err := io.Copy(sp, in); err != nil {
		return nil, sp, fmt.Errorf("reading %s: %w", name, err)
	}
	return []source{{name, func() (io.ReadCloser, error) { return io.NopCloser(sp.Reader()), nil }}}, sp, nil
}

// inFolder finds the manifests in a folder, in the order of their names. A link
// to a file is read, as in a mounted ConfigMap; a link to a folder isn't
// followed, as it may lead back.
func inFolder(folder string, recursive bool) ([]source, error) {
	var all []source
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		if e.IsDir() {
			if !recursive {
				continue
			}
			inner, err := inFolder(path, recursive)
			if err != nil {
				return nil, err
			}
			all = append(all, inner...)
			continue
		}
		isManifest, err := isManifest(path)
		if err != nil {
			return nil, err
		}
		if isManifest {
			all = append(all, file(path))
		}
	}
	return all, nil
}

// isManifest tells whether a folder's entry is a file that is to be read.
func isManifest(path string) (bool, error) {
	if !slices.Contains(manifestEndings, filepath.Ext(path)) {
		return false, nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("%s is a link to nothing", path)
	}
	return err == nil && info.Mode().IsRegular(), err
}
