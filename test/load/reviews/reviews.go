// Package reviews has AdmissionReviews as a real API server sent them, byte
// for byte. The program capture wrote them.
package reviews

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"

	"github.com/holdfast-dev/holdfast/webhook"
)

// Review says which review is meant.
type Review struct {
	// Path is where the API server sends it: webhook.IngressPath or
	// webhook.ServicePath.
	Path string
	// Size is how many rules an Ingress has, or how many ports a Service.
	Size  int
	Write Write
}

// Write is what kubectl apply did to the object.
type Write string

// The writes.
const (
	// Create is the object's first.
	Create Write = "create"
	// Update changes a label of an object into which nothing has been injected.
	Update Write = "update"
	// Unchanged changes a label of an object that is as Holdfast wants it.
	Unchanged Write = "unchanged"
)

// Writes are all of them, in the order in which they happen to an object.
func Writes() []Write { return []Write{Create, Update, Unchanged} }

// captured are the objects, by how large they are. The backends of an Ingress are
// ten Services at most.
var captured = []struct {
	path  string
	sizes []int
}{
	{webhook.IngressPath, []int{1, 10, 100, 1000}},
	{webhook.ServicePath, []int{1, 100}},
}

// All are the reviews that there are, the small before the large. Those of one
// object follow each other as its writes do.
func All() []Review {
	var all []Review
	for _, object := range captured {
		for _, size := range object.sizes {
			for _, write := range Writes() {
				all = append(all, Review{object.path, size, write})
			}
		}
	}
	return all
}

// String names the review as benchmarks do: "rules=100/update".
func (r Review) String() string {
	parts := "rules"
	if r.Path == webhook.ServicePath {
		parts = "ports"
	}
	return fmt.Sprintf("%s=%d/%s", parts, r.Size, r.Write)
}

// File is the review's file below testdata.
func (r Review) File() string {
	kind := "ingress"
	if r.Path == webhook.ServicePath {
		kind = "service"
	}
	return fmt.Sprintf("%s-%d-%s.json.gz", kind, r.Size, r.Write)
}

//go:embed testdata
var files embed.FS

// Body is the body of the API server's request.
func (r Review) Body() ([]byte, error) {
	compressed, err := files.ReadFile("testdata/" + r.File())
	if err != nil {
		return nil, err
	}
	decompressor, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(decompressor)
}

// Compress returns a body as it is stored in its file.
func Compress(body []byte) ([]byte, error) {
	var compressed bytes.Buffer
	w, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	err = w.Close()
	return compressed.Bytes(), err
}
