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

// Certificate is the serving certificate in a folder. It reloads the files when
// they change, and serves a certificate only if it matches its key.
type Certificate struct {
	folder  string
	log     *slog.Logger
	serving atomic.Pointer[tls.Certificate]
	// problem is why the files couldn't be used when they were last read.
	problem atomic.Pointer[error]
	// certificate and key are the contents of the files when they were last read.
	certificate, key []byte
}

// NewCertificate returns the certificate in tls.crt and tls.key of a folder. It
// reads them once it is started.
func NewCertificate(folder string, log *slog.Logger) *Certificate {
	c := &Certificate{folder: folder, log: log}
	c.forgetProblem()
	return c
}

const (
	// certificateInterval is the time between two reads of the files. They are
	// small, and polling avoids the special cases of watching the symbolic links of
	// a volume.
	certificateInterval = time.Second
	// expiryWarning is the remaining lifetime below which the log warns about a
	// certificate. cert-manager renews long before.
	expiryWarning = 7 * 24 * time.Hour
)

// Start reloads the files until the context ends.
func (c *Certificate) Start(ctx context.Context) error {
	go c.watchExpiry(ctx)
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

// reload serves a changed pair, unless certificate and key don't match: one of
// the files may not be written yet.
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

// fail keeps the served certificate and logs each problem once.
func (c *Certificate) fail(problem error) {
	err := fmt.Errorf("no usable certificate: %w", problem)
	if last := c.problem.Swap(&err); (*last).Error() != err.Error() {
		c.log.Error("certificate not loaded", "error", err)
	}
}

// forgetProblem makes a problem be logged again if it comes back.
func (c *Certificate) forgetProblem() { c.problem.Store(new(errors.New("no certificate yet"))) }

// serve replaces the served pair.
func (c *Certificate) serve(pair tls.Certificate) {
	if pair.Leaf == nil {
		// crypto/tls sets it, unless GODEBUG has x509keypairleaf=0.
		pair.Leaf, _ = x509.ParseCertificate(pair.Certificate[0])
	}
	c.serving.Store(&pair)
	c.forgetProblem()
	c.log.Info("serving certificate", "subject", pair.Leaf.Subject.String(), "serial", pair.Leaf.SerialNumber.String(), "notAfter", pair.Leaf.NotAfter)
	c.logExpiry()
}

// Expiry returns when the served certificate expires, or the zero time if there
// is none.
func (c *Certificate) Expiry() time.Time {
	if pair := c.serving.Load(); pair != nil {
		return pair.Leaf.NotAfter
	}
	return time.Time{}
}

// Ready returns an error while there is no certificate. It accepts an expired
// one, since renewing it may need a running webhook.
func (c *Certificate) Ready() error {
	if c.serving.Load() == nil {
		return *c.problem.Load()
	}
	return nil
}

// Note returns "expired at …" if the served certificate has expired.
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

func (c *Certificate) watchExpiry(ctx context.Context) {
	ticker := time.NewTicker(time.Hour)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			c.logExpiry()
		}
	}
}

func (c *Certificate) logExpiry() {
	switch left := time.Until(c.Expiry()); {
	case left <= 0:
		c.log.Error("the serving certificate has expired: API servers refuse it and nothing is injected; check cert-manager", "notAfter", c.Expiry())
	case left < expiryWarning:
		c.log.Warn("the serving certificate expires soon; check cert-manager", "notAfter", c.Expiry())
	}
}
