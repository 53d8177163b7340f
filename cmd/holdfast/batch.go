package main

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// batch are documents that are read, and written again, side by side: each takes
// many times as long as to find it in its stream.
type batch []*draft

// draft is a document on its way to its new text.
type draft struct {
	document *manifest.Document
	contents *manifest.Contents
	// unreadable is why it has no contents.
	unreadable error
	text       []byte
	faults     []*manifest.Fault
}

// The bounds of a batch. A document takes about a hundred times its size while it
// is changed.
const (
	mostDrafts     = 64
	mostDraftBytes = 64 << 10
)

// full tells whether a batch is large enough to be worked on.
func (b batch) full() bool {
	size := 0
	for _, d := range b {
		size += len(d.document.Text())
	}
	return len(b) >= mostDrafts || size >= mostDraftBytes
}

// read finds the contents of each document.
func (b batch) read() {
	b.sideBySide(func(d *draft) { d.contents, d.unreadable = d.document.Read() })
}

// write makes the new text of each document, which has to have contents.
func (b batch) write() {
	b.sideBySide(func(d *draft) { d.text, d.faults = d.contents.Bytes() })
}

// sideBySide works on all documents, on as many at a time as there are processors.
func (b batch) sideBySide(work func(*draft)) {
	var begun atomic.Int64
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(b)) {
		all.Go(func() {
			for i := int(begun.Add(1)) - 1; i < len(b); i = int(begun.Add(1)) - 1 {
				work(b[i])
			}
		})
	}
	all.Wait()
}
