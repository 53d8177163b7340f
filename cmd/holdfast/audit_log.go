package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/auditlog"
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/duration"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// The flags of an audit that reads the API server's audit log.
const (
	auditLogFlag = "audit-log"
	sinceFlag    = "since"
)

// auditLogFlags say which audit log is read, and from when on.
type auditLogFlags struct {
	files []string
	since duration.Duration
}

func (a *auditLogFlags) add(f *pflag.FlagSet) {
	f.StringArrayVar(&a.files, auditLogFlag, nil, "read the API server's audit log in this `FILE`, plain or .gz, - for standard input; can be repeated")
	f.TextVar(&a.since, sinceFlag, duration.Duration(0), "with --audit-log, read only what was written in this `DURATION` until now, such as 168h (default: everything)")
}

// withAuditLog are the flags that have a meaning beside --audit-log.
var withAuditLog = []string{auditLogFlag, sinceFlag, "namespace", "all-namespaces", "output", "quiet"}

// check returns an error if flags are set that have no meaning beside each other.
func (a *auditLogFlags) check(f *pflag.FlagSet) error {
	if len(a.files) == 0 {
		if f.Changed(sinceFlag) {
			return fmt.Errorf("--%s needs --%s FILE", sinceFlag, auditLogFlag)
		}
		return nil
	}
	return errors.Join(checkOthers(f, "--"+auditLogFlag, withAuditLog), checkStandardInput(a.files))
}

// runLog reads the audit logs and writes what Holdfast did. Entries are written as they are
// read, so that a log of any size can be read.
func (o *auditOptions) runLog(ctx context.Context) error {
	now := time.Now().UTC().Truncate(time.Second)
	evidence := auditlog.Evidence{Time: now, Version: version, Files: o.log.files, Namespace: o.namespace()}
	options := auditlog.Options{Namespace: o.namespace()}
	if o.log.since > 0 {
		options.Since = now.Add(-time.Duration(o.log.since))
		evidence.Since = &options.Since
	}
	logs, err := o.openLogs()
	if err != nil {
		return err
	}
	defer logs.close()
	printers, err := o.logPrinters(evidence)
	if err != nil {
		return err
	}
	log := auditlog.New(options, printers.entry)
	err = logs.read(ctx, log)
	summary := log.Summary()
	if err := errors.Join(err, printers.close(summary)); err != nil {
		return err
	}
	if !o.quiet && !o.out.shows(formatTable) {
		fmt.Fprintln(o.streams.err, summary)
	}
	if summary.Unreadable > 0 && summary.From == nil {
		return errors.New("no line is an audit.k8s.io/v1 Event: is this the audit log of an API server, in JSON?")
	}
	return nil
}

// openedLogs are audit logs that are open.
type openedLogs []openedLog

type openedLog struct {
	name string
	io.ReadCloser
}

// openLogs opens all logs, so that nothing is written if one isn't there.
func (o *auditOptions) openLogs() (openedLogs, error) {
	var all openedLogs
	for _, name := range o.log.files {
		if name == "-" {
			all = append(all, openedLog{manifest.StandardInput, io.NopCloser(o.streams.in)})
			continue
		}
		file, err := os.Open(name)
		if err != nil {
			all.close()
			return nil, fmt.Errorf("reading the audit log: %w", err)
		}
		all = append(all, openedLog{name, file})
	}
	return all, nil
}

// read reads the logs in their order.
func (l openedLogs) read(ctx context.Context, log *auditlog.Log) error {
	for _, each := range l {
		if err := log.Read(ctx, each); err != nil {
			return fmt.Errorf("reading the audit log %s: %w", each.name, err)
		}
	}
	return nil
}

func (l openedLogs) close() {
	for _, each := range l {
		each.Close()
	}
}

// logPrinters are the printers of all -o flags.
type logPrinters struct {
	all []logPrinter
}

type logPrinter struct {
	auditlog.Printer
	buffer *bufio.Writer
	// file is nil for standard output.
	file io.Closer
}

// logPrinters opens the outputs.
func (o *auditOptions) logPrinters(evidence auditlog.Evidence) (*logPrinters, error) {
	all := o.out.all(false)
	for _, each := range all {
		if !slices.Contains(auditlog.Names, string(each.format)) {
			return nil, fmt.Errorf("--%s can't be used with -o %s; use -o %s", auditLogFlag, each.format, policy.Enumerated(auditlog.Names, "or"))
		}
	}
	var p logPrinters
	for _, each := range all {
		if err := p.open(each, o.streams.out, evidence); err != nil {
			return nil, fmt.Errorf("writing the results: %w", errors.Join(err, p.closeFiles()))
		}
	}
	return &p, nil
}

// open adds the printer of an output.
func (p *logPrinters) open(o output, stdout io.Writer, evidence auditlog.Evidence) error {
	next := logPrinter{buffer: bufio.NewWriter(stdout)}
	if o.file != "" {
		file, err := os.Create(o.file)
		if err != nil {
			return err
		}
		next.buffer, next.file = bufio.NewWriter(file), file
	}
	next.Printer = auditlog.Formats[string(o.format)](next.buffer, evidence)
	p.all = append(p.all, next)
	return nil
}

func (p *logPrinters) entry(e auditlog.Entry) error {
	for _, each := range p.all {
		if err := each.Entry(e); err != nil {
			return err
		}
	}
	return nil
}

// close ends all outputs with the summary.
func (p *logPrinters) close(s auditlog.Summary) error {
	var err error
	for _, each := range p.all {
		err = errors.Join(err, each.Close(s), each.buffer.Flush())
	}
	if err = errors.Join(err, p.closeFiles()); err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	return nil
}

func (p *logPrinters) closeFiles() error {
	var err error
	for _, each := range p.all {
		if each.file != nil {
			err = errors.Join(err, each.file.Close())
		}
	}
	return err
}
