//go:build !unix

package main

import (
	"io/fs"
	"os"
)

func checkReplaceable(fs.FileInfo) error { return nil }

// makeAlike gives a file the mode of another one.
func makeAlike(file *os.File, like fs.FileInfo) error {
	return os.Chmod(file.Name(), like.Mode())
}
