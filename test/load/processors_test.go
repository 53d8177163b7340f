package load_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// allowed are the processors that this process may use.
func allowed(t testing.TB) (processors unix.CPUSet) {
	t.Helper()
	require.NoError(t, unix.SchedGetaffinity(self, &processors))
	return processors
}

// halve divides processors in two. Of only one both halves are that one.
func halve(all unix.CPUSet) (first, second unix.CPUSet) {
	count := all.Count()
	if count == 1 {
		return all, all
	}
	for processor := 0; first.Count()+second.Count() < count; processor++ {
		switch {
		case !all.IsSet(processor):
		case first.Count() < count/2:
			first.Set(processor)
		default:
			second.Set(processor)
		}
	}
	return first, second
}

// confine keeps a process on some processors. What a thread starts stays where the
// thread is: once all are there, all that come will be.
func confine(t testing.TB, process int, processors unix.CPUSet) {
	t.Helper()
	for moved := true; moved; {
		moved = false
		threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", process))
		require.NoError(t, err)
		for _, entry := range threads {
			thread, err := strconv.Atoi(entry.Name())
			require.NoError(t, err)
			var now unix.CPUSet
			err = unix.SchedGetaffinity(thread, &now)
			if err == nil && now != processors {
				err, moved = unix.SchedSetaffinity(thread, &processors), true
			}
			if !errors.Is(err, unix.ESRCH) {
				// Only one that has ended may be elsewhere.
				require.NoError(t, err)
			}
		}
	}
}

func TestAProcessStaysOnItsProcessors(t *testing.T) {
	all := allowed(t)
	_, half := halve(all)
	for _, processors := range []unix.CPUSet{half, all} {
		confine(t, os.Getpid(), processors)
		var on unix.CPUSet
		done := make(chan error)
		go func() {
			// Its thread ends with it, so that the next one is new.
			runtime.LockOSThread()
			done <- unix.SchedGetaffinity(self, &on)
		}()
		require.NoError(t, <-done)
		assert.Equal(t, processors, on)
	}
}

func TestProcessorsAreHalved(t *testing.T) {
	set := func(processors ...int) (s unix.CPUSet) {
		for _, processor := range processors {
			s.Set(processor)
		}
		return s
	}
	for name, test := range map[string]struct{ all, first, second unix.CPUSet }{
		"one":                 {set(3), set(3), set(3)},
		"two":                 {set(0, 1), set(0), set(1)},
		"three, not in a row": {set(1, 4, 70), set(1), set(4, 70)},
	} {
		t.Run(name, func(t *testing.T) {
			first, second := halve(test.all)
			assert.Equal(t, test.first, first)
			assert.Equal(t, test.second, second)
		})
	}
}
