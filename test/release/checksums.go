package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sigstore/sigstore/pkg/signature"
)

// The checksums of all files beside them, as sha256sum prints them, and their signature.
const (
	checksumsFile          = "SHA256SUMS"
	checksumsSignatureFile = "SHA256SUMS.sig"
)

// checksums returns the checksums of the release's files. What is in the layouts is
// named by its checksum anyway.
func (r *release) checksums() (string, error) {
	entries, err := os.ReadDir(r.folder)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, entry := range entries {
		if entry.IsDir() || entry.Name() == checksumsFile || entry.Name() == checksumsSignatureFile {
			continue
		}
		sum, err := sha256Of(filepath.Join(r.folder, entry.Name()))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "%s  %s\n", sum, entry.Name())
	}
	return text.String(), nil
}

// writeChecksums writes the checksums, their signature, and the public key for it.
func (r *release) writeChecksums(key signature.Signer) error {
	if err := r.writePublicKey(key); err != nil {
		return err
	}
	text, err := r.checksums()
	if err != nil {
		return err
	}
	signed, err := key.SignMessage(strings.NewReader(text))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(r.folder, checksumsFile), []byte(text), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.folder, checksumsSignatureFile), signed, 0o644)
}

// verifyChecksums checks that each file is listed, with its checksum.
func (r *release) verifyChecksums(key signature.Verifier) error {
	text, err := os.ReadFile(filepath.Join(r.folder, checksumsFile))
	if err != nil {
		return err
	}
	signed, err := os.ReadFile(filepath.Join(r.folder, checksumsSignatureFile))
	if err != nil {
		return err
	}
	if err := key.VerifySignature(bytes.NewReader(signed), bytes.NewReader(text)); err != nil {
		return err
	}
	want, err := r.checksums()
	if err != nil {
		return err
	}
	if string(text) != want {
		return fmt.Errorf("%s isn't the list of the files:\n%s\nbut:\n%s", checksumsFile, want, text)
	}
	return nil
}
