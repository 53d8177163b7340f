package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// source is a file or standard input. It can be opened more than once.
type source struct {
	name string
	open func() (io.ReadCloser, error)
}

// manifestExtensions are the extensions of the files that are read in a folder. They
// are kubectl's.
var manifestExtensions = []string{".yaml", ".yml", ".json"}

// sources returns what -f names: files, the manifests in folders, and standard input
// for "-". A file that is named twice is read once. Input that can be read only once
// is kept until release is called.
func sources(paths []string, recursive bool, s streams, report *reporter) (all []source, release func(), err error) {
	var kept []*spool
	seen := make(map[string]bool)
	release = func() {
		for _, sp := range kept {
			sp.Close()
		}
	}
	for _, path := range paths {
		here, sp, err := sourcesAt(path, recursive, s, report)
		if sp != nil {
			kept = append(kept, sp)
		}
		if err != nil {
			release()
			return nil, nil, fmt.Errorf("reading the manifests: %w", err)
		}
		for _, found := range here {
			if name := filepath.Clean(found.name); !seen[name] {
				seen[name] = true
				all = append(all, found)
			}
		}
	}
	return all, release, nil
}

// checkStandardInput returns an error if standard input is named twice, because it
// can be read only once.
func checkStandardInput(paths []string) error {
	first := slices.Index(paths, "-")
	if first >= 0 && slices.Contains(paths[first+1:], "-") {
		return errors.New("standard input (-) can be read only once")
	}
	return nil
}

func sourcesAt(path string, recursive bool, s streams, report *reporter) ([]source, *spool, error) {
	if path == "-" {
		return keep(manifest.StandardInput, s.in)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, nil, err
	case info.IsDir():
		all, err := inFolder(path, recursive, report)
		return all, nil, err
	case info.Mode().IsRegular():
		return []source{file(path)}, nil, nil
	}
	// A pipe, such as <(helm template …), can be read only once.
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

// keep reads everything into a spool, so that it can be read more than once.
func keep(name string, in io.Reader) ([]source, *spool, error) {
	sp := &spool{}
	if _, err := io.Copy(sp, in); err != nil {
		return nil, sp, fmt.Errorf("%s: %w", name, err)
	}
	return []source{{name, func() (io.ReadCloser, error) { return io.NopCloser(sp.Reader()), nil }}}, sp, nil
}

// inFolder returns the manifests in a folder, sorted by name, and reports why there
// are none.
func inFolder(folder string, recursive bool, report *reporter) ([]source, error) {
	all, err := manifestsIn(folder, recursive, report)
	switch {
	case err != nil || len(all) > 0:
	case !recursive && hasManifestsBelow(folder):
		report.file(folder, "the manifests are in folders of this one; to read those add -R")
	default:
		report.file(folder, "no manifests here, which are files that end in "+policy.Enumerated(manifestExtensions, "or"))
	}
	return all, err
}

// manifestsIn returns the manifests in a folder. Symbolic links to files are followed,
// because mounted ConfigMaps consist of them; links to folders are not, because they can
// form a loop.
func manifestsIn(folder string, recursive bool, report *reporter) ([]source, error) {
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
			inner, err := manifestsIn(path, recursive, report)
			if err != nil {
				return nil, err
			}
			all = append(all, inner...)
			continue
		}
		isManifest, err := isManifest(path)
		switch {
		case err != nil:
			return nil, err
		case isManifest && slices.Contains(kustomizations, e.Name()):
			report.file(path, fmt.Sprintf("not read, as it is no manifest: kubectl kustomize %s builds it, and -f - reads what that writes", folder))
		case isManifest:
			all = append(all, file(path))
		}
	}
	return all, nil
}

// kustomizations are the names under which kubectl finds a kustomization in a folder
// (sigs.k8s.io/kustomize/api/konfig). It is for kustomize, and the API server knows no
// such kind.
var kustomizations = []string{"kustomization.yaml", "kustomization.yml"}

// hasManifestsBelow reports whether the folders in a folder contain manifests.
func hasManifestsBelow(folder string) bool {
	found := false
	_ = filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && slices.Contains(manifestExtensions, filepath.Ext(path)) && filepath.Dir(path) != filepath.Clean(folder) {
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// isManifest reports whether an entry of a folder is a manifest.
func isManifest(path string) (bool, error) {
	if !slices.Contains(manifestExtensions, filepath.Ext(path)) {
		return false, nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("%s is a broken symbolic link", path)
	}
	return err == nil && info.Mode().IsRegular(), err
}
