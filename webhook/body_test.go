package webhook

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

// arriving is a body of a declared length, of which that much has arrived.
func arriving(length int64, arrived io.Reader) *arrival {
	request := httptest.NewRequest(http.MethodPost, IngressPath, io.NopCloser(arrived))
	request.ContentLength = length
	return &arrival{request: request, response: httptest.NewRecorder()}
}

func emptyBodies(t *testing.T) *bodies {
	t.Helper()
	return newHandlers(t, fixedCluster{})[IngressPath].(*Handler).bodies
}

func TestABodyTakesMemoryAsItArrives(t *testing.T) {
	errStalled := errors.New("no more has arrived")
	for name, c := range map[string]struct {
		length, arrived int64
		small, large    int64
	}{
		"one byte of a small body":   {smallBody, 1, firstBuffer, 0},
		"a whole small body":         {smallBody, smallBody, smallBody, 0},
		"one byte of a large body":   {maxBody, 1, 0, firstBuffer},
		"half of a large body":       {maxBody, maxBody / 2, 0, 4 << 20},
		"a whole large body":         {maxBody, maxBody, 0, maxBody},
		"one byte of unknown":        {-1, 1, 0, firstBuffer},
		"a MiB of an unknown":        {-1, 1 << 20, 0, 4 << 20},
		"a body between two sizes":   {5 << 19, 5 << 19, 0, 5 << 19},
		"a body that fills a buffer": {1 << 20, 1 << 20, 0, 1 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			b := emptyBodies(t)
			sent := strings.Repeat("x", int(c.arrived))
			from := arriving(c.length, io.MultiReader(strings.NewReader(sent), iotest.ErrReader(errStalled)))
			read, err := b.read(from, c.length)
			if c.arrived != c.length {
				require.ErrorIs(t, err, errStalled)
			} else {
				require.NoError(t, err)
			}
			assert.Equal(t, sent, string(read.bytes))
			assert.Equal(t, c.small, b.small.taken.Load())
			assert.Equal(t, c.large, b.large.taken.Load())
			assert.EqualValues(t, c.small+c.large, testutil.ToFloat64(b.metrics.bytesInFlight))
			b.release(read)
			assert.Zero(t, b.small.taken.Load()+b.large.taken.Load())
			assert.Zero(t, testutil.ToFloat64(b.metrics.bytesInFlight))
		})
	}
}

func TestABodyIsReadHoweverItArrives(t *testing.T) {
	sent := strings.Repeat("0123456789", 50_000)
	for name, reader := range map[string]func(io.Reader) io.Reader{
		"at once": func(r io.Reader) io.Reader { return r }, "with its end": iotest.DataErrReader,
		"in halves": iotest.HalfReader, "byte by byte": iotest.OneByteReader,
	} {
		for _, length := range []int64{int64(len(sent)), -1} {
			read, err := emptyBodies(t).read(arriving(length, reader(strings.NewReader(sent))), length)
			require.NoError(t, err, name)
			assert.Equal(t, sent, string(read.bytes), name)
		}
		_, err := emptyBodies(t).read(arriving(int64(len(sent))+1, reader(strings.NewReader(sent))), int64(len(sent))+1)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, name)
	}
}

func TestLargeBodiesLeaveTheRoomOfSmallOnes(t *testing.T) {
	handlers := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}})
	bodies := handlers[IngressPath].(*Handler).bodies
	small := reviewOf(anIngress, "CREATE", chatIngress, "null")
	large := small + strings.Repeat(" ", smallBody)
	for _, c := range []struct {
		full         *room
		small, large int
	}{
		{&bodies.large, http.StatusOK, http.StatusServiceUnavailable},
		{&bodies.small, http.StatusServiceUnavailable, http.StatusOK},
	} {
		require.True(t, c.full.take(c.full.limit))
		assert.Equal(t, c.small, post(handlers[IngressPath], IngressPath, small).Code)
		assert.Equal(t, c.large, post(handlers[IngressPath], IngressPath, large).Code)
		c.full.giveBack(c.full.limit)
		assert.Zero(t, c.full.taken.Load())
	}
}

// What is read of a large body takes more memory than its bytes, so many at once would
// fill the pod's.
func TestALargeBodyWaitsUntilOthersAreEvaluated(t *testing.T) {
	handler := newHandlers(t, fixedCluster{namespaces: map[string]Namespace{"shop": inMode(policy.Enforce)}})[IngressPath].(*Handler)
	small := reviewOf(anIngress, "CREATE", chatIngress, "null")
	large := reviewOf(anIngress, "CREATE", strings.Replace(chatIngress, `"/"`, `"/`+strings.Repeat("x", 1<<20)+`"`, 1), "null")
	require.True(t, handler.bodies.evaluations.TryAcquire(evaluatedAtOnce))
	assert.Equal(t, http.StatusOK, post(handler, IngressPath, small).Code)

	waiting := make(chan int)
	go func() { waiting <- post(handler, IngressPath, large).Code }()
	require.Eventually(t, func() bool { return handler.bodies.large.taken.Load() > 1<<20 }, time.Minute, time.Millisecond)
	handler.bodies.evaluations.Release(evaluatedAtOnce)
	assert.Equal(t, http.StatusOK, <-waiting)
	assert.True(t, handler.bodies.evaluations.TryAcquire(evaluatedAtOnce), "it has given back what it took")
}

func TestALargeBodyWaitsNoLongerThanTheAPIServer(t *testing.T) {
	b := emptyBodies(t)
	require.True(t, b.evaluations.TryAcquire(evaluatedAtOnce))
	err := b.beginEvaluation(t.Context(), body{bytes: make([]byte, smallBody+1)}, time.Now().Add(time.Millisecond))
	require.ErrorIs(t, err, errBusy)
}
