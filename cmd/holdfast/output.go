package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/manifest"
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

// output is one thing that -o asks for.
type output struct {
	format format
	// file is empty for standard output.
	file string
}

// deliver writes a text to where the output belongs.
func (o output) deliver(stdout io.Writer, text io.Reader) (err error) {
	out := stdout
	if o.file != "" {
		file, err := os.Create(o.file)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		out = file
	}
	_, err = io.Copy(out, text)
	return err
}

// outputs are all that -o asks for.
type outputs struct {
	// formats are those that the command has; without -o it is the first.
	formats []format
	asked   []output
}

// String is what the usage text shows as the default: nothing, since --write
// changes it.
func (o *outputs) String() string { return "" }

// Type is how usage texts call the flag's value.
func (o *outputs) Type() string { return "FORMAT" }

// Set reads the flag once: FORMAT, or FORMAT=FILE.
func (o *outputs) Set(text string) error {
	name, file, toFile := strings.Cut(text, "=")
	next := output{format(name), file}
	switch {
	case !slices.Contains(o.formats, next.format):
		return fmt.Errorf("must be %s", o.choice())
	case toFile && file == "":
		return errors.New("names no file behind the =")
	case !toFile && o.shows():
		return errors.New("standard output takes only one format; write the others to files: FORMAT=FILE")
	}
	o.asked = append(o.asked, next)
	return nil
}

// choice lists the formats: "yaml", "json" or "diff".
func (o *outputs) choice() string {
	quoted := make([]string, len(o.formats))
	for i, f := range o.formats {
		quoted[i] = strconv.Quote(string(f))
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}

// shows tells whether one of them is for standard output.
func (o *outputs) shows() bool {
	return slices.ContainsFunc(o.asked, func(each output) bool { return each.file == "" })
}

// all adds the results themselves on standard output where nothing else is asked
// for there, unless they need not be shown.
func (o *outputs) all(silent bool) []output {
	if o.shows() || silent {
		return o.asked
	}
	return append([]output{{format: o.formats[0]}}, o.asked...)
}

// printer writes documents in one of the formats.
type printer interface {
	// document writes a document whose text is to be another one.
	document(d *manifest.Document, text []byte) error
	// close writes what is left.
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

// yamlPrinter writes the documents as they are to be, one file after the other.
type yamlPrinter struct {
	out  io.Writer
	file string
	// begun and open say that something was written, and that its last line
	// has no end.
	begun, open bool
}

func (p *yamlPrinter) document(d *manifest.Document, text []byte) error {
	if p.begun && d.File != p.file {
		if err := p.separate(d); err != nil {
			return err
		}
	}
	p.file, p.begun = d.File, true
	if len(text) > 0 {
		p.open = text[len(text)-1] != '\n'
	}
	_, err := p.out.Write(text)
	return err
}

// separate keeps the first document of a file apart from what comes before.
func (p *yamlPrinter) separate(d *manifest.Document) error {
	separator := ""
	if p.open {
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
