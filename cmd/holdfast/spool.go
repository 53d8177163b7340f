package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// spool buffers what is written to it in memory, and beyond spoolMemory in a temporary
// file.
type spool struct {
	memory []byte
	file   *os.File
	// size is the size of the file.
	size int64
	// noFile reports whether creating the file failed, as in a read-only container.
	// Then everything stays in memory.
	noFile bool
}

// spoolMemory is enough for most repositories of manifests.
const spoolMemory = 1 << 20

// Write adds to the spool.
func (s *spool) Write(p []byte) (int, error) {
	if len(s.memory)+len(p) > spoolMemory && !s.noFile {
		if err := s.toFile(); err != nil {
			return 0, err
		}
	}
	s.memory = append(s.memory, p...)
	return len(p), nil
}

// toFile moves what is in memory to the file.
func (s *spool) toFile() error {
	if s.file == nil {
		s.createFile()
	}
	if s.noFile {
		return nil
	}
	n, err := s.file.Write(s.memory)
	if err != nil {
		return fmt.Errorf("buffering the manifests: %w", err)
	}
	s.size += int64(n)
	s.memory = s.memory[:0]
	return nil
}

// createFile creates the file and removes its name at once, so that it can't be left
// behind.
func (s *spool) createFile() {
	file, err := os.CreateTemp("", "holdfast-")
	if err != nil {
		s.noFile = true
		return
	}
	os.Remove(file.Name())
	s.file = file
}

// Reader returns a reader of everything that was written.
func (s *spool) Reader() io.Reader {
	if s.file == nil {
		return bytes.NewReader(s.memory)
	}
	return io.MultiReader(io.NewSectionReader(s.file, 0, s.size), bytes.NewReader(s.memory))
}

// Close frees the buffer.
func (s *spool) Close() {
	if s.file != nil {
		s.file.Close()
	}
}
