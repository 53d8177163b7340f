package manifest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestReadRoutes(t *testing.T) {
	o := readObject(t, ingressType+`metadata: {name: web}
spec:
  defaultBackend: {service: {name: rest, port: {number: 80}}}
  tls: [{hosts: [a.example.com]}]
  rules:
  - host: a.example.com
    http:
      paths: &paths
      - {path: /chat, pathType: Prefix, backend: {service: &chat {name: chat, port: {number: 80}}}}
      - {pathType: ImplementationSpecific, backend: {service: {name: "web"}}}
      - {path: "", pathType: ImplementationSpecific, backend: {service: {name: web}}}
  - {host: b.example.com, http: {paths: *paths}}
  - host: c.example.com
    http: {paths: [{path: /files, backend: {resource: {kind: Bucket, name: files}}}, {path: /live, backend: {service: *chat}}]}
  - host: d.example.com
`)
	assert.Empty(t, o.Faults)
	assert.Equal(t, []string{"chat", "web", "rest"}, o.Backends)
	assert.Equal(t, []string{"/chat", "/", "/files", "/live"}, o.Paths)
	assert.True(t, o.TLS)
}

// TestReadRoutesOfTheWrongType reads nothing from what the API server refuses.
func TestReadRoutesOfTheWrongType(t *testing.T) {
	for _, spec := range []string{
		"{}",
		"{rules: ~, tls: ~, defaultBackend: ~}",
		"{rules: [], tls: [], defaultBackend: {}}",
		"{rules: web, tls: true, defaultBackend: web}",
		"{rules: {http: {paths: []}}, tls: {hosts: []}}",
		"{rules: [web, ~, {http: web}, {http: {paths: web}}, {http: {paths: {path: /}}}]}",
		"{defaultBackend: {service: {name: ~}}}",
		"{defaultBackend: {service: {name: 80}}}",
		"{defaultBackend: {service: {name: [web]}}}",
	} {
		o := readObject(t, ingressType+"metadata: {name: web}\nspec: "+spec+"\n")
		assert.Empty(t, o.Faults, spec)
		assert.Empty(t, o.Backends, spec)
		assert.Empty(t, o.Paths, spec)
		assert.False(t, o.TLS, spec)
	}
}
