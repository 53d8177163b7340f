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

// isPostRenderer tells whether Helm runs this as a plugin, and hands it the
// manifests of a chart.
func (r *rewriting) isPostRenderer() bool {
	return os.Getenv("HELM_PLUGIN_NAME") != "" && len(r.files) == 1 && r.files[0] == "-"
}

// postRender injects on Helm's behalf. Helm throws a post-renderer's standard
// error away, and says of one that fails no more than that. What it does show
// is output that is no manifest; so a failure is told there, in a document that
// neither Helm nor kubectl can take for an object.
func (in *injection) postRender(ctx context.Context) error {
	var said bytes.Buffer
	out := &noticing{Writer: in.streams.out}
	in.streams = streams{in.streams.in, out, io.MultiWriter(in.streams.err, &said)}
	err := in.inject(ctx)
	if err != nil {
		if !errors.As(err, new(found)) {
			fmt.Fprintf(&said, "holdfast: %v\n", err)
		}
		_, err = io.WriteString(out, notManifest(said.String()))
		return err
	}
	if !out.noticed {
		// Helm takes no output at all for a failure.
		_, err = io.WriteString(out, "# no manifests\n")
	}
	return err
}

// notManifest is a YAML document that is a text, on the lines that it has.
func notManifest(text string) string {
	var out strings.Builder
	out.WriteString("|-\n")
	for line := range strings.Lines("Holdfast lets nothing of this through:\n" + text) {
		out.WriteString("  " + strings.Map(printable, strings.TrimRight(line, "\n")) + "\n")
	}
	return out.String()
}

// printable is a character that can stand in a YAML text as it is.
func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}

// noticing is a writer that notices whether anything can be seen of what is
// written.
type noticing struct {
	io.Writer
	noticed bool
}

func (n *noticing) Write(p []byte) (int, error) {
	n.noticed = n.noticed || len(bytes.TrimSpace(p)) > 0
	return n.Writer.Write(p)
}
