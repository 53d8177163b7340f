package main

import (
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"strings"
	"text/template"
	"time"

	"github.com/holdfast-dev/holdfast/test/load/reviews"
	"github.com/holdfast-dev/holdfast/webhook"
)

// manifest is the file that a user applies. Its version distinguishes the writes
// of an object.
func manifest(r reviews.Review, version string) string {
	object := ingress
	if r.Path == webhook.ServicePath {
		object = service
	}
	return filled(object, struct {
		Size    int
		Version string
	}{r.Size, version})
}

var (
	ingress = parsed(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: chat-{{.Size}}
  namespace: shop
  labels:
    app.kubernetes.io/name: chat
    app.kubernetes.io/instance: chat-{{.Size}}
    app.kubernetes.io/version: {{.Version}}
    app.kubernetes.io/part-of: shop
  annotations:
    cert-manager.io/cluster-issuer: letsencrypt
    nginx.ingress.kubernetes.io/proxy-body-size: 8m
spec:
  ingressClassName: nginx
  tls:
    - hosts: ["*.chat.example.com"]
      secretName: chat-tls
  rules:
{{- range .Size}}
    - host: tenant-{{.}}.chat.example.com
      http:
        paths:
          - path: /socket
            pathType: Prefix
            backend: {service: {name: chat-{{digit .}}, port: {name: ws}}}
{{- end}}
`)

	service = parsed(`
apiVersion: v1
kind: Service
metadata:
  name: chat-{{.Size}}
  namespace: shop
  labels:
    app.kubernetes.io/name: chat
    app.kubernetes.io/instance: chat-{{.Size}}
    app.kubernetes.io/version: {{.Version}}
    app.kubernetes.io/part-of: shop
    holdfast.dev/sticky-session: "true"
  annotations:
    prometheus.io/scrape: "true"
spec:
  selector:
    app.kubernetes.io/name: chat
  ports:
{{- range .Size}}
    - {name: ws-{{.}}, port: {{port .}}, targetPort: ws-{{.}}}
{{- end}}
`)

	registration = parsed(`
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {holdfast.dev/policy: enforce}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata:
  name: capture
webhooks:
{{- range .Hooks}}
  - name: {{.Resource}}.holdfast.dev
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Fail
    clientConfig: {url: {{$.URL}}{{.Path}}, caBundle: {{$.CABundle}}}
    rules:
      - {apiGroups: ["{{.Group}}"], apiVersions: [v1], resources: [{{.Resource}}], operations: [CREATE, UPDATE]}
    namespaceSelector: {matchLabels: {holdfast.dev/policy: enforce}}
{{- end}}
`)
)

func parsed(text string) *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"digit": func(n int) int { return n % 10 },
		"port":  func(n int) int { return 8000 + n },
	}).Parse(text))
}

func filled(t *template.Template, values any) string {
	var text strings.Builder
	if err := t.Execute(&text, values); err != nil {
		// The templates and the values are ours.
		panic(err)
	}
	return text.String()
}

// register registers the webhook, and returns when the API server calls it.
func (c capture) register(server *httptest.Server) error {
	type hook struct{ Group, Resource, Path string }
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	err := c.apply(filled(registration, struct {
		URL, CABundle string
		Hooks         []hook
	}{
		server.URL, base64.StdEncoding.EncodeToString(certificate),
		[]hook{{"networking.k8s.io", "ingresses", webhook.IngressPath}, {"", "services", webhook.ServicePath}},
	}))
	if err != nil {
		return err
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Second) {
		err := c.kubectl("", "--namespace=shop", "create", "service", "clusterip", "calls-yet", "--tcp=80", "--dry-run=server")
		if err != nil {
			return err
		}
		if _, err := c.recorder.only(); !errors.Is(err, errNothingSent) {
			return nil
		}
	}
	return errNothingSent
}
