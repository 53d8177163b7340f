package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
)

// isPostRenderer reports whether Helm runs this as a post-renderer, with the manifests
// of a chart on standard input.
func (r *manifestRun) isPostRenderer() bool {
	return os.Getenv("HELM_PLUGIN_NAME") != "" && len(r.files) == 1 && r.files[0] == "-"
}

// postRender injects as a post-renderer of Helm. Helm discards a post-renderer's
// standard error, and says only that it failed if it fails. But it shows output
// that isn't a manifest. So failures are written to standard output, as a
// document that neither Helm nor kubectl can take for an object.
func (in *injectRun) postRender(ctx context.Context) error {
	var messages bytes.Buffer
	out := &outputDetector{Writer: in.streams.out}
	in.streams = streams{in.streams.in, out, io.MultiWriter(in.streams.err, &messages)}
	err := in.inject(ctx)
	if err != nil {
		if !errors.As(err, new(findingsError)) {
			fmt.Fprintf(&messages, "holdfast: %v\n", err)
		}
		_, err = io.WriteString(out, notManifest(messages.String()))
		return err
	}
	if !out.written {
		// Helm treats empty output as a failure.
		_, err = io.WriteString(out, "# no manifests\n")
	}
	return err
}

// notManifest returns a text as a YAML document that is a string and no object.
func notManifest(text string) string {
	var out strings.Builder
	out.WriteString("|-\n")
	for line := range strings.Lines("Holdfast refused these manifests:\n" + text) {
		out.WriteString("  " + strings.Map(printable, strings.TrimRight(line, "\n")) + "\n")
	}
	return out.String()
}

// printable returns r, or a space if a YAML block scalar can't contain r.
func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}

// outputDetector is a writer that detects output other than white space.
type outputDetector struct {
	io.Writer
	// written reports whether there was any.
	written bool
}

func (d *outputDetector) Write(p []byte) (int, error) {
	d.written = d.written || len(bytes.TrimSpace(p)) > 0
	return d.Writer.Write(p)
}
