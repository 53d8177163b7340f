package conformance

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	networking "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// ingressesIn returns the Ingresses in a file.
func ingressesIn(t *testing.T, file string) []*networking.Ingress {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var all []*networking.Ingress
	for documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text))); ; {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		ingress := &networking.Ingress{}
		require.NoError(t, yaml.Unmarshal(document, ingress))
		if ingress.Kind == "Ingress" {
			all = append(all, ingress)
		}
	}
}
