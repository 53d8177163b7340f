package load_test

import (
	"time"

	"golang.org/x/sys/unix"
)

// self stands for this process.
const self = 0

// cpu is the processor time that a process has had, with all its threads:
// unlike the time on the wall it counts the garbage collector on another core,
// and doesn't count others who want the processor.
func cpu(process int) time.Duration {
	// What clock_getcpuclockid(3) makes of a process.
	const scheduled = 2
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^process<<3|scheduled), &t); err != nil {
		// There is no such process.
		panic(err)
	}
	return time.Duration(t.Nano())
}
