package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// inPlace is the result of --write: files that replace those that were read. A
// new file stands ready beside its old one until all of them do, and is then
// renamed, so that nobody ever sees half of one.
type inPlace struct {
	// name is the file that is read now, text what it becomes.
	name    string
	text    *spool
	changed bool
	ready   []replacement
}

// replacement is a new file and the one that it replaces.
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

// close makes the new file ready for the one that was read last.
func (p *inPlace) close() error {
	if p.text == nil {
		return nil
	}
	defer p.forget()
	if !p.changed {
		return nil
	}
	// A link stays a link: what it leads to is replaced.
	target, err := filepath.EvalSymlinks(p.name)
	if err != nil {
		return err
	}
	file, err := replacementFor(target, p.text.Reader())
	if file != "" {
		p.ready = append(p.ready, replacement{file, target})
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

// replacementFor writes a file that is like another one but for its text.
func replacementFor(target string, text io.Reader) (name string, err error) {
	like, err := os.Stat(target)
	if err != nil {
		return "", err
	}
	if err := checkReplaceable(like); err != nil {
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
	if err := makeAlike(file, like); err != nil {
		return file.Name(), err
	}
	return file.Name(), file.Sync()
}

func (p *inPlace) deliver() error {
	for len(p.ready) > 0 {
		next := p.ready[0]
		if err := os.Rename(next.file, next.target); err != nil {
			return err
		}
		p.ready = p.ready[1:]
	}
	return nil
}

// discard removes the new files that replaced nothing.
func (p *inPlace) discard() {
	if p.text != nil {
		p.forget()
	}
	for _, left := range p.ready {
		os.Remove(left.file)
	}
}
