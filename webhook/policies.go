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

// Policies holds the policy in force, and follows its file.
type Policies struct {
	file    string
	log     *slog.Logger
	metrics *Metrics
	current atomic.Pointer[loadedPolicy]
	// refused is why the file that is there now isn't in force; nil if it is.
	refused atomic.Pointer[refusedFile]
}

// loadedPolicy is a policy and the file that it came from.
type loadedPolicy struct {
	*policy.Policy
	digest string
	data   []byte
}

type refusedFile struct {
	data []byte
	err  error
}

// NewPolicies reads the file for the first time. Without a name the built-in
// policy is in force for ever. A file that can't be read, or is faulty, is no
// error here: Ready tells of it until the file is mended.
func NewPolicies(file string, log *slog.Logger, metrics *Metrics) *Policies {
	p := &Policies{file: file, log: log, metrics: metrics}
	if file == "" {
		p.use(policy.Default(), nil)
		return p
	}
	p.reload()
	return p
}

// Current is the policy in force; nil until there is one.
func (p *Policies) Current() *loadedPolicy { return p.current.Load() }

// Ready tells why no policy is in force.
func (p *Policies) Ready() error {
	if p.current.Load() != nil {
		return nil
	}
	return p.refused.Load().err
}

// FollowServices tells whether a policy is in force that makes Ingresses as
// sticky as their Services.
func (p *Policies) FollowServices() bool {
	inForce := p.current.Load()
	return inForce != nil && inForce.StickySessions.FollowServices
}

// pollInterval is how often the file is read. It is small, and the kubelet
// itself brings a changed ConfigMap only about once a minute, so polling misses
// nothing and needs none of the care that watching its symbolic links does.
const pollInterval = time.Second

// Start follows the file until the context ends.
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

// reload puts a changed file in force, wholly or not at all.
func (p *Policies) reload() {
	data, err := os.ReadFile(p.file)
	if err != nil {
		p.refuse(nil, fmt.Errorf("reading the policy: %w", err))
		return
	}
	if now := p.current.Load(); now != nil && bytes.Equal(now.data, data) {
		p.refused.Store(nil)
		return
	}
	if known := p.refused.Load(); known != nil && known.data != nil && bytes.Equal(known.data, data) {
		return
	}
	read, err := policy.Read(data)
	if err != nil {
		p.refuse(data, fmt.Errorf("policy %s: %w", p.file, err))
		return
	}
	p.use(read, data)
}

func (p *Policies) use(read *policy.Policy, data []byte) {
	digest := policy.Digest(data)
	p.current.Store(&loadedPolicy{read, digest, data})
	p.refused.Store(nil)
	p.metrics.policyInForce(digest)
	p.log.Info("policy in force", "file", p.file, "sha256", digest)
}

// refuse keeps the policy that is in force, and says so once for each file.
func (p *Policies) refuse(data []byte, err error) {
	if known := p.refused.Load(); known != nil && known.err.Error() == err.Error() {
		return
	}
	p.refused.Store(&refusedFile{data, err})
	p.metrics.policyReloadFailed()
	if p.current.Load() == nil {
		p.log.Error("no policy in force, so nothing is served until the file is mended", "file", p.file, "error", err)
		return
	}
	p.log.Error("bad policy file, the old policy stays in force", "file", p.file, "error", err)
}
