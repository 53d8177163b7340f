package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// manifestRun is one run of a command that changes manifests. It is what inject and
// uninject have in common.
type manifestRun struct {
	streams   streams
	files     []string
	recursive bool
	outputs   outputs
	inPlace   bool
	report    string
	// failIfNoObjects makes input without any object that Holdfast changes an error.
	failIfNoObjects bool
	// keepUnreadable leaves documents that can't be parsed as they are and says nothing of
	// them.
	keepUnreadable bool

	reporter *reporter
	counts   counts
}

func (r *manifestRun) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	r.outputs.formats = []format{formatYAML, formatJSON, formatDiff}
	flags.StringArrayVarP(&r.files, filenameFlag, "f", nil, "file or folder of manifests, - for standard input; can be repeated")
	flags.BoolVarP(&r.recursive, "recursive", "R", false, "process folders recursively")
	flags.VarP(&r.outputs, "output", "o", "yaml (default), json or diff; FORMAT=FILE writes to a file as well, and can be repeated")
	flags.BoolVar(&r.inPlace, "write", false, "change the files in place; without -o, standard output stays empty")
	flags.StringVar(&r.report, "report", "", "also write messages to this file")
	flags.BoolVar(&r.failIfNoObjects, "fail-if-no-objects", false, "exit with 1, and write nothing, if no "+objectKinds()+" is read")
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if len(r.files) == 0 {
			return missingFile(cmd, "a file or a folder of manifests")
		}
		return nil
	}
}

// open opens the manifests that the flags name, and calls do with them.
func (r *manifestRun) open(do func(all []source) error) (err error) {
	if err := checkStandardInput(r.files); err != nil {
		return err
	}
	if r.inPlace && slices.Contains(r.files, "-") {
		return errors.New("--write can't be used with standard input")
	}
	report, err := r.openReport()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, report.Close()) }()
	all, release, err := sources(r.files, r.recursive, r.streams, r.reporter)
	if err != nil {
		return err
	}
	defer release()
	for _, src := range all {
		r.reporter.files = append(r.reporter.files, src.name)
	}
	defer r.reporter.flush()
	return do(all)
}

// openReport makes the reporter, which writes to standard error and to the file of
// --report.
func (r *manifestRun) openReport() (report io.Closer, err error) {
	r.reporter = &reporter{out: r.streams.err}
	if r.report == "" {
		return io.NopCloser(nil), nil
	}
	file, err := os.Create(r.report)
	if err != nil {
		return nil, fmt.Errorf("creating the report: %w", err)
	}
	r.reporter.out = io.MultiWriter(r.streams.err, file)
	return file, nil
}

// rewrite calls evaluate, which sets the changes of the objects, for each document and
// writes the results. It writes nothing before all documents are evaluated, because a
// pipe into kubectl would apply what comes before a refusal.
func (r *manifestRun) rewrite(ctx context.Context, all []source, evaluate func(*manifest.Contents)) error {
	results := r.results()
	defer results.discard()
	err := r.rewriteInto(ctx, all, evaluate, results)
	if err == nil && r.counts.unreadable > 0 {
		err = fmt.Errorf("%s can't be read, so nothing was written", policy.Quantity(r.counts.unreadable, "document"))
	}
	if err == nil {
		err = results.close()
	}
	if err != nil {
		return err
	}
	return r.finish(results)
}

// rewriteInto writes the results without delivering them.
func (r *manifestRun) rewriteInto(ctx context.Context, all []source, evaluate func(*manifest.Contents), results results) error {
	var pending batch
	err := eachDocument(ctx, all, func(d *manifest.Document) error {
		if pending = append(pending, &pendingDocument{document: d}); !pending.full() {
			return nil
		}
		err := r.rewriteBatch(pending, evaluate, results)
		pending = nil
		return err
	})
	if err != nil {
		return err
	}
	return r.rewriteBatch(pending, evaluate, results)
}

// rewriteBatch evaluates and writes the documents of a batch, and reports the findings.
func (r *manifestRun) rewriteBatch(all batch, evaluate func(*manifest.Contents), results results) error {
	all.read()
	var readable batch
	for _, d := range all {
		if d.readError != nil {
			if err := r.reportSyntaxError(d.readError); err != nil {
				return err
			}
			continue
		}
		r.counts.add(d.document, d.contents)
		evaluate(d.contents)
		readable = append(readable, d)
	}
	readable.write()
	for _, d := range all {
		for _, f := range d.faults {
			r.refuse(f)
		}
		if d.readError != nil {
			if !r.keepUnreadable {
				continue
			}
			d.text = d.document.Text()
		}
		if err := results.document(d.document, d.text); err != nil {
			return err
		}
	}
	return nil
}

// reportSyntaxError reports a syntax error and lets the run go on, so that the documents
// after it are checked too. It returns any other error.
func (r *manifestRun) reportSyntaxError(err error) error {
	var syntax *manifest.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	if r.keepUnreadable {
		return nil
	}
	r.counts.unreadable++
	r.reporter.syntaxError(syntax)
	return nil
}

// refuse reports the faults of an object, and counts it as refused if there are any.
func (r *manifestRun) refuse(faults ...*manifest.Fault) {
	if len(faults) > 0 {
		r.counts.refused++
	}
	for _, f := range faults {
		r.reporter.refusal(f.Position, f.Object, f.Field+": "+f.Message)
	}
}

// warn reports what an object has that may not be what was meant.
func (r *manifestRun) warn(warnings []*manifest.Fault) {
	for _, w := range warnings {
		r.reporter.warning(w.Position, w.Object, w.Field+": "+w.Message)
	}
}

// finish writes the results, unless an object was refused or there is none and must be
// some.
func (r *manifestRun) finish(results results) error {
	withheld := r.counts.refused > 0 || r.failIfNoObjects && !r.counts.hasObjects()
	if !withheld {
		if err := results.deliver(); err != nil {
			return fmt.Errorf("writing the results: %w", err)
		}
	}
	r.reporter.finish(r.counts)
	if withheld {
		return findingsError{}
	}
	return nil
}

// eachDocument calls each for every document of all sources.
func eachDocument(ctx context.Context, all []source, each func(*manifest.Document) error) error {
	for _, src := range all {
		if err := documentsOf(ctx, src, each); err != nil {
			return err
		}
	}
	return nil
}

func documentsOf(ctx context.Context, src source, each func(*manifest.Document) error) error {
	in, err := src.open()
	if err != nil {
		return err
	}
	defer in.Close()
	reader := manifest.NewReader(in, src.name)
	for ctx.Err() == nil {
		d, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = each(d)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
