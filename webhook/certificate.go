package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// Certificate is the serving certificate of a folder, which is followed: a
// renewed one is served with no restart, one that doesn't fit its key never.
type Certificate struct {
	folder  string
	log     *slog.Logger
	serving atomic.Pointer[tls.Certificate]
	// problem is why there is none.
	problem atomic.Pointer[error]
	// certificate and key are the files as they were last read.
	certificate, key []byte
}

// NewCertificate follows tls.crt and tls.key of a folder once it is started.
func NewCertificate(folder string, log *slog.Logger) *Certificate {
	c := &Certificate{folder: folder, log: log}
	c.problem.Store(new(errors.New("no certificate yet")))
	return c
}

const (
	// certificateInterval is how often the files are read. They are small, and
	// polling needs none of the care that watching a volume's links does.
	certificateInterval = time.Second
	// warnBefore is how long before its end a certificate is worth a word each
	// day: cert-manager renews long before.
	warnBefore = 7 * 24 * time.Hour
)

// Start follows the folder until the context ends.
func (c *Certificate) Start(ctx context.Context) error {
	go c.warnOfExpiry(ctx)
	ticker := time.NewTicker(certificateInterval)
	defer ticker.Stop()
	for {
		c.reload()
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// reload puts a changed pair in force, unless its halves don't fit: they may be
// in the middle of being written.
func (c *Certificate) reload() {
	certificate, err := os.ReadFile(filepath.Join(c.folder, "tls.crt"))
	if err != nil {
		c.fail(err)
		return
	}
	key, err := os.ReadFile(filepath.Join(c.folder, "tls.key"))
	if err != nil {
		c.fail(err)
		return
	}
	if bytes.Equal(certificate, c.certificate) && bytes.Equal(key, c.key) {
		return
	}
	c.certificate, c.key = certificate, key
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		c.fail(err)
		return
	}
	c.serve(pair)
}

// fail keeps what is served, and says why once for each reason.
func (c *Certificate) fail(problem error) {
	err := fmt.Errorf("no usable certificate: %w", problem)
	if last := c.problem.Swap(&err); (*last).Error() != err.Error() {
		c.log.Error("certificate not taken", "error", err)
	}
}

// serve puts a new pair in force.
func (c *Certificate) serve(pair tls.Certificate) {
	if pair.Leaf == nil {
		// crypto/tls fills it in unless a setting of Go's forbids it.
		pair.Leaf, _ = x509.ParseCertificate(pair.Certificate[0])
	}
	c.serving.Store(&pair)
	c.log.Info("serving certificate", "subject", pair.Leaf.Subject.String(), "serial", pair.Leaf.SerialNumber.String(), "notAfter", pair.Leaf.NotAfter)
	c.sayIfExpiring()
}

// Expiry is when the served certificate ends; zero while there is none.
func (c *Certificate) Expiry() time.Time {
	if pair := c.serving.Load(); pair != nil {
		return pair.Leaf.NotAfter
	}
	return time.Time{}
}

// Ready tells why there is no certificate. An expired one is served: whoever
// repairs it needs a webhook that is there.
func (c *Certificate) Ready() error {
	if c.serving.Load() == nil {
		return *c.problem.Load()
	}
	return nil
}

// Note says that the certificate has expired.
func (c *Certificate) Note() string {
	if end := c.Expiry(); !end.IsZero() && time.Now().After(end) {
		return "expired at " + end.Format(time.RFC3339)
	}
	return ""
}

func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	pair := c.serving.Load()
	if pair == nil {
		return nil, errors.New("no certificate yet")
	}
	return pair, nil
}

func (c *Certificate) warnOfExpiry(ctx context.Context) {
	ticker := time.NewTicker(time.Hour)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			c.sayIfExpiring()
		}
	}
}

func (c *Certificate) sayIfExpiring() {
	switch left := time.Until(c.Expiry()); {
	case left <= 0:
		c.log.Error("the serving certificate has expired: API servers refuse it and nothing is injected; look at cert-manager", "notAfter", c.Expiry())
	case left < warnBefore:
		c.log.Warn("the serving certificate expires soon; look at cert-manager", "notAfter", c.Expiry())
	}
}
