package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
)

// Keys of ingress-nginx and of Holdfast's own.
const (
	readTimeout = "nginx.ingress.kubernetes.io/proxy-read-timeout"
	sendTimeout = "nginx.ingress.kubernetes.io/proxy-send-timeout"
	record      = "holdfast.dev/injected"
)

// ingress is the manifest of an Ingress that ingress-nginx serves. The lines
// are its metadata, such as "annotations: {holdfast.dev/idle-timeout: 2h}".
func ingress(name string, metadata ...string) string {
	return ingressOfClass("nginx", name, metadata...)
}

// ingressOfClass is an Ingress of another class, or of none.
func ingressOfClass(class, name string, metadata ...string) string {
	spec := "  defaultBackend: {service: {name: chat, port: {number: 80}}}\n"
	if class != "" {
		spec += "  ingressClassName: " + class + "\n"
	}
	return manifest("networking.k8s.io/v1", "Ingress", name, metadata, spec)
}

// service is the manifest of a Service.
func service(name string, metadata ...string) string {
	return manifest("v1", "Service", name, metadata, "  selector: {app: chat}\n  ports: [{port: 80}]\n")
}

func manifest(version, kind, name string, metadata []string, spec string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "apiVersion: %s\nkind: %s\nmetadata:\n  name: %s\n", version, kind, name)
	for _, line := range metadata {
		fmt.Fprintf(&text, "  %s\n", line)
	}
	if spec != "" {
		text.WriteString("spec:\n" + spec)
	}
	return text.String()
}

// file writes a manifest where a program can read it.
func file(t *testing.T, manifest string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "manifest.yaml")
	require.NoError(t, os.WriteFile(path, []byte(manifest), 0o644))
	return path
}

// apply applies a manifest and gives what kubectl said.
func (s space) apply(manifest string) output {
	s.t.Helper()
	return s.kubectl("apply -f", file(s.t, manifest))
}

// read reads an object as the API server has stored it.
func (s space) read(object string, into any) {
	s.t.Helper()
	answer := s.kubectl("get -o json", object)
	require.NoError(s.t, json.Unmarshal([]byte(answer.out), into))
}

// annotations are those of an Ingress such as "ingress/chat", without what
// clients write for themselves.
func (s space) annotations(object string) map[string]string {
	s.t.Helper()
	var read struct {
		Metadata struct{ Annotations map[string]string }
	}
	s.read(object, &read)
	return withoutClients(read.Metadata.Annotations)
}

// resourceVersion changes with each write that changes something.
func (s space) resourceVersion(object string) string {
	s.t.Helper()
	return s.kubectl("get -o jsonpath={.metadata.resourceVersion}", object).out
}

// affinity is a Service's session affinity, such as "None" or "ClientIP/10800".
func (s space) affinity(name string) string {
	s.t.Helper()
	var service core.Service
	s.read("service/"+name, &service)
	if service.Spec.SessionAffinityConfig == nil {
		return string(service.Spec.SessionAffinity)
	}
	seconds := *service.Spec.SessionAffinityConfig.ClientIP.TimeoutSeconds
	return string(service.Spec.SessionAffinity) + "/" + strconv.Itoa(int(seconds))
}

// withoutClients leaves out what kubectl and helm write for themselves.
func withoutClients(keys map[string]string) map[string]string {
	rest := maps.Clone(keys)
	maps.DeleteFunc(rest, func(key, value string) bool {
		return key == core.LastAppliedConfigAnnotation || strings.HasPrefix(key, "meta.helm.sh/") ||
			key == "app.kubernetes.io/managed-by" && value == "Helm"
	})
	if len(rest) == 0 {
		return nil
	}
	return rest
}

// injected are the annotations of an Ingress that Holdfast gave both timeouts.
func injected(seconds int) map[string]string {
	text := strconv.Itoa(seconds)
	return map[string]string{
		readTimeout: text,
		sendTimeout: text,
		record:      fmt.Sprintf(`{"%s":"%s","%s":"%s"}`, readTimeout, text, sendTimeout, text),
	}
}

// plus is one map with a few more entries.
func plus(annotations map[string]string, more ...string) map[string]string {
	all := maps.Clone(annotations)
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}

// awaitAnnotations writes an object until its annotations are as they should:
// what has changed elsewhere in the cluster reaches Holdfast's caches a moment
// later.
func (s space) awaitAnnotations(object string, want map[string]string) {
	s.t.Helper()
	eventually(s.t, func() error {
		s.kubectl("label --overwrite", object, fmt.Sprintf("attempt=%d", time.Now().UnixNano()))
		if got := s.annotations(object); !maps.Equal(got, want) {
			return fmt.Errorf("%s has the annotations %v, not %v", object, got, want)
		}
		return nil
	})
}
