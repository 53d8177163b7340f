package main

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// batch is a group of documents that are read and written concurrently. Parsing a
// document takes many times as long as splitting it from its stream.
type batch []*pendingDocument

// pendingDocument is a document that was read and isn't written yet.
type pendingDocument struct {
	document *manifest.Document
	// contents are nil after a readError.
	contents  *manifest.Contents
	readError error
	// text is the new text of the document.
	text   []byte
	faults []*manifest.Fault
}

// The limits of a batch. A document takes about a hundred times its size in memory
// while it is changed.
const (
	maxBatchDocuments = 64
	maxBatchBytes     = 64 << 10
)

// full reports whether the batch has reached one of its limits.
func (b batch) full() bool {
	size := 0
	for _, d := range b {
		size += len(d.document.Text())
	}
	return len(b) >= maxBatchDocuments || size >= maxBatchBytes
}

// read parses each document.
func (b batch) read() {
	b.forEach(func(d *pendingDocument) { d.contents, d.readError = d.document.Read() })
}

// write makes the new text of each document. All of them must have contents.
func (b batch) write() {
	b.forEach(func(d *pendingDocument) { d.text, d.faults = d.contents.Bytes() })
}

// forEach calls work for every document, concurrently on all processors.
func (b batch) forEach(work func(*pendingDocument)) {
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
