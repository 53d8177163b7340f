package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
	"github.com/holdfast-dev/holdfast/policy/report"
)

// format is a form in which a command writes its results.
type format string

const (
	formatYAML     format = "yaml"
	formatJSON     format = "json"
	formatDiff     format = "diff"
	formatTable    format = "table"
	formatMarkdown format = "markdown"
)

// output is the value of one -o flag.
type output struct {
	format format
	// file is empty for standard output.
	file string
}

// deliver writes a text to the output's file, or to standard output.
func (o output) deliver(stdout io.Writer, text io.Reader) (err error) {
	out := stdout
	if o.file != "" {
		file, failed := os.Create(o.file)
		if failed != nil {
			return failed
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		out = file
	}
	_, err = io.Copy(out, text)
	return err
}

// outputs are the values of all -o flags.
type outputs struct {
	// formats are the formats of the command; the first is the default.
	formats   []format
	requested []output
}

// String returns no default for the usage text, because the default depends on
// --write.
func (o *outputs) String() string { return "" }

// Type returns the name of the flag's value in usage texts.
func (o *outputs) Type() string { return "FORMAT" }

// Set adds the value of one flag: FORMAT or FORMAT=FILE.
func (o *outputs) Set(text string) error {
	name, file, toFile := strings.Cut(text, "=")
	next := output{format(name), file}
	switch {
	case !slices.Contains(o.formats, next.format):
		return fmt.Errorf("must be %s", o.choice())
	case toFile && file == "":
		return errors.New("missing file after the =")
	case !toFile && o.toStandardOutput():
		return errors.New("standard output takes only one format; write the others to files: FORMAT=FILE")
	}
	o.requested = append(o.requested, next)
	return nil
}

// choice returns the formats as a sentence lists them: "yaml", "json" or "diff".
func (o *outputs) choice() string {
	quoted := make([]string, len(o.formats))
	for i, f := range o.formats {
		quoted[i] = strconv.Quote(string(f))
	}
	return policy.Enumerated(quoted, "or")
}

// toStandardOutput reports whether one of them goes to standard output.
func (o *outputs) toStandardOutput() bool {
	return slices.ContainsFunc(o.requested, func(each output) bool { return each.file == "" })
}

// shows reports whether a format goes to standard output.
func (o *outputs) shows(f format) bool { return slices.Contains(o.all(false), output{format: f}) }

// has reports whether a format is requested, to wherever it goes.
func (o *outputs) has(f format) bool {
	return slices.ContainsFunc(o.requested, func(each output) bool { return each.format == f })
}

// all returns the requested outputs. Unless silent, it adds the default format if
// none of them goes to standard output.
func (o *outputs) all(silent bool) []output {
	if o.toStandardOutput() || silent {
		return o.requested
	}
	return append([]output{{format: o.formats[0]}}, o.requested...)
}

// write calls show for each output and delivers what it wrote.
func (o *outputs) write(stdout io.Writer, show func(io.Writer, format) error) error {
	for _, each := range o.all(false) {
		var text bytes.Buffer
		if err := show(&text, each.format); err != nil {
			return err
		}
		if err := each.deliver(stdout, &text); err != nil {
			return fmt.Errorf("writing the results: %w", err)
		}
	}
	return nil
}

// writeValue writes a value as JSON, or as YAML with the same fields.
func writeValue(out io.Writer, f format, value any) error {
	if f == formatYAML {
		return report.EncodeYAML(out, value)
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "    ")
	return encoder.Encode(value)
}

// printer writes documents in one of the formats.
type printer interface {
	// document writes a document with its new text.
	document(d *manifest.Document, text []byte) error
	// close writes what is still buffered.
	close() error
}

func (f format) printer(out io.Writer, colour bool) printer {
	switch f {
	case formatJSON:
		return &jsonPrinter{out: out}
	case formatDiff:
		return &diffPrinter{out: out, colour: colour}
	default:
		return &yamlPrinter{out: out}
	}
}

// yamlPrinter writes the new texts of the documents as one stream.
type yamlPrinter struct {
	out  io.Writer
	file string
	// begun reports whether anything was written, openLine whether the last line
	// lacks its line feed.
	begun, openLine bool
}

func (p *yamlPrinter) document(d *manifest.Document, text []byte) error {
	if p.begun && d.File != p.file {
		if err := p.separate(d); err != nil {
			return err
		}
	}
	p.file, p.begun = d.File, true
	if len(text) > 0 {
		p.openLine = text[len(text)-1] != '\n'
	}
	_, err := p.out.Write(text)
	return err
}

// separate writes the separator before the first document of a file.
func (p *yamlPrinter) separate(d *manifest.Document) error {
	separator := ""
	if p.openLine {
		separator = "\n"
	}
	if !d.Marked() {
		separator += "---\n"
	}
	_, err := io.WriteString(p.out, separator)
	return err
}

func (p *yamlPrinter) close() error { return nil }

// jsonPrinter writes each document as a JSON value, as kubectl create -o json
// does.
type jsonPrinter struct{ out io.Writer }

func (p *jsonPrinter) document(d *manifest.Document, text []byte) error {
	json, err := d.JSON(text)
	if err != nil {
		return err
	}
	_, err = p.out.Write(json)
	return err
}

func (p *jsonPrinter) close() error { return nil }
