package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// rewriting is one run of a command that writes the manifests it reads: what
// inject and uninject have in common.
type rewriting struct {
	streams   streams
	files     []string
	recursive bool
	outputs   outputs
	inPlace   bool
	report    string

	talk   *talk
	counts counts
	// broken are the documents that can't be read.
	broken []error
}

func (r *rewriting) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	r.outputs.formats = []format{formatYAML, formatJSON, formatDiff}
	flags.StringArrayVarP(&r.files, "filename", "f", nil, "file or folder of manifests, - for standard input; can be repeated")
	flags.BoolVarP(&r.recursive, "recursive", "R", false, "read the folders in folders too")
	flags.VarP(&r.outputs, "output", "o", "yaml (default), json or diff; FORMAT=FILE writes to a file as well, and can be repeated")
	flags.BoolVar(&r.inPlace, "write", false, "change the files in place; without -o, standard output stays empty")
	flags.StringVar(&r.report, "report", "", "file for what is said on standard error")
	cobra.CheckErr(cmd.MarkFlagRequired("filename"))
}

// open opens what the flags name and lets do work on it.
func (r *rewriting) open(do func(all []source) error) (err error) {
	if err := checkStandardInput(r.files); err != nil {
		return err
	}
	if r.inPlace && slices.Contains(r.files, "-") {
		return errors.New("--write changes files in place; standard input (-) is none")
	}
	report, err := r.openTalk()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, report.Close()) }()
	all, release, err := sources(r.files, r.recursive, r.streams)
	if err != nil {
		return err
	}
	defer release()
	return do(all)
}

// openTalk decides where the talk goes: to standard error, and to the report.
func (r *rewriting) openTalk() (report io.Closer, err error) {
	r.talk = &talk{out: r.streams.err}
	if r.report == "" {
		return io.NopCloser(nil), nil
	}
	file, err := os.Create(r.report)
	if err != nil {
		return nil, fmt.Errorf("making the report: %w", err)
	}
	r.talk.out = io.MultiWriter(r.streams.err, file)
	return file, nil
}

// rewrite lets judge note what is to change in the objects of each document,
// and writes the outcome. Nothing is written before all is known to be well: a
// pipe into kubectl would ship what comes before a refusal.
func (r *rewriting) rewrite(ctx context.Context, all []source, judge func(*manifest.Contents)) error {
	results := r.results()
	defer results.discard()
	var waiting batch
	err := eachDocument(ctx, all, func(d *manifest.Document) error {
		if waiting = append(waiting, &draft{document: d}); !waiting.full() {
			return nil
		}
		err := r.documents(waiting, judge, results)
		waiting = nil
		return err
	})
	if err == nil {
		err = r.documents(waiting, judge, results)
	}
	if err == nil {
		err = errors.Join(r.broken...)
	}
	if err == nil {
		err = results.close()
	}
	if err != nil {
		return err
	}
	return r.finish(results)
}

// documents writes documents as judge wants them, and tells of them in order.
func (r *rewriting) documents(all batch, judge func(*manifest.Contents), results results) error {
	all.read()
	var readable batch
	for _, d := range all {
		if d.unreadable != nil {
			if err := r.orBroken(d.unreadable); err != nil {
				return err
			}
			continue
		}
		r.counts.see(d.document, d.contents)
		judge(d.contents)
		readable = append(readable, d)
	}
	readable.write()
	for _, d := range readable {
		for _, f := range d.faults {
			r.refuse(f)
		}
		if err := results.document(d.document, d.text); err != nil {
			return err
		}
	}
	return nil
}

// orBroken keeps the error of a document that can't be read, so that those
// after it are heard of too.
func (r *rewriting) orBroken(err error) error {
	var syntax *manifest.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	r.broken = append(r.broken, err)
	return nil
}

// refuse names what the API server would not take of an object, or what can't
// be changed in it; no faults refuse nothing.
func (r *rewriting) refuse(faults ...*manifest.Fault) {
	if len(faults) > 0 {
		r.counts.refused++
	}
	for _, f := range faults {
		r.talk.refused(f.Position, f.Object, f.Field+": "+f.Message)
	}
}

// finish writes the results, unless anything was refused.
func (r *rewriting) finish(results results) error {
	if r.counts.refused == 0 {
		if err := results.deliver(); err != nil {
			return fmt.Errorf("writing the results: %w", err)
		}
	}
	r.talk.finish(r.counts)
	if r.counts.refused > 0 {
		return found{}
	}
	return nil
}

// eachDocument goes through the documents of all sources.
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
