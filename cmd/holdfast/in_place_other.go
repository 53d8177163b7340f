//go:build !unix

package main

import (
	"io/fs"
	"os"
)

func checkReplaceable(fs.FileInfo) error { return nil }

// copyAttributes sets the mode of a file to that of another one.
func copyAttributes(file *os.File, from fs.FileInfo) error {
	return os.Chmod(file.Name(), from.Mode())
}
