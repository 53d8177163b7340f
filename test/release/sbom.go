package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
	"github.com/CycloneDX/cyclonedx-gomod/pkg/generate/bin"
	"github.com/google/uuid"
	"github.com/rs/zerolog"
)

// sbom returns the path of the list of modules in a platform's binary.
func (r *release) sbom(p platform) string {
	return filepath.Join(r.folder, fmt.Sprintf("holdfast_%s_%s_%s.cdx.json", r.version, p.os, p.arch))
}

// writeSBOM writes the SBOM of a binary, in CycloneDX's JSON.
func (r *release) writeSBOM(p platform, binary string) error {
	generator, err := bin.NewGenerator(binary, bin.WithIncludeStdlib(true), bin.WithVersionOverride("v"+r.version), bin.WithLogger(zerolog.Nop()))
	if err != nil {
		return err
	}
	bom, err := generator.Generate()
	if err != nil {
		return err
	}
	sum, err := sha256Of(binary)
	if err != nil {
		return err
	}
	bom.SerialNumber = uuid.NewSHA1(uuid.NameSpaceURL, []byte("sha256:"+sum)).URN()
	bom.Metadata.Timestamp = r.committed.Format(time.RFC3339)
	out, err := os.Create(r.sbom(p))
	if err != nil {
		return err
	}
	return errors.Join(cyclonedx.NewBOMEncoder(out, cyclonedx.BOMFileFormatJSON).SetPretty(true).Encode(bom), out.Close())
}

// verifySBOM checks that a platform's SBOM is of this binary, and lists its modules and
// Go's standard library.
func (r *release) verifySBOM(p platform, binary string) error {
	in, err := os.Open(r.sbom(p))
	if err != nil {
		return err
	}
	defer in.Close()
	var bom cyclonedx.BOM
	if err := cyclonedx.NewBOMDecoder(in, cyclonedx.BOMFileFormatJSON).Decode(&bom); err != nil {
		return err
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	sum, err := sha256Of(binary)
	if err != nil {
		return err
	}
	if hash := (cyclonedx.Property{Name: "cdx:gomod:binary:hash:SHA-256", Value: sum}); !slices.Contains(*bom.Metadata.Properties, hash) {
		return errors.New("the SBOM is of another binary")
	}
	want := []string{"std " + info.GoVersion}
	for _, module := range info.Deps {
		want = append(want, module.Path+" "+module.Version)
	}
	var got []string
	for _, component := range *bom.Components {
		got = append(got, component.Name+" "+component.Version)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		return fmt.Errorf("the SBOM lists %q, not %q", got, want)
	}
	return nil
}

// sha256Of returns the checksum of a file in hexadecimal.
func sha256Of(path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), nil
}
