package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/sigstore/sigstore/pkg/signature"

	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

// chartFolder is where the chart is in the source.
const chartFolder = "charts/holdfast"

// findHelm returns the path of helm in the version that the tests use, built first if
// the machine hasn't got it.
func findHelm(ctx context.Context) (string, error) {
	finder, err := parts.NewFinder(ctx, nil)
	if err != nil {
		return "", err
	}
	for _, part := range parts.All() {
		if part.Name == parts.Helm {
			found, err := finder.Find(ctx, part)
			return found[part.Name].Path, err
		}
	}
	return "", errors.New("no part is called " + parts.Helm)
}

// buildChart packages the chart. Helm can push a package, but not write a layout, so
// the layout is made from what it pushes to a registry on this machine.
func (r *release) buildChart(ctx context.Context) error {
	if err := setTimes(filepath.Join(r.path, chartFolder), r.committed); err != nil {
		return err
	}
	if _, err := output(ctx, r.path, r.helm, "package", chartFolder, "--destination", r.folder); err != nil {
		return err
	}
	registry := startRegistry()
	defer registry.Close()
	address := registry.Listener.Addr().String()
	archive := filepath.Join(r.folder, "holdfast-"+r.version+".tgz")
	if _, err := output(ctx, ".", r.helm, "push", archive, "oci://"+address+"/charts", "--plain-http"); err != nil {
		return err
	}
	repository, err := chartArtifact.in(address)
	if err != nil {
		return err
	}
	image, err := remote.Image(repository.Tag(r.version), remote.WithContext(ctx))
	if err != nil {
		return err
	}
	return r.storeImage(chartArtifact, image)
}

// setTimes sets the time of all files in a folder, which helm puts into the package.
func setTimes(folder string, modified time.Time) error {
	return filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, modified, modified)
	})
}

// verifyChart checks the chart in a registry: its signature, and that it renders to what
// the source renders to.
func (r *release) verifyChart(ctx context.Context, registry string, key signature.Verifier) error {
	repository, err := chartArtifact.in(registry)
	if err != nil {
		return err
	}
	digest, err := r.digest(chartArtifact)
	if err != nil {
		return err
	}
	if err := verifySignature(ctx, repository.Digest(digest.String()), key); err != nil {
		return err
	}
	released, err := output(ctx, ".", r.helm, "template", "holdfast", "oci://"+repository.String(), "--version", r.version, "--plain-http")
	if err != nil {
		return err
	}
	source, err := output(ctx, r.path, r.helm, "template", "holdfast", chartFolder)
	if err != nil {
		return err
	}
	if released != source || released == "" {
		return fmt.Errorf("the chart in the registry renders to something else than %s", chartFolder)
	}
	return nil
}
