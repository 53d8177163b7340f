package auditlog

import (
	"io"
	"time"
)

// Evidence is what was read, when and by which program.
type Evidence struct {
	// Time is when reading began, Version the program's.
	Time    time.Time `json:"time"`
	Version string    `json:"version"`
	// Files are the logs in the order in which they were read; - is standard input.
	Files []string `json:"files"`
	// Since is when the period begins; nil for the beginning of the log.
	Since *time.Time `json:"since,omitempty"`
	// Namespace is the only one that counts; empty for all.
	Namespace string `json:"namespace,omitempty"`
}

// Printer writes entries in a format, each as it is read.
type Printer interface {
	Entry(e Entry) error
	// Close writes what stands behind the entries.
	Close(s Summary) error
}

// Formats are the formats by name. Nothing writes to it.
var Formats = map[string]func(out io.Writer, e Evidence) Printer{
	"table": func(out io.Writer, e Evidence) Printer { return &table{out, e} },
	"json":  func(out io.Writer, e Evidence) Printer { return &document{out: out, evidence: e} },
}

// Names are the names of the formats, the default first. Nothing writes to it.
var Names = []string{"table", "json"}

// since returns when the period begins; zero for the beginning of the log.
func (e Evidence) since() time.Time {
	if e.Since == nil {
		return time.Time{}
	}
	return *e.Since
}
