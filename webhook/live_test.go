package webhook

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/holdfast-dev/holdfast/policy"
)

// fakeReader is a client whose objects are empty and whose lists never end. It counts
// the reads.
type fakeReader struct {
	gets, lists atomic.Int64
	// get is called for each get; may be nil.
	get func(context.Context) error
}

func (r *fakeReader) Get(ctx context.Context, _ client.ObjectKey, _ client.Object, _ ...client.GetOption) error {
	r.gets.Add(1)
	if r.get != nil {
		return r.get(ctx)
	}
	return nil
}

func (r *fakeReader) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	r.lists.Add(1)
	page := list.(*metav1.PartialObjectMetadataList)
	page.Items, page.Continue = make([]metav1.PartialObjectMetadata, pageSize), "more"
	return nil
}

// withBudget makes a reader count its reads, of which it may make a number.
func withBudget(live *liveReader, reads int) *fakeReader {
	fake := new(fakeReader)
	live.from, live.budget = fake, rate.NewLimiter(0, reads)
	return fake
}

// withHeldGets makes a reader's gets wait until each is released, or its context ends.
func withHeldGets(live *liveReader) (fake *fakeReader, release chan struct{}) {
	fake, release = withBudget(live, 1000), make(chan struct{})
	fake.get = func(ctx context.Context) error {
		select {
		case <-release:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return fake, release
}

func TestLiveReadsHaveABudget(t *testing.T) {
	cluster := readyCluster(t, newAPIServer(namespaceOf("shop", "enforce")))
	namespaces, services := withBudget(cluster.liveNamespaces, 5), withBudget(cluster.liveServices, 12)
	failed := 0
	for i := range 20 {
		_, err := cluster.Namespace(t.Context(), fmt.Sprintf("guess-%d", i))
		if errors.Is(err, errReadBudget) {
			require.EqualError(t, err, fmt.Sprintf("reading namespace guess-%d: too many reads from the API server at once", i))
			failed++
		}
	}
	assert.EqualValues(t, 5, namespaces.gets.Load())
	assert.Equal(t, 15, failed)

	// Without a budget these would be 640 gets.
	for range 20 {
		_, err := cluster.Services(t.Context(), "shop", serviceNames(32), LiveUnknown)
		require.Error(t, err)
	}
	assert.EqualValues(t, 12, services.lists.Load())
	assert.Zero(t, services.gets.Load())

	namespace, err := cluster.Namespace(t.Context(), "shop")
	require.NoError(t, err)
	assert.Equal(t, policy.Enforce, namespace.Mode, "what the cache has needs no budget")
}

func TestOneReviewMakesFewReads(t *testing.T) {
	cluster := readyCluster(t, newAPIServer())
	services := withBudget(cluster.liveServices, 1000)
	_, err := cluster.Services(t.Context(), "shop", serviceNames(1000), LiveUnknown)
	require.EqualError(t, err, "listing services of namespace shop: more than 200 have the label holdfast.dev/sticky-session: \"true\"")
	assert.EqualValues(t, maxReads, services.lists.Load())
}

// A read that is in progress may have begun before the object of a review was there,
// so it answers only who began it. All others share the next one.
func TestEqualQuestionsAtOnceAreReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newLiveReader(nil, serviceKind)
		fake, release := withHeldGets(live)
		answered := new(atomic.Int64)
		ask := func() {
			_, err := live.get(t.Context(), client.ObjectKey{Namespace: "shop", Name: "chat"})
			assert.NoError(t, err)
			answered.Add(1)
		}
		go ask()
		synctest.Wait()
		for range 50 {
			go ask()
		}
		synctest.Wait()
		assert.EqualValues(t, 1, fake.gets.Load())
		release <- struct{}{}
		synctest.Wait()
		assert.EqualValues(t, 1, answered.Load())
		release <- struct{}{}
		synctest.Wait()
		assert.EqualValues(t, 51, answered.Load())
		assert.EqualValues(t, 2, fake.gets.Load())
	})
}

// A list holds a page of whole objects, so nothing else is read meanwhile.
func TestObjectsInMemoryAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newLiveReader(nil, serviceKind)
		fake, release := withHeldGets(live)
		for i := range 3 * maxParallelReads {
			go func() { _, _ = live.get(t.Context(), client.ObjectKey{Namespace: "shop", Name: strconv.Itoa(i)}) }()
		}
		synctest.Wait()
		go func() { _, _ = live.list(t.Context(), "shop", policy.StickyLabel, "true") }()
		synctest.Wait()
		assert.EqualValues(t, maxParallelReads, fake.gets.Load())
		assert.Zero(t, fake.lists.Load())
		close(release)
		synctest.Wait()
		assert.EqualValues(t, 3*maxParallelReads, fake.gets.Load())
		assert.EqualValues(t, maxReads, fake.lists.Load())
	})
}

func TestReadsEndWithADeadlineThatHasPassed(t *testing.T) {
	ctx, cancel := withReadDeadline(deadlineContext{t.Context(), time.Now().Add(-time.Second)})
	defer cancel()
	assert.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
}

// A client may hang up, or ask for an answer within a millisecond.
func TestAReadDoesntEndWithTheOneWhoAskedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newLiveReader(nil, serviceKind)
		fake, release := withHeldGets(live)
		ask := func(ctx context.Context) error {
			_, err := live.get(ctx, client.ObjectKey{Namespace: "shop", Name: "chat"})
			return err
		}
		results := make(chan error, 2)
		go func() { results <- ask(t.Context()) }()
		synctest.Wait()
		// Both join the read that has begun, and then begin another one together.
		impatient, hangUp := context.WithCancel(t.Context())
		given := make(chan error, 1)
		go func() { given <- ask(impatient) }()
		synctest.Wait()
		go func() { results <- ask(t.Context()) }()
		synctest.Wait()
		release <- struct{}{}
		synctest.Wait()
		hangUp()
		require.ErrorIs(t, <-given, context.Canceled)
		close(release)
		assert.NoError(t, <-results)
		assert.NoError(t, <-results)
		require.ErrorIs(t, ask(impatient), context.Canceled)
		assert.EqualValues(t, 2, fake.gets.Load(), "one who has gone reads nothing")
	})
}
