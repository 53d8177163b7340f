package webhook

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubernetes "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	toolscache "k8s.io/client-go/tools/cache"

	"github.com/holdfast-dev/holdfast/policy"
)

// hostile returns an object of a kind with values as large as the API server accepts.
func hostile(kind schema.GroupVersionKind, number int) *metav1.PartialObjectMetadata {
	object := metadataOf(kind)
	object.Namespace, object.Name = fmt.Sprintf("namespace-%058d", number), fmt.Sprintf("service-%060d", number)
	object.Labels = map[string]string{policy.StickyLabel: "true", policy.PolicyLabel: "enforce"}
	object.Annotations = make(map[string]string)
	value := strings.Repeat("9", 250_000/5)
	for _, key := range []string{
		policy.StickyTimeoutAnnotation, policy.IdleTimeoutAnnotation, policy.ReadTimeoutAnnotation,
		policy.SendTimeoutAnnotation, policy.ConnectTimeoutAnnotation,
	} {
		object.Annotations[key] = strings.Clone(value)
	}
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		object.Annotations[policy.Prefix+key], object.Labels[policy.Prefix+key] = "1h", "x"
	}
	object.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubectl", FieldsV1: metav1.NewFieldsV1(value)}}
	return object
}

// hostileSize is about how many bytes a hostile object has.
const hostileSize = 500_000

// inUse returns the bytes of the heap that are in use.
func inUse() uint64 {
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc
}

// held returns the bytes that are in use while keep's result is.
func held(keep func() any) uint64 {
	before := inUse()
	kept := keep()
	after := inUse()
	runtime.KeepAlive(kept)
	return after - min(before, after)
}

const (
	hostileObjects = 10_000
	maxHeld        = 16 << 20
)

// One object may hold 250,000 bytes of values, so whole objects would fill the memory of
// the pods.
func TestTenThousandHostileObjectsAreSmallInTheCache(t *testing.T) {
	options := CacheOptions().ByObject
	for object, by := range options {
		kind := object.GetObjectKind().GroupVersionKind()
		if kind.Empty() {
			continue // IngressClasses are made by admins.
		}
		t.Run(kind.Kind, func(t *testing.T) {
			bytes := held(func() any {
				store := toolscache.NewStore(toolscache.DeletionHandlingMetaNamespaceKeyFunc, toolscache.WithTransformer(by.Transform))
				for i := range hostileObjects {
					require.NoError(t, store.Add(hostile(kind, i)))
				}
				require.Len(t, store.ListKeys(), hostileObjects)
				return store
			})
			assert.Less(t, bytes, uint64(maxHeld))
			t.Logf("%d hostile objects hold %d KiB", hostileObjects, bytes>>10)
		})
	}
}

// An API server that doesn't stream the first list is asked for pages, of which only
// one is whole at a time.
func TestOfAListOnlyAPageIsWhole(t *testing.T) {
	const objects = 10 * pageSize
	whole := 0
	var before, most uint64
	source := &toolscache.ListWatch{ListWithContextFunc: func(_ context.Context, options metav1.ListOptions) (kubernetes.Object, error) {
		assert.EqualValues(t, pageSize, options.Limit)
		assert.Empty(t, options.ResourceVersion, "the API server ignores the limit if it may answer from its cache")
		most = max(most, inUse())
		list := new(metav1.PartialObjectMetadataList)
		for range pageSize {
			list.Items = append(list.Items, *hostile(serviceKind, whole))
			whole++
		}
		if whole < objects {
			list.Continue = strconv.Itoa(whole)
		}
		return list, nil
	}}
	before = inUse()
	list, err := listInPages(t.Context(), toolscache.ToListerWithContext(source), metav1.ListOptions{ResourceVersion: "0", Limit: 500})
	require.NoError(t, err)
	most = max(most, inUse())
	assert.Equal(t, objects, whole)
	assert.Less(t, most-min(before, most), uint64(2*pageSize*hostileSize), "a page is stripped before the next one is asked for")
	runtime.KeepAlive(list)
}

// A list whose continue token has expired is begun again: the rest would come in one
// answer.
func TestAnExpiredListIsNotAskedForWhole(t *testing.T) {
	lists := 0
	source := &toolscache.ListWatch{ListWithContextFunc: func(_ context.Context, options metav1.ListOptions) (kubernetes.Object, error) {
		assert.EqualValues(t, pageSize, options.Limit)
		if lists++; options.Continue != "" {
			return nil, apierrors.NewResourceExpired("too old")
		}
		list := &metav1.PartialObjectMetadataList{Items: make([]metav1.PartialObjectMetadata, pageSize)}
		list.Continue = "more"
		return list, nil
	}}
	_, err := listInPages(t.Context(), toolscache.ToListerWithContext(source), metav1.ListOptions{})
	assert.True(t, apierrors.IsResourceExpired(err), "%v", err)
	assert.Equal(t, 2, lists)
}

func TestAProjectionIsTransformedOnce(t *testing.T) {
	chat := serviceOf("chat", "true")
	keep := transform(projectService)
	once, err := keep(chat)
	require.NoError(t, err)
	assert.Equal(t, &projection[*policy.StickyService]{"shop", "chat", "1", &policy.StickyService{Name: "chat"}}, once)
	again, err := keep(once)
	require.NoError(t, err)
	assert.Same(t, once, again)
	gone := toolscache.DeletedFinalStateUnknown{Key: "shop/chat"}
	same, err := keep(gone)
	require.NoError(t, err)
	assert.Equal(t, gone, same)
}
