//go:build unix

package probe

import "syscall"

// maxFiles returns how many files the process may have open; zero if that isn't known. Go
// has raised it as far as the process may do that itself.
func maxFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	const most = 1 << 30
	return int(min(limit.Cur, most))
}
