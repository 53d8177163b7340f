package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// spool keeps what is written to it: a little in memory, more in a file that
// goes with the process.
type spool struct {
	memory bytes.Buffer
	file   *os.File
	size   int64
}

// spoolMemory is as much as hardly any repository of manifests has.
const spoolMemory = 16 << 20

// Write adds to the spool.
func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.memory.Len()+len(p) > spoolMemory {
		if err := s.toFile(); err != nil {
			return 0, err
		}
	}
	s.size += int64(len(p))
	if s.file == nil {
		return s.memory.Write(p)
	}
	return s.file.Write(p)
}

// toFile moves what is in memory to a file. It has no name any more once it is
// open, so that it can't be left behind.
func (s *spool) toFile() error {
	file, err := os.CreateTemp("", "holdfast-")
	if err != nil {
		return fmt.Errorf("making room for the manifests: %w", err)
	}
	os.Remove(file.Name())
	s.file = file
	_, err = s.memory.WriteTo(file)
	s.memory = bytes.Buffer{}
	return err
}

// Reader reads what was written, from the beginning.
func (s *spool) Reader() io.Reader {
	if s.file == nil {
		return bytes.NewReader(s.memory.Bytes())
	}
	return io.NewSectionReader(s.file, 0, s.size)
}

// Close lets go of what was written.
func (s *spool) Close() {
	if s.file != nil {
		s.file.Close()
	}
}
