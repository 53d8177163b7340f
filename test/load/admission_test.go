package load_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"runtime/debug"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/test/load/contestant"
	"github.com/holdfast-dev/holdfast/test/load/reviews"
	"github.com/holdfast-dev/holdfast/webhook"
)

// BenchmarkAdmission measures the handlers. The contestants of one review come
// one after the other, so that they have the same weather.
func BenchmarkAdmission(b *testing.B) {
	for _, review := range reviews.All() {
		for _, name := range []string{"holdfast", "empty", "textbook"} {
			b.Run(name+"/"+review.String(), func(b *testing.B) {
				c := newCall(b, name, review)
				b.SetBytes(int64(len(c.sent)))
				measure(b, c.make)
			})
		}
		b.Run("json.Valid/"+review.String(), func(b *testing.B) {
			sent := body(b, review)
			b.SetBytes(int64(len(sent)))
			measure(b, func() { json.Valid(sent) })
		})
	}
}

// measure reports the processor time besides the elapsed time.
func measure(b *testing.B, do func()) {
	b.ReportAllocs()
	before := cpu(self)
	for b.Loop() {
		do()
	}
	b.ReportMetric(float64(cpu(self)-before)/float64(b.N), "cpu-ns/op")
}

func TestALargeObjectCostsNoMoreAllocationsThanASmallOne(t *testing.T) {
	for path, sizes := range map[string]struct{ small, large int }{
		webhook.IngressPath: {10, 1000},
		webhook.ServicePath: {1, 100},
	} {
		for _, write := range reviews.Writes() {
			t.Run(path+"/"+string(write), func(t *testing.T) {
				small := allocations(t, reviews.Review{Path: path, Size: sizes.small, Write: write})
				large := allocations(t, reviews.Review{Path: path, Size: sizes.large, Write: write})
				assert.Equal(t, small, large)
			})
		}
	}
}

func allocations(t *testing.T, review reviews.Review) float64 {
	t.Helper()
	// The collector empties pools, the sooner the larger the objects are.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	return testing.AllocsPerRun(100, newCall(t, "holdfast", review).make)
}

func TestTheContestantsDoTheSameWork(t *testing.T) {
	for _, review := range reviews.All() {
		t.Run(review.String(), func(t *testing.T) {
			textbook := admitted(t, "textbook", review)
			for _, name := range contestant.Names() {
				object := admitted(t, name, review)
				switch {
				case name == "empty" && review.Write != reviews.Unchanged:
					assert.NotEqual(t, work(textbook), work(object), name)
				default:
					assert.Equal(t, work(textbook), work(object), name)
				}
			}
		})
	}
}

func TestHoldfastSendsNoPatchWhereNothingChanges(t *testing.T) {
	for _, review := range reviews.All() {
		sends := len(answered(t, "holdfast", review).Patch) > 0
		assert.Equal(t, review.Write != reviews.Unchanged, sends, review)
	}
}

// work is what all but the empty contestant see to.
func work(o object) [3]string {
	return [3]string{
		o.Metadata.Annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"],
		o.Metadata.Annotations["nginx.ingress.kubernetes.io/proxy-send-timeout"],
		o.Spec.SessionAffinity,
	}
}

// object has the compared fields of an Ingress or a Service.
type object struct {
	Metadata metav1.ObjectMeta
	Spec     struct{ SessionAffinity string }
}

// admitted is the object of a review as a contestant's patch leaves it.
func admitted(t *testing.T, name string, review reviews.Review) object {
	t.Helper()
	var asked admissionv1.AdmissionReview
	require.NoError(t, json.Unmarshal(body(t, review), &asked))
	raw := asked.Request.Object.Raw
	if patch := answered(t, name, review).Patch; len(patch) > 0 {
		operations, err := jsonpatch.DecodePatch(patch)
		require.NoError(t, err)
		raw, err = operations.Apply(raw)
		require.NoError(t, err)
	}
	var o object
	require.NoError(t, json.Unmarshal(raw, &o))
	return o
}

// answered is a contestant's answer to a review.
func answered(t *testing.T, name string, review reviews.Review) *admissionv1.AdmissionResponse {
	t.Helper()
	c := newCall(t, name, review)
	c.answer.kept = new(bytes.Buffer)
	c.make()
	require.Equal(t, http.StatusOK, c.answer.status)
	var answer admissionv1.AdmissionReview
	require.NoError(t, json.Unmarshal(c.answer.kept.Bytes(), &answer))
	require.True(t, answer.Response.Allowed)
	require.Empty(t, answer.Response.Warnings)
	require.NotEmpty(t, answer.Response.UID)
	return answer.Response
}
