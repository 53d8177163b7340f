package webhook

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// authority is a CA that signs client certificates.
type authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "clients"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a := authority{certificate: template}
	a.certificate, a.key = a.sign(t, template, nil)
	return a
}

// sign signs a certificate for a new key, with that key if there is no other.
func (a authority) sign(t *testing.T, template *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	if by == nil {
		by = key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), by)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return certificate, key
}

// client returns a client with a certificate for that use.
func (a authority) client(t *testing.T, use x509.ExtKeyUsage) *http.Client {
	t.Helper()
	certificate, key := a.sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "kube-apiserver"},
		NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{use},
	}, a.key)
	known := keepingClient()
	known.Transport.(*http.Transport).TLSClientConfig.Certificates = []tls.Certificate{{Certificate: [][]byte{certificate.Raw}, PrivateKey: key}}
	return known
}

func TestWithAClientCAOnlyItsClientsAreAnswered(t *testing.T) {
	clients, strangers := newAuthority(t), newAuthority(t)
	s := startWith(t, time.Now().Add(time.Hour), func(o *ServerOptions) {
		o.ClientCAs = x509.NewCertPool()
		o.ClientCAs.AddCert(clients.certificate)
	})
	assert.Equal(t, http.StatusOK, s.get(t, clients.client(t, x509.ExtKeyUsageClientAuth)).StatusCode)
	for refusal, stranger := range map[string]*http.Client{
		"certificate required": keepingClient(),
		"unknown certificate":  strangers.client(t, x509.ExtKeyUsageClientAuth),
		"bad certificate":      clients.client(t, x509.ExtKeyUsageServerAuth),
	} {
		// Unknown paths aren't told apart from known ones either.
		for _, path := range []string{"/", "/mutate/pods"} {
			_, err := stranger.Get("https://" + s.address + path)
			require.ErrorContains(t, err, refusal, path)
		}
	}
}
