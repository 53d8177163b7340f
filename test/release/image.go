package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/sigstore/sigstore/pkg/signature"
)

// What the image is, as in the Dockerfile.
const imageUser = "65532:65532"

var (
	imageEntrypoint = []string{"/holdfast"}
	imageFiles      = []string{"holdfast", "NOTICE"}
)

// imagePlatforms returns those that there is an image for.
func imagePlatforms() []platform {
	return slices.DeleteFunc(slices.Clone(platforms), func(p platform) bool { return p.os != "linux" })
}

// filesOfImage returns what goes from a platform's archive into the image.
func (r *release) filesOfImage(p platform) ([]file, error) {
	files, err := unpack(r.archive(p))
	return slices.DeleteFunc(files, func(f file) bool { return !slices.Contains(imageFiles, f.name) }), err
}

// buildImage puts an image for each platform into a layout, with an index.
func (r *release) buildImage(context.Context) error {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, p := range imagePlatforms() {
		files, err := r.filesOfImage(p)
		if err != nil {
			return err
		}
		image, err := newImage(p, files, r.committed)
		if err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        image,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: p.os, Architecture: p.arch}},
		})
	}
	annotated := mutate.Annotations(index, map[string]string{
		"org.opencontainers.image.created":  r.committed.Format(time.RFC3339),
		"org.opencontainers.image.licenses": "Apache-2.0",
		"org.opencontainers.image.revision": r.commit,
		"org.opencontainers.image.source":   projectURL,
		"org.opencontainers.image.version":  r.version,
	}).(v1.ImageIndex)
	return r.storeIndex(imageArtifact, annotated)
}

// newImage returns an image of one layer with the files, on an empty base.
func newImage(p platform, files []file, created time.Time) (v1.Image, error) {
	var archive bytes.Buffer
	if err := writeTar(&archive, files, created); err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(archive.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err = mutate.ConfigFile(image, &v1.ConfigFile{
		OS: p.os, Architecture: p.arch, Created: v1.Time{Time: created},
		Config: v1.Config{User: imageUser, Entrypoint: imageEntrypoint},
		RootFS: v1.RootFS{Type: "layers"},
	})
	if err != nil {
		return nil, err
	}
	return mutate.Append(image, mutate.Addendum{Layer: layer, History: v1.History{Created: v1.Time{Time: created}, CreatedBy: "test/release"}})
}

// verifyImage checks the image in a registry: its signature, and for each platform its
// user, its entry point and its files, which are those of the archive.
func (r *release) verifyImage(ctx context.Context, registry string, key signature.Verifier) error {
	repository, err := imageArtifact.in(registry)
	if err != nil {
		return err
	}
	index, err := remote.Index(repository.Tag(r.version), remote.WithContext(ctx))
	if err != nil {
		return err
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	if err := verifySignature(ctx, repository.Digest(digest.String()), key); err != nil {
		return err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return err
	}
	if got, want := len(manifest.Manifests), len(imagePlatforms()); got != want {
		return fmt.Errorf("the image is for %d platforms, not %d", got, want)
	}
	for _, p := range imagePlatforms() {
		files, err := r.filesOfImage(p)
		if err != nil {
			return err
		}
		if err := verifyPlatform(ctx, repository.Tag(r.version), p, files); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	return nil
}

// verifyPlatform checks the image that a node of the platform would pull.
func verifyPlatform(ctx context.Context, tag name.Tag, p platform, want []file) error {
	image, err := remote.Image(tag, remote.WithContext(ctx), remote.WithPlatform(v1.Platform{OS: p.os, Architecture: p.arch}))
	if err != nil {
		return err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return err
	}
	if (platform{config.OS, config.Architecture}) != p {
		return fmt.Errorf("the image is for %s/%s", config.OS, config.Architecture)
	}
	if config.Config.User != imageUser || !slices.Equal(config.Config.Entrypoint, imageEntrypoint) || len(config.Config.Cmd) > 0 {
		return fmt.Errorf("the image starts %q %q as user %q", config.Config.Entrypoint, config.Config.Cmd, config.Config.User)
	}
	flat := mutate.Extract(image)
	defer flat.Close()
	got, err := readTar(flat)
	if err != nil {
		return err
	}
	if !slices.EqualFunc(got, want, file.equal) {
		return errors.New("the image has other files than the archive")
	}
	return nil
}

func (f file) equal(other file) bool {
	return f.name == other.name && f.mode == other.mode && bytes.Equal(f.content, other.content)
}
