package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// spool keeps what is written to it: what came last in memory, and what came
// before in a file that goes with the process.
type spool struct {
	memory []byte
	file   *os.File
	// size is that of the file.
	size int64
	// noFile says that none can be made, as where nothing may be written. Then
	// all stays in memory.
	noFile bool
}

// spoolMemory is as much as most repositories of manifests have.
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
		s.makeFile()
	}
	if s.noFile {
		return nil
	}
	n, err := s.file.Write(s.memory)
	if err != nil {
		return fmt.Errorf("making room for the manifests: %w", err)
	}
	s.size += int64(n)
	s.memory = s.memory[:0]
	return nil
}

// makeFile makes a file that has no name any more once it is open, so that it
// can't be left behind.
func (s *spool) makeFile() {
	file, err := os.CreateTemp("", "holdfast-")
	if err != nil {
		s.noFile = true
		return
	}
	os.Remove(file.Name())
	s.file = file
}

// Reader reads what was written, from the beginning.
func (s *spool) Reader() io.Reader {
	if s.file == nil {
		return bytes.NewReader(s.memory)
	}
	return io.MultiReader(io.NewSectionReader(s.file, 0, s.size), bytes.NewReader(s.memory))
}

// Close lets go of what was written.
func (s *spool) Close() {
	if s.file != nil {
		s.file.Close()
	}
}
