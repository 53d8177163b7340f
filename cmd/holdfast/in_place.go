package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// inPlace is the result of --write: it replaces the files that were read. New files
// are written beside the old ones and renamed once all of them are complete, so that
// no reader ever sees half a file.
type inPlace struct {
	// name is the current file, text its new text.
	name    string
	text    *spool
	changed bool
	// complete are the new files that aren't renamed yet.
	complete []replacement
}

// replacement is a new file and the file that it replaces.
type replacement struct{ file, target string }

func (p *inPlace) document(d *manifest.Document, text []byte) error {
	if p.text != nil && d.File != p.name {
		if err := p.close(); err != nil {
			return err
		}
	}
	if p.text == nil {
		p.name, p.text, p.changed = d.File, &spool{}, false
	}
	p.changed = p.changed || !bytes.Equal(text, d.Text())
	_, err := p.text.Write(text)
	return err
}

// close writes the new file for the current file, if its text has changed.
func (p *inPlace) close() error {
	if p.text == nil {
		return nil
	}
	defer p.forget()
	if !p.changed {
		return nil
	}
	// A symbolic link is kept: its target is replaced.
	target, err := filepath.EvalSymlinks(p.name)
	if err != nil {
		return err
	}
	file, err := replacementFor(target, p.text.Reader())
	if file != "" {
		p.complete = append(p.complete, replacement{file, target})
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", p.name, err)
	}
	return nil
}

func (p *inPlace) forget() {
	p.text.Close()
	p.text = nil
}

// replacementFor writes a new file with the mode and owner of another one.
func replacementFor(target string, text io.Reader) (name string, err error) {
	info, err := os.Stat(target)
	if err != nil {
		return "", err
	}
	if err := checkReplaceable(info); err != nil {
		return "", err
	}
	file, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*")
	if err != nil {
		return "", err
	}
	defer file.Close()
	if _, err := io.Copy(file, text); err != nil {
		return file.Name(), err
	}
	if err := copyAttributes(file, info); err != nil {
		return file.Name(), err
	}
	return file.Name(), file.Sync()
}

func (p *inPlace) deliver() error {
	for len(p.complete) > 0 {
		next := p.complete[0]
		if err := os.Rename(next.file, next.target); err != nil {
			return err
		}
		p.complete = p.complete[1:]
	}
	return nil
}

// discard removes the new files that weren't renamed.
func (p *inPlace) discard() {
	if p.text != nil {
		p.forget()
	}
	for _, r := range p.complete {
		os.Remove(r.file)
	}
}
