// Command haproxy stands between HAProxy Technologies' controller, which writes
// configurations for HAProxy 2.8, and Debian's HAProxy 2.6: it takes the line
// limited-quic out of them, which 2.6 doesn't know and which only allows what no test
// does, HTTP/3. Everything else is HAProxy's: this program becomes it.
package main

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// program is Debian's.
const program = "/usr/sbin/haproxy"

func main() {
	for i, argument := range os.Args[:len(os.Args)-1] {
		if argument != "-f" {
			continue
		}
		if err := rewrite(os.Args[i+1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	// The name stays this program's: on a reload HAProxy starts itself by it again.
	err := syscall.Exec(program, os.Args, os.Environ())
	fmt.Fprintln(os.Stderr, "starting", program+":", err)
	os.Exit(1)
}

// rewrite takes the line out of a file, where it is.
func rewrite(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return os.WriteFile(name, bytes.ReplaceAll(text, []byte("\n  limited-quic\n"), []byte("\n")), 0o644)
}
