package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

const (
	projectURL = "https://github.com/holdfast-dev/holdfast"
	// home is the registry that the chart pulls the image from.
	home = "ghcr.io/holdfast-dev"
	// refName is the annotation for a tag in an OCI layout.
	refName = "org.opencontainers.image.ref.name"
)

// artifact is what is pushed to a registry. Until then it is in an OCI layout, a folder
// of the release.
type artifact struct{ folder, repository string }

var (
	imageArtifact = artifact{"image", "holdfast"}
	chartArtifact = artifact{"chart", "charts/holdfast"}
	artifacts     = []artifact{imageArtifact, chartArtifact}
)

// in returns the artifact's repository in a registry.
func (a artifact) in(registry string) (name.Repository, error) {
	return name.NewRepository(registry + "/" + a.repository)
}

// storeIndex makes the artifact's layout, with an index in it.
func (r *release) storeIndex(a artifact, index v1.ImageIndex) error {
	path, err := layout.Write(filepath.Join(r.folder, a.folder), empty.Index)
	if err != nil {
		return err
	}
	return path.AppendIndex(index, layout.WithAnnotations(map[string]string{refName: r.version}))
}

// storeImage makes the artifact's layout, with an image in it.
func (r *release) storeImage(a artifact, image v1.Image) error {
	path, err := layout.Write(filepath.Join(r.folder, a.folder), empty.Index)
	if err != nil {
		return err
	}
	return path.AppendImage(image, layout.WithAnnotations(map[string]string{refName: r.version}))
}

// digest returns the digest of the artifact in its layout.
func (r *release) digest(a artifact) (v1.Hash, error) {
	path, err := layout.FromPath(filepath.Join(r.folder, a.folder))
	if err != nil {
		return v1.Hash{}, err
	}
	index, err := path.ImageIndex()
	if err != nil {
		return v1.Hash{}, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return v1.Hash{}, err
	}
	for _, descriptor := range manifest.Manifests {
		if descriptor.Annotations[refName] == r.version {
			return descriptor.Digest, nil
		}
	}
	return v1.Hash{}, fmt.Errorf("nothing in %s has the tag %s", path, r.version)
}

// push pushes the image, the chart, and their signatures.
func (r *release) push(ctx context.Context, registry string) error {
	for _, a := range artifacts {
		repository, err := a.in(registry)
		if err != nil {
			return err
		}
		if err := pushLayout(ctx, filepath.Join(r.folder, a.folder), repository); err != nil {
			return fmt.Errorf("pushing to %s: %w", repository, err)
		}
	}
	return nil
}

// pushLayout pushes all that is in a layout, by its tags.
func pushLayout(ctx context.Context, folder string, repository name.Repository) error {
	path, err := layout.FromPath(folder)
	if err != nil {
		return err
	}
	content, err := path.ImageIndex()
	if err != nil {
		return err
	}
	manifest, err := content.IndexManifest()
	if err != nil {
		return err
	}
	tagged := map[name.Reference]remote.Taggable{}
	for _, descriptor := range manifest.Manifests {
		tag := repository.Tag(descriptor.Annotations[refName])
		if descriptor.MediaType.IsIndex() {
			tagged[tag], err = content.ImageIndex(descriptor.Digest)
		} else {
			tagged[tag], err = content.Image(descriptor.Digest)
		}
		if err != nil {
			return err
		}
	}
	return remote.MultiWrite(tagged, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain))
}

// startRegistry starts an empty registry on this machine.
func startRegistry() *httptest.Server {
	return httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
}
