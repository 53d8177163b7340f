// Command haproxy starts Debian's HAProxy 2.6 for HAProxy Technologies' controller, which
// writes configurations for 2.8. It takes the line limited-quic out of them, which 2.6
// doesn't know and which is about HTTP/3 only, and then replaces itself by HAProxy.
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
	// os.Args begins with this program's name, by which HAProxy starts itself on a reload, so
	// the next configuration is rewritten too.
	err := syscall.Exec(program, os.Args, os.Environ())
	fmt.Fprintln(os.Stderr, "starting", program+":", err)
	os.Exit(1)
}

// rewrite takes the line out of a file that has it.
func rewrite(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return os.WriteFile(name, bytes.ReplaceAll(text, []byte("\n  limited-quic\n"), []byte("\n")), 0o644)
}
