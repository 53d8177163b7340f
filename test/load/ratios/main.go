// Ratios reads the output of go test -bench and prints what the contestants cost
// in multiples of each other, with the limit of each. It ends with 1
// when one is broken.
//
//	go test -bench . ./… | go run ./ratios
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	broken, err := run(os.Stdin, os.Stdout)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "ratios:", err)
		os.Exit(2)
	case broken > 0:
		fmt.Fprintf(os.Stderr, "ratios: %d broken\n", broken)
		os.Exit(1)
	}
}

// run returns how many limits are broken.
func run(in io.Reader, out io.Writer) (broken int, err error) {
	results, err := read(in)
	if err != nil {
		return 0, err
	}
	return results.write(out)
}
