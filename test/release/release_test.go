package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/sigstore/sigstore/pkg/cryptoutils"
	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// built returns a release with all but real binaries and a real chart, and its key.
func built(t *testing.T) (*release, signature.SignerVerifier) {
	t.Helper()
	r := &release{
		source:  &source{commit: strings.Repeat("0123456789", 4), committed: time.Unix(1, 0).UTC(), version: "1.2.3"},
		folder:  t.TempDir(),
		builder: "https://example.com/builder",
		started: time.Unix(2, 0),
	}
	for _, p := range platforms {
		compressed, err := pack(r.archive(p), []file{
			{p.binary(), 0o755, []byte("for " + p.String())},
			{"LICENSE", 0o644, []byte("the project's")},
			{"NOTICE", 0o644, []byte("the modules'")},
		}, r.committed)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(r.archive(p), compressed, 0o644))
	}
	require.NoError(t, r.buildImage(t.Context()))
	chart, err := random.Image(100, 1)
	require.NoError(t, err)
	require.NoError(t, r.storeImage(chartArtifact, chart))
	key := newKey(t)
	require.NoError(t, r.signArtifacts(key))
	require.NoError(t, r.writeProvenance(key))
	require.NoError(t, r.writeChecksums(key))
	return r, key
}

func newKey(t *testing.T) signature.SignerVerifier {
	t.Helper()
	key, err := signingKey("")
	require.NoError(t, err)
	return key
}

// change replaces a file of a folder.
func change(t *testing.T, folder, name string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("something else"), 0o644))
}

func TestAReleaseIsVerifiedWithThePublicKeyInIt(t *testing.T) {
	r, _ := built(t)
	key, err := r.readPublicKey()
	require.NoError(t, err)
	registry := startRegistry()
	defer registry.Close()
	address := registry.Listener.Addr().String()
	require.NoError(t, r.push(t.Context(), address))
	assert.NoError(t, r.verifyChecksums(key))
	assert.NoError(t, r.verifyImage(t.Context(), address, key))
	assert.NoError(t, r.verifyProvenance(key))
}

func TestNothingIsVerifiedWithAnotherKey(t *testing.T) {
	r, _ := built(t)
	registry := startRegistry()
	defer registry.Close()
	address := registry.Listener.Addr().String()
	require.NoError(t, r.push(t.Context(), address))
	other := newKey(t)
	assert.Error(t, r.verifyChecksums(other))
	assert.Error(t, r.verifyImage(t.Context(), address, other))
	assert.Error(t, r.verifyProvenance(other))
}

func TestTheKeyOfAFileSigns(t *testing.T) {
	_, private, err := signature.NewDefaultECDSASignerVerifier()
	require.NoError(t, err)
	text, err := cryptoutils.MarshalPrivateKeyToPEM(private)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "key.pem")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	key, err := signingKey(file)
	require.NoError(t, err)
	got, err := key.PublicKey()
	require.NoError(t, err)
	assert.True(t, private.PublicKey.Equal(got))
}

func TestAFileThatWasChangedIsFound(t *testing.T) {
	for name, tamper := range map[string]func(*testing.T, *release){
		"another archive": func(t *testing.T, r *release) { change(t, r.folder, filepath.Base(r.archive(platforms[0]))) },
		"one more file":   func(t *testing.T, r *release) { change(t, r.folder, "holdfast_1.2.3_plan9_amd64.tar.gz") },
		"one file less":   func(t *testing.T, r *release) { require.NoError(t, os.Remove(r.archive(platforms[0]))) },
	} {
		t.Run(name, func(t *testing.T) {
			r, key := built(t)
			tamper(t, r)
			assert.ErrorContains(t, r.verifyChecksums(key), "isn't the list of the files")
			assert.ErrorContains(t, r.verifyProvenance(key), "the provenance isn't about")
		})
	}
}

func TestProvenanceOfAnotherCommitIsFound(t *testing.T) {
	r, key := built(t)
	r.commit = strings.Repeat("f", 40)
	assert.ErrorContains(t, r.verifyProvenance(key), "the provenance names commit 0123456789")
}

func TestAnImageThatWasChangedIsFound(t *testing.T) {
	p := platforms[0]
	files := []file{{"holdfast", 0o755, []byte("a binary")}, {"NOTICE", 0o644, []byte("a notice")}}
	image := func(files ...file) v1.Image {
		image, err := newImage(p, files, time.Unix(1, 0))
		require.NoError(t, err)
		return image
	}
	configured := func(config v1.Config) v1.Image {
		image, err := mutate.Config(image(files...), config)
		require.NoError(t, err)
		return image
	}
	for name, of := range map[string]struct {
		image v1.Image
		want  string
	}{
		"as built":       {image: image(files...)},
		"another binary": {image(file{"holdfast", 0o755, []byte("another")}, files[1]), "other files"},
		"another mode":   {image(file{"holdfast", 0o644, []byte("a binary")}, files[1]), "other files"},
		"no notice":      {image(files[0]), "other files"},
		"one more file":  {image(append(files, file{"sh", 0o755, nil})...), "other files"},
		"root":           {configured(v1.Config{Entrypoint: imageEntrypoint}), `as user ""`},
		"a command":      {configured(v1.Config{User: imageUser, Entrypoint: imageEntrypoint, Cmd: []string{"x"}}), `starts ["/holdfast"] ["x"]`},
	} {
		t.Run(name, func(t *testing.T) {
			registry := startRegistry()
			defer registry.Close()
			repository, err := imageArtifact.in(registry.Listener.Addr().String())
			require.NoError(t, err)
			require.NoError(t, remote.Write(repository.Tag("dev"), of.image))
			err = verifyPlatform(t.Context(), repository.Tag("dev"), p, files)
			if of.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, of.want)
			}
		})
	}
}

func TestTheSignatureOfAnotherImageIsFound(t *testing.T) {
	key := newKey(t)
	registry := startRegistry()
	defer registry.Close()
	repository, err := imageArtifact.in(registry.Listener.Addr().String())
	require.NoError(t, err)
	one, other := repository.Digest("sha256:"+strings.Repeat("1", 64)), repository.Digest("sha256:"+strings.Repeat("2", 64))
	signed, err := sign(one, key)
	require.NoError(t, err)
	require.NoError(t, remote.Write(repository.Tag(signatureTag(other.DigestStr())), signed))
	assert.ErrorContains(t, verifySignature(t.Context(), other, key), "the signature is of sha256:1111")
}

// TestTheImageIsThatOfTheDockerfile compares what goes into the image with the
// instructions of the Dockerfile's last stage.
func TestTheImageIsThatOfTheDockerfile(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repository, "Dockerfile"))
	require.NoError(t, err)
	_, stage, found := strings.Cut(string(text), "\nFROM scratch\n")
	require.True(t, found)
	var instructions []string
	for line := range strings.Lines(stage) {
		if !strings.HasPrefix(line, "#") {
			instructions = append(instructions, strings.TrimSuffix(line, "\n"))
		}
	}
	assert.Equal(t, []string{
		"COPY --from=build /" + strings.Join(imageFiles, " /") + " /",
		"USER " + imageUser,
		`ENTRYPOINT ["` + strings.Join(imageEntrypoint, `", "`) + `"]`,
	}, instructions)
}

func TestTheChartPullsTheImageByTheNameThatIsSigned(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repository, chartFolder, "values.yaml"))
	require.NoError(t, err)
	var values struct{ Image struct{ Repository string } }
	require.NoError(t, yaml.Unmarshal(text, &values))
	name, err := imageArtifact.in(home)
	require.NoError(t, err)
	assert.Equal(t, values.Image.Repository, name.String())
}

func TestTheCommitsTagNamesTheChartsVersion(t *testing.T) {
	for name, of := range map[string]struct {
		chart, want string
		tags        []string
	}{
		"no tag":             {chart: "version: 1.2.3\nappVersion: 1.2.3\n"},
		"its tag":            {chart: "version: 1.2.3\nappVersion: 1.2.3\n", tags: []string{"v1.2.3"}},
		"another tag":        {"version: 1.2.3\nappVersion: 1.2.3\n", "the commit has the tag v1.2.4, but the chart version 1.2.3", []string{"v1.2.4"}},
		"a tag of no kind":   {chart: "version: 1.2.3\nappVersion: 1.2.3\n", tags: []string{"nightly"}},
		"another appVersion": {chart: "version: 1.2.3\nappVersion: 1.2.2\n", want: "the chart has version 1.2.3, but appVersion 1.2.2"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "Chart.yaml")
			require.NoError(t, os.WriteFile(path, []byte(of.chart), 0o644))
			version, err := chartVersion(path, of.tags)
			if of.want == "" {
				require.NoError(t, err)
				assert.Equal(t, "1.2.3", version)
			} else {
				assert.ErrorContains(t, err, of.want)
			}
		})
	}
}
