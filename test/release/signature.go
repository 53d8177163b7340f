package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/sigstore/sigstore/pkg/cryptoutils"
	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/sigstore/sigstore/pkg/signature/payload"
)

// publicKeyFile is the file in the release with the public key that belongs to its
// signatures.
const publicKeyFile = "release.pub"

// signingKey returns the key in a file, or a new one if there is no file.
func signingKey(file string) (signature.SignerVerifier, error) {
	if file == "" {
		key, _, err := signature.NewECDSASignerVerifier(elliptic.P256(), rand.Reader, crypto.SHA256)
		return key, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	private, err := cryptoutils.UnmarshalPEMToPrivateKey(text, cryptoutils.SkipPassword)
	if err != nil {
		return nil, fmt.Errorf("reading the key in %s: %w", file, err)
	}
	return signature.LoadSignerVerifier(private, crypto.SHA256)
}

// writePublicKey writes the public half of the key into the release.
func (r *release) writePublicKey(key signature.Signer) error {
	public, err := key.PublicKey()
	if err != nil {
		return err
	}
	text, err := cryptoutils.MarshalPublicKeyToPEM(public)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.folder, publicKeyFile), text, 0o644)
}

// readPublicKey returns the public key in the release.
func (r *release) readPublicKey() (signature.Verifier, error) {
	text, err := os.ReadFile(filepath.Join(r.folder, publicKeyFile))
	if err != nil {
		return nil, err
	}
	public, err := cryptoutils.UnmarshalPEMToPublicKey(text)
	if err != nil {
		return nil, err
	}
	return signature.LoadVerifier(public, crypto.SHA256)
}

// How cosign stores the signature of an image: a text that names the image is the layer
// of another one beside it, and the signature of the text is the layer's annotation.
const (
	signedMediaType     = "application/vnd.dev.cosign.simplesigning.v1+json"
	signatureAnnotation = "dev.cosignproject.cosign/signature"
)

// signatureTag returns the tag of an artifact's signature.
func signatureTag(digest string) string { return strings.Replace(digest, ":", "-", 1) + ".sig" }

// signArtifacts signs the artifacts, and puts the signatures into their layouts.
func (r *release) signArtifacts(key signature.Signer) error {
	for _, a := range artifacts {
		repository, err := a.in(home)
		if err != nil {
			return err
		}
		digest, err := r.digest(a)
		if err != nil {
			return err
		}
		signed, err := sign(repository.Digest(digest.String()), key)
		if err != nil {
			return err
		}
		tag := map[string]string{refName: signatureTag(digest.String())}
		if err := layout.Path(filepath.Join(r.folder, a.folder)).AppendImage(signed, layout.WithAnnotations(tag)); err != nil {
			return err
		}
	}
	return nil
}

// sign returns the signature of an artifact, in the form of an image.
func sign(digest name.Digest, key signature.Signer) (v1.Image, error) {
	text, err := json.Marshal(payload.Cosign{Image: digest})
	if err != nil {
		return nil, err
	}
	signed, err := key.SignMessage(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return mutate.Append(
		mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON),
		mutate.Addendum{
			Layer:       static.NewLayer(text, signedMediaType),
			Annotations: map[string]string{signatureAnnotation: base64.StdEncoding.EncodeToString(signed)},
		},
	)
}

// verifySignature checks the signature of an artifact in a registry.
func verifySignature(ctx context.Context, digest name.Digest, key signature.Verifier) error {
	image, err := remote.Image(digest.Tag(signatureTag(digest.DigestStr())), remote.WithContext(ctx))
	if err != nil {
		return err
	}
	manifest, err := image.Manifest()
	if err != nil {
		return err
	}
	if len(manifest.Layers) != 1 {
		return fmt.Errorf("%d signatures", len(manifest.Layers))
	}
	signed, err := base64.StdEncoding.DecodeString(manifest.Layers[0].Annotations[signatureAnnotation])
	if err != nil {
		return err
	}
	text, err := readLayer(image, manifest.Layers[0].Digest)
	if err != nil {
		return err
	}
	if err := key.VerifySignature(bytes.NewReader(signed), bytes.NewReader(text)); err != nil {
		return err
	}
	var named payload.Cosign
	if err := json.Unmarshal(text, &named); err != nil {
		return err
	}
	if got := named.Image.DigestStr(); got != digest.DigestStr() {
		return fmt.Errorf("the signature is of %s, not of %s", got, digest.DigestStr())
	}
	return nil
}

func readLayer(image v1.Image, digest v1.Hash) ([]byte, error) {
	layer, err := image.LayerByDigest(digest)
	if err != nil {
		return nil, err
	}
	content, err := layer.Compressed()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return io.ReadAll(content)
}
