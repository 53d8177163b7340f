//go:build unix

package main

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// checkReplaceable refuses a file with other hard links. They would keep the old text
// after a rename, and writing to the file directly isn't atomic.
func checkReplaceable(info fs.FileInfo) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Nlink > 1 {
		return errors.New("the file has another hard link, which would keep the old text; copy the file first")
	}
	return nil
}

// copyAttributes sets the mode and owner of a file to those of another one.
func copyAttributes(file *os.File, from fs.FileInfo) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	have, ok := info.Sys().(*syscall.Stat_t)
	want, known := from.Sys().(*syscall.Stat_t)
	if ok && known && (have.Uid != want.Uid || have.Gid != want.Gid) {
		if err := file.Chown(int(want.Uid), int(want.Gid)); err != nil {
			return err
		}
	}
	return file.Chmod(from.Mode())
}
