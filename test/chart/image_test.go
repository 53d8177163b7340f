package chart

import (
	"testing"

	"github.com/stretchr/testify/assert"
	core "k8s.io/api/core/v1"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestTheImagesNameIsMadeOfItsParts(t *testing.T) {
	for image, want := range map[string]string{
		`{}`:                                      "ghcr.io/holdfast-dev/holdfast:0.1.0",
		`{tag: dev}`:                              "ghcr.io/holdfast-dev/holdfast:dev",
		`{digest: "` + digest + `"}`:              "ghcr.io/holdfast-dev/holdfast@" + digest,
		`{tag: dev, digest: "` + digest + `"}`:    "ghcr.io/holdfast-dev/holdfast:dev@" + digest,
		`{tag: "0.1.0@` + digest + `"}`:           "ghcr.io/holdfast-dev/holdfast:0.1.0@" + digest,
		`{repository: localhost/holdfast}`:        "localhost/holdfast:0.1.0",
		`{repository: holdfast-dev/holdfast}`:     "holdfast-dev/holdfast:0.1.0",
		`{registry: registry.example.com}`:        "registry.example.com/holdfast-dev/holdfast:0.1.0",
		`{registry: "registry.example.com:5000"}`: "registry.example.com:5000/holdfast-dev/holdfast:0.1.0",
		`{registry: registry.example.com/ghcr}`:   "registry.example.com/ghcr/holdfast-dev/holdfast:0.1.0",
		`{registry: registry.example.com, tag: dev, digest: "` + digest + `"}`:           "registry.example.com/holdfast-dev/holdfast:dev@" + digest,
		`{registry: registry.example.com, repository: holdfast-dev/holdfast}`:            "registry.example.com/holdfast-dev/holdfast:0.1.0",
		`{registry: registry.example.com, repository: holdfast}`:                         "registry.example.com/holdfast:0.1.0",
		`{registry: registry.example.com, repository: "mirror:5000/holdfast/holdfast"}`:  "registry.example.com/holdfast/holdfast:0.1.0",
		`{registry: registry.example.com, repository: localhost/holdfast}`:               "registry.example.com/holdfast:0.1.0",
		`{registry: registry.example.com, repository: mirror.example.com/team/holdfast}`: "registry.example.com/team/holdfast:0.1.0",
	} {
		_, container := pod(t, withValues(t, `{image: `+image+`}`))
		assert.Equal(t, want, container.Image, image)
		assert.Empty(t, container.ImagePullPolicy, image)
	}
	_, container := pod(t, "--set", "image.pullPolicy=Always")
	assert.Equal(t, core.PullAlways, container.ImagePullPolicy)
}
