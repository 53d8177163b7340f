package webhook

import (
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

const policyHeader = "apiVersion: config.holdfast.dev/v1alpha1\nkind: WebSocketPolicy\n"

func newPolicies(t *testing.T, file string) *Policies {
	t.Helper()
	metrics, err := NewMetrics(prometheus.NewRegistry(), func() time.Time { return time.Time{} })
	require.NoError(t, err)
	return NewPolicies(file, silent, metrics)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
}

func TestWithoutAFileTheBuiltInPolicyApplies(t *testing.T) {
	p := newPolicies(t, "")
	require.NoError(t, p.Ready())
	assert.Equal(t, policy.Default(), p.Current().Policy)
}

func TestAChangedFileIsPutInForce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy.yaml")
	write(t, file, policyHeader)
	p := newPolicies(t, file)
	before := p.Current()
	write(t, file, policyHeader+"cloud: gcp\n")
	p.reload()
	assert.Equal(t, policy.CloudGoogle, p.Current().Cloud)
	assert.NotEqual(t, before.digest, p.Current().digest)
	assert.EqualValues(t, 1, testutil.ToFloat64(p.metrics.policyInfo.WithLabelValues(p.Current().digest)))
	assert.Equal(t, 1, testutil.CollectAndCount(p.metrics.policyInfo), "one policy is in force, not two")
}

func TestABadFileKeepsTheOldPolicy(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy.yaml")
	write(t, file, policyHeader+"cloud: gcp\n")
	p := newPolicies(t, file)
	for range 3 {
		write(t, file, policyHeader+"cloud: aws\ncorrections: perhaps\n")
		p.reload()
	}
	assert.Equal(t, policy.CloudGoogle, p.Current().Cloud, "never half applied")
	assert.NoError(t, p.Ready(), "the old policy still applies")
	assert.EqualValues(t, 1, testutil.ToFloat64(p.metrics.reloadFailures), "one bad file is one failure")
	assert.EqualValues(t, 1, testutil.ToFloat64(p.metrics.policyRejected), "until the file is good again")

	write(t, file, policyHeader+"cloud: gcp\n")
	p.reload()
	assert.EqualValues(t, 0, testutil.ToFloat64(p.metrics.policyRejected), "the file is the policy in force again")

	require.NoError(t, os.Remove(file))
	p.reload()
	assert.Equal(t, policy.CloudGoogle, p.Current().Cloud, "a missing file changes nothing")
}

func TestWithABadFileAtTheStartThereIsNoPolicyUntilItIsCorrected(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy.yaml")
	write(t, file, policyHeader+"cloud: 1\n")
	p := newPolicies(t, file)
	assert.Nil(t, p.Current())
	assert.EqualValues(t, 1, testutil.ToFloat64(p.metrics.policyRejected))
	require.ErrorContains(t, p.Ready(), `line 3: cloud: 1 must be "" or "alibaba"`)
	write(t, file, policyHeader)
	p.reload()
	assert.NoError(t, p.Ready())
	assert.NotNil(t, p.Current())
	assert.EqualValues(t, 0, testutil.ToFloat64(p.metrics.policyRejected))
}

func TestEachBadFileIsAFailureEvenWithTheSameError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy.yaml")
	write(t, file, policyHeader)
	p := newPolicies(t, file)
	for _, text := range []string{"cloud: 1\n", "cloud: 1\n# tried again\n"} {
		write(t, file, policyHeader+text)
		for range 2 {
			p.reload()
		}
	}
	assert.EqualValues(t, 2, testutil.ToFloat64(p.metrics.reloadFailures))
}

// The first policy may come in the middle of a probe.
func TestReadyWhileTheFirstPolicyIsPutInForce(t *testing.T) {
	all := make([]Policies, 10_000)
	for i := range all {
		all[i].rejected.Store(&rejectedFile{err: os.ErrNotExist})
	}
	var probed atomic.Int64
	go func() {
		for i := range all {
			for probed.Load() < int64(i) {
				runtime.Gosched()
			}
			all[i].current.Store(new(loadedPolicy))
			all[i].rejected.Store(nil)
		}
	}()
	require.NotPanics(t, func() {
		for i := range all {
			probed.Store(int64(i))
			for all[i].Ready() != nil {
			}
		}
	})
}
