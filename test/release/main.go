// Release builds everything that a release of Holdfast consists of into a folder, from
// the commit that is checked out, signs it, and verifies the result. With a registry it
// then pushes the image and the chart.
//
//	go run -C test/release . "$PWD/bin/release"
//
// The folder then has an archive with a static binary and an SBOM for each platform,
// the image and the chart as OCI layouts, provenance, checksums, and signatures.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/sigstore/sigstore/pkg/signature"
)

// repository is the project's folder, from this module's.
var repository = filepath.Join("..", "..")

func main() {
	builder := flag.String("builder", buildType+"#by-hand", "who builds, for the provenance: a `URI`")
	keyFile := flag.String("key", "", "`file` with the private key, in PEM, to sign with; without it a new one is made and thrown away")
	registry := flag.String("push", "", "`registry` to push the image and the chart to, such as ghcr.io/holdfast-dev")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, flag.Arg(0), *builder, *keyFile, *registry)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// release is what is being released, and where it is put.
type release struct {
	*source
	folder string
	// helm is the program that packages and renders the chart.
	helm string
	// started is when the build began.
	started time.Time
	builder string
}

func run(ctx context.Context, folder, builder, keyFile, registry string) error {
	temporary, err := os.MkdirTemp("", "holdfast-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	source, err := clone(ctx, repository, filepath.Join(temporary, "source"))
	if err != nil {
		return err
	}
	helm, err := findHelm(ctx)
	if err != nil {
		return err
	}
	key, err := signingKey(keyFile)
	if err != nil {
		return err
	}
	r := &release{source: source, folder: folder, helm: helm, started: time.Now(), builder: builder}
	fmt.Printf("Holdfast %s from commit %s\n", r.version, r.commit)
	if err := r.build(ctx, key); err != nil {
		return err
	}
	if err := r.verify(ctx); err != nil {
		return fmt.Errorf("verifying the release: %w", err)
	}
	fmt.Println("verified:", folder)
	if registry == "" {
		return nil
	}
	return r.push(ctx, registry)
}

// step is a part of the work.
type step struct {
	name string
	run  func(context.Context) error
}

// runSteps runs steps, and prints how long each took.
func runSteps(ctx context.Context, steps []step) error {
	for _, s := range steps {
		start := time.Now()
		if err := s.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Printf("  %-40s %6.1f s\n", s.name, time.Since(start).Seconds())
	}
	return nil
}

// build makes all files of the release.
func (r *release) build(ctx context.Context, key signature.Signer) error {
	if err := os.RemoveAll(r.folder); err != nil {
		return err
	}
	if err := os.MkdirAll(r.folder, 0o755); err != nil {
		return err
	}
	var steps []step
	for _, p := range platforms {
		steps = append(steps, step{"building for " + p.String(), func(ctx context.Context) error { return r.buildArchive(ctx, p) }})
	}
	return runSteps(ctx, append(steps,
		step{"building the image", r.buildImage},
		step{"packaging the chart", r.buildChart},
		step{"signing the image and the chart", func(context.Context) error { return r.signArtifacts(key) }},
		step{"stating the provenance", func(context.Context) error { return r.writeProvenance(key) }},
		step{"signing the checksums", func(context.Context) error { return r.writeChecksums(key) }},
	))
}

// verify checks all files of the release as a user could, with the public key in it.
func (r *release) verify(ctx context.Context) error {
	key, err := r.readPublicKey()
	if err != nil {
		return err
	}
	registry := startRegistry()
	defer registry.Close()
	address := registry.Listener.Addr().String()
	steps := []step{{"verifying the checksums", func(context.Context) error { return r.verifyChecksums(key) }}}
	for _, p := range platforms {
		steps = append(steps, step{"verifying " + p.String(), func(ctx context.Context) error { return r.verifyArchive(ctx, p) }})
	}
	return runSteps(ctx, append(steps,
		step{"pushing to a registry on this machine", func(ctx context.Context) error { return r.push(ctx, address) }},
		step{"verifying the image", func(ctx context.Context) error { return r.verifyImage(ctx, address, key) }},
		step{"verifying the chart", func(ctx context.Context) error { return r.verifyChart(ctx, address, key) }},
		step{"verifying the provenance", func(context.Context) error { return r.verifyProvenance(key) }},
	))
}
