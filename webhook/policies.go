package webhook

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/holdfast-dev/holdfast/policy"
)

// Policies holds the policy in force and reloads its file.
type Policies struct {
	file    string
	log     *slog.Logger
	metrics *Metrics
	current atomic.Pointer[loadedPolicy]
	// rejected is why the file isn't in force, with its content if it could be read;
	// nil if it is.
	rejected atomic.Pointer[rejectedFile]
}

// loadedPolicy is a policy and the content of its file.
type loadedPolicy struct {
	*policy.Policy
	digest string
	data   []byte
}

type rejectedFile struct {
	data []byte
	err  error
}

// NewPolicies reads the file for the first time. Without a name the built-in
// policy always applies. An unreadable or invalid file is no error here: Ready
// reports it until the file is corrected.
func NewPolicies(file string, log *slog.Logger, metrics *Metrics) *Policies {
	p := &Policies{file: file, log: log, metrics: metrics}
	if file == "" {
		p.use(policy.Default(), nil)
		return p
	}
	p.reload()
	return p
}

// Current returns the policy in force; nil if there is none yet.
func (p *Policies) Current() *loadedPolicy { return p.current.Load() }

// Ready returns an error while no policy is in force.
func (p *Policies) Ready() error {
	// In this order: reload puts a policy in force before it forgets why there was none.
	rejected := p.rejected.Load()
	if p.current.Load() != nil {
		return nil
	}
	return rejected.err
}

// FollowServices reports whether the policy in force makes an Ingress sticky
// because of its Services.
func (p *Policies) FollowServices() bool {
	current := p.current.Load()
	return current != nil && current.StickySessions.FollowServices
}

// pollInterval is the time between two reads of the file. It is small, and the
// kubelet updates a mounted ConfigMap only about once a minute. Polling avoids
// the special cases of watching the symbolic links of a volume.
const pollInterval = time.Second

// Start reloads the file until the context ends.
func (p *Policies) Start(ctx context.Context) error {
	if p.file == "" {
		<-ctx.Done()
		return nil
	}
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			p.reload()
		}
	}
}

// reload replaces the policy if the file has changed and is valid.
func (p *Policies) reload() {
	data, err := os.ReadFile(p.file)
	if err != nil {
		p.reject(nil, fmt.Errorf("reading the policy: %w", err))
		return
	}
	if current := p.current.Load(); current != nil && bytes.Equal(current.data, data) {
		p.setRejected(nil)
		return
	}
	if last := p.rejected.Load(); last != nil && last.data != nil && bytes.Equal(last.data, data) {
		return
	}
	read, err := policy.Read(data)
	if err != nil {
		p.reject(data, fmt.Errorf("policy %s: %w", p.file, err))
		return
	}
	p.use(read, data)
}

func (p *Policies) use(read *policy.Policy, data []byte) {
	digest := policy.Digest(data)
	p.current.Store(&loadedPolicy{read, digest, data})
	p.setRejected(nil)
	p.metrics.setPolicy(digest)
	p.log.Info("policy in force", "file", p.file, "sha256", digest)
}

// reject keeps the policy in force. It logs an error once while the file stays the same.
func (p *Policies) reject(data []byte, err error) {
	if last := p.rejected.Load(); last != nil && last.err.Error() == err.Error() && bytes.Equal(last.data, data) {
		return
	}
	p.setRejected(&rejectedFile{data, err})
	p.metrics.countReloadFailure()
	if p.current.Load() == nil {
		p.log.Error("no valid policy yet: not serving until the file is fixed", "file", p.file, "error", err)
		return
	}
	p.log.Error("invalid policy file; the previous policy still applies", "file", p.file, "error", err)
}

func (p *Policies) setRejected(file *rejectedFile) {
	p.rejected.Store(file)
	p.metrics.setPolicyRejected(file != nil)
}
