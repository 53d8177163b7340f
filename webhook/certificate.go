package webhook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/certwatcher"
)

// Certificate is the serving certificate in a folder. It reloads the files when
// they change, and serves a certificate only if it matches its key.
type Certificate struct {
	certificate, key string
	log              *slog.Logger
	// watcher serves the pair; nil until the files could be read once.
	watcher atomic.Pointer[certwatcher.CertWatcher]
	// leaf is the served certificate.
	leaf atomic.Pointer[x509.Certificate]
	// problem is why the files couldn't be used when they were last read.
	problem atomic.Pointer[certificateProblem]
}

// certificateProblem is an error in the files, and what identifies their contents.
type certificateProblem struct {
	error
	contents [sha256.Size]byte
}

// NewCertificate returns the certificate in tls.crt and tls.key of a folder. It
// reads them once it is started.
func NewCertificate(folder string, log *slog.Logger) *Certificate {
	c := &Certificate{certificate: filepath.Join(folder, "tls.crt"), key: filepath.Join(folder, "tls.key"), log: log}
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

// Start reloads the files until the context ends. The watcher isn't started: that
// would end the manager if a file were missing for ten seconds.
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
	err := c.read()
	if err == nil {
		err = c.noticeChange()
	}
	if err != nil {
		c.fail(err)
		return
	}
	c.forgetProblem()
}

// noticeChange logs a pair that the watcher serves since the last read.
func (c *Certificate) noticeChange() error {
	pair, err := c.get(nil)
	if err != nil {
		return err
	}
	if last := c.leaf.Load(); last != nil && bytes.Equal(last.Raw, pair.Certificate[0]) {
		return nil
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return err
	}
	c.leaf.Store(leaf)
	c.log.Info("serving certificate", "subject", leaf.Subject.String(), "serial", leaf.SerialNumber.String(), "notAfter", leaf.NotAfter)
	c.logExpiry()
	return nil
}

// read makes the watcher read the files. It can be made only once they are there, and
// it makes an inotify instance, which isn't used: where a node has none left, there is
// no certificate, and the error says so.
func (c *Certificate) read() error {
	if watcher := c.watcher.Load(); watcher != nil {
		return watcher.ReadCertificate()
	}
	watcher, err := certwatcher.New(c.certificate, c.key)
	if err == nil {
		c.watcher.Store(watcher)
	}
	return err
}

// fail keeps the served certificate and logs the problem, but only once while the
// files stay the same.
func (c *Certificate) fail(err error) {
	problem := &certificateProblem{fmt.Errorf("no usable certificate: %w", err), c.contents()}
	last := c.problem.Swap(problem)
	if last.Error() != problem.Error() || last.contents != problem.contents {
		c.log.Error("can't load the certificate", "error", problem.error)
	}
}

// contents identifies what the files contain; those that can't be read count as
// empty.
func (c *Certificate) contents() [sha256.Size]byte {
	certificate, _ := os.ReadFile(c.certificate)
	key, _ := os.ReadFile(c.key)
	return sha256.Sum256(append(certificate, key...))
}

// forgetProblem makes a problem be logged again if it comes back.
func (c *Certificate) forgetProblem() {
	c.problem.Store(&certificateProblem{error: errors.New("no certificate yet")})
}

// Expiry returns when the served certificate expires, or the zero time if there
// is none.
func (c *Certificate) Expiry() time.Time {
	if leaf := c.leaf.Load(); leaf != nil {
		return leaf.NotAfter
	}
	return time.Time{}
}

// Ready returns an error while there is no certificate. It accepts an expired
// one, since renewing it may need a running webhook.
func (c *Certificate) Ready() error {
	if c.leaf.Load() == nil {
		return c.problem.Load().error
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

func (c *Certificate) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	watcher := c.watcher.Load()
	if watcher == nil {
		return nil, errors.New("no certificate yet")
	}
	return watcher.GetCertificate(hello)
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
	if c.leaf.Load() == nil {
		return
	}
	switch left := time.Until(c.Expiry()); {
	case left <= 0:
		c.log.Error("the serving certificate has expired: API servers refuse it and nothing is injected; check cert-manager", "notAfter", c.Expiry())
	case left < expiryWarning:
		c.log.Warn("the serving certificate expires soon; check cert-manager", "notAfter", c.Expiry())
	}
}
