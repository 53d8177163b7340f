package auditlog_test

import (
	"bytes"
	"encoding/json"
	"io"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/auditlog"
)

// stream is a log of a given size: what a cluster writes of other objects, and after each
// hundred of these events the recorded ones, each time as of another request.
type stream struct {
	block []byte
	// at are the places of the audit IDs in the block.
	at          []int
	round, left int
	rest        []byte
	// everyMiB is called after each MiB.
	everyMiB func()
	read     int
}

// placeholder is an audit ID in a block; its digits are replaced in each round.
const placeholder = "00000000-0000"

func newStream(t testing.TB, size int, everyMiB func()) *stream {
	t.Helper()
	s := &stream{left: size, everyMiB: everyMiB}
	add := func(line string, edit func(map[string]any)) {
		var e map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		edit(e)
		text, err := json.Marshal(e)
		require.NoError(t, err)
		s.block = append(append(s.block, text...), '\n')
	}
	other := event(t, "shop/missed", set("annotations", map[string]any{}))
	for range 100 {
		add(other, func(map[string]any) {})
	}
	for i, line := range bytes.Split(bytes.TrimSpace(recorded(t)), []byte("\n")) {
		add(string(line), set("auditID", placeholder+strconv.Itoa(i)))
	}
	for at := 0; ; at++ {
		next := bytes.Index(s.block[at:], []byte(placeholder))
		if next < 0 {
			return s
		}
		at += next
		s.at = append(s.at, at)
	}
}

func (s *stream) Read(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, io.EOF
	}
	if len(s.rest) == 0 {
		s.round++
		for _, at := range s.at {
			digits := strconv.AppendInt(nil, int64(10_000_000+s.round), 10)
			copy(s.block[at:], digits)
		}
		s.rest = s.block
	}
	n := copy(p, s.rest)
	s.rest, s.left = s.rest[n:], s.left-n
	if (s.read+n)>>20 > s.read>>20 {
		s.everyMiB()
	}
	s.read += n
	return n, nil
}

// peak reads a log of a size and returns the maximum of live memory meanwhile, and how many
// entries it has.
func peak(t testing.TB, size int) (bytes uint64, entries int) {
	t.Helper()
	measure := func() {
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		bytes = max(bytes, memory.HeapAlloc)
	}
	log := auditlog.New(auditlog.Options{}, func(auditlog.Entry) error { entries++; return nil })
	require.NoError(t, log.Read(t.Context(), newStream(t, size, measure)))
	require.LessOrEqual(t, log.Summary().Unreadable, 1)
	return bytes, entries
}

// What is kept is what identifies an event that counts, and each object and user once.
func TestMemoryDoesNotGrowWithTheLog(t *testing.T) {
	const perEntry = 64
	short, few := peak(t, 2<<20)
	long, many := peak(t, 20<<20)
	require.Greater(t, many, 5*few)
	assert.Less(t, long, short+uint64(perEntry*(many-few))+256<<10)
}

// BenchmarkAGigabyte reads a log of 1 GiB and reports how much memory is live at most.
func BenchmarkAGigabyte(b *testing.B) {
	const size = 1 << 30
	b.SetBytes(size)
	for b.Loop() {
		bytes, entries := peak(b, size)
		b.ReportMetric(float64(bytes)/(1<<20), "MiB")
		b.ReportMetric(float64(entries), "entries")
	}
}
