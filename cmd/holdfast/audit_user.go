package main

import (
	"cmp"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// userOf returns who runs an audit, as the API server will know them, as far as the
// configuration says it: asking the API server would be a POST.
func userOf(loader clientcmd.ClientConfig, config *rest.Config) string {
	return cmp.Or(config.Impersonate.UserName, commonName(config.TLSClientConfig), subject(config), config.Username, kubeconfigUser(loader))
}

// commonName returns the name in a client certificate; empty if there is none.
func commonName(c rest.TLSClientConfig) string {
	text := c.CertData
	if len(text) == 0 && c.CertFile != "" {
		text, _ = os.ReadFile(c.CertFile)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return ""
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return ""
	}
	return certificate.Subject.CommonName
}

// subject returns the subject of a service account's token; empty if the token is of
// another kind.
func subject(c *rest.Config) string {
	token := c.BearerToken
	if token == "" && c.BearerTokenFile != "" {
		text, _ := os.ReadFile(c.BearerTokenFile)
		token = strings.TrimSpace(string(text))
	}
	parts := strings.Split(token, ".")
	const jwtParts = 3
	if len(parts) != jwtParts {
		return ""
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		Subject string `json:"sub"`
	}
	if json.Unmarshal(text, &claims) != nil {
		return ""
	}
	return claims.Subject
}

// kubeconfigUser returns the name of the kubeconfig's user; empty if there is no
// kubeconfig.
func kubeconfigUser(loader clientcmd.ClientConfig) string {
	raw, err := loader.RawConfig()
	if err != nil {
		return ""
	}
	if current, found := raw.Contexts[raw.CurrentContext]; found {
		return current.AuthInfo
	}
	return ""
}
