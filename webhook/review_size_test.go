package webhook

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

func TestTheSizeOfAnObjectIsThatOfItsJSONWithoutEscapes(t *testing.T) {
	for name, c := range map[string]struct {
		object string
		want   int
	}{
		"plain":                      {`{"metadata":{"name":"a"}}`, 25},
		"an escape in a known value": {`{"metadata":{"name":"\u003c"}}`, 25},
		"in one that is skipped":     {`{"metadata":{"x":["\u003c"]}}`, 24},
		"in a name":                  {`{"metadata":{"\u003c":"a"}}`, 22},
		"of two bytes":               {`{"metadata":{"x":"\n\\"}}`, 23},
		"of a surrogate pair":        {`{"metadata":{"x":"\ud83d\ude00"}}`, 25},
	} {
		t.Run(name, func(t *testing.T) {
			read, err := readReview([]byte(reviewOf(anIngress, "UPDATE", c.object, c.object)), kindOf(IngressPath))
			require.NoError(t, err)
			assert.Equal(t, c.want, read.object.Size)
			assert.Equal(t, c.want, read.old.Size)
		})
	}
}

func TestAnObjectThatFillsEtcdIsAdmittedUninjected(t *testing.T) {
	handlers := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}})
	for name, c := range map[string]struct {
		path     string
		injected bool
	}{
		"a path that leaves room":                     {strings.Repeat("x", 1_500_000), true},
		"one that leaves none":                        {strings.Repeat("x", 1_560_000), false},
		"one that leaves room and is escaped in JSON": {strings.Repeat(`\u003c`, 1_000_000), true},
	} {
		t.Run(name, func(t *testing.T) {
			object := fmt.Sprintf(`{"metadata":{"name":"chat"},"spec":{"ingressClassName":"nginx","rules":[{"http":{"paths":[{"path":"/%s"}]}}]}}`, c.path)
			response := answerOf(t, post(handlers[IngressPath], IngressPath, reviewOf(anIngress, "CREATE", object, "null")))
			assert.True(t, response.Allowed)
			assert.Equal(t, c.injected, len(response.Patch) > 0)
			assert.Equal(t, !c.injected, strings.Contains(strings.Join(response.Warnings, ""), "etcd stores less than 1572864"), response.Warnings)
		})
	}
}

// A map takes several times the memory of its text: 800,000 annotations of 7 MB took 44 MiB,
// and five such reviews at once filled a pod's memory.
func TestManyKeysTakeLittleMemory(t *testing.T) {
	for _, member := range []string{"labels", "annotations"} {
		t.Run(member, func(t *testing.T) {
			var text strings.Builder
			for i := range 200_000 {
				fmt.Fprintf(&text, `,"holdfast.dev/%d":""`, i)
			}
			body := []byte(reviewOf(anIngress, "CREATE", `{"metadata":{"`+member+`":{`+text.String()[1:]+`}}}`, "null"))
			bytes := held(func() any {
				read, err := readReview(body, &servedKinds[0])
				require.NoError(t, err)
				assert.Equal(t, policy.MaxKeys, max(len(read.object.Labels), len(read.object.Annotations)))
				return &read
			})
			assert.Less(t, bytes, uint64(2<<20))
		})
	}
}
