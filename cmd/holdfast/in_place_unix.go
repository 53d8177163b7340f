//go:build unix

package main

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// checkReplaceable refuses a file that has other names: they would keep the old
// text, and writing to it directly could leave half of the new one.
func checkReplaceable(info fs.FileInfo) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Nlink > 1 {
		return errors.New("another hard link leads to this file, which would keep the old text; copy the file first")
	}
	return nil
}

// makeAlike gives a file the mode and the owner of another one.
func makeAlike(file *os.File, like fs.FileInfo) error {
	mine, err := file.Stat()
	if err != nil {
		return err
	}
	from, known := mine.Sys().(*syscall.Stat_t)
	to, ok := like.Sys().(*syscall.Stat_t)
	if known && ok && (from.Uid != to.Uid || from.Gid != to.Gid) {
		if err := file.Chown(int(to.Uid), int(to.Gid)); err != nil {
			return err
		}
	}
	return file.Chmod(like.Mode())
}
