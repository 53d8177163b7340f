package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory"
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/manifest"
	"github.com/holdfast-dev/holdfast/policy/report"
)

const auditExample = `  holdfast audit -f manifests/
  helm template web ./chart | holdfast audit -f - --assume enforce
  holdfast audit -f manifests/ -o table -o json=audit.json --fail-on error`

// auditOptions are the flags of audit.
type auditOptions struct {
	streams   streams
	files     []string
	recursive bool
	namespace string
	policy    string
	out       outputs
	failOn    severity
	// failIfNoObjects makes an audit without any Ingress or Service a finding.
	failIfNoObjects bool
	assume          string
	baseline        string
}

func newAuditCommand(s streams) *cobra.Command {
	o := auditOptions{streams: s, out: outputs{formats: reportFormats()}, failOn: severity(policy.SeverityWarning)}
	cmd := &cobra.Command{
		Use:     "audit -f FILE|DIR|-",
		Short:   "Find what in a cluster or in manifests isn't as the policy says",
		Example: auditExample,
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	f := cmd.Flags()
	f.StringArrayVarP(&o.files, filenameFlag, "f", nil, "file or folder of manifests, - for standard input; can be repeated")
	f.BoolVarP(&o.recursive, "recursive", "R", false, "process folders recursively")
	f.StringVarP(&o.namespace, "namespace", "n", "", "Namespace of objects that don't name one")
	f.StringVar(&o.policy, "policy", "", "file with a policy, as for holdfast policy validate (default: the built-in policy)")
	f.VarP(&o.out, "output", "o", o.out.choice()+"; FORMAT=FILE writes to a file as well, and can be repeated")
	f.Var(&o.failOn, "fail-on", "exit with 1 if a finding is at least this grave: error, warning or note")
	f.BoolVar(&o.failIfNoObjects, "fail-if-no-objects", false, "exit with 1 if no "+objectKinds(" and no ")+" is read")
	f.StringVar(&o.assume, "assume", "", "enforce: judge the objects of namespaces without the label as if they had it")
	f.StringVar(&o.baseline, "baseline", "", "an earlier report in the format json; what it has found doesn't count")
	return cmd
}

func (o *auditOptions) run(ctx context.Context) error {
	if err := o.check(); err != nil {
		return err
	}
	known, err := readBaseline(o.baseline)
	if err != nil {
		return err
	}
	p, err := injectPolicy(o.streams, o.policy)
	if err != nil {
		return err
	}
	now := time.Now()
	files := inventory.Files{DefaultNamespace: o.namespace}
	files.Snapshot.Policy = p
	unreadable, err := o.readFiles(ctx, &files)
	if err != nil {
		return err
	}
	result := audit.Find(&files.Snapshot, audit.Options{Today: now.Format(time.DateOnly), AssumeEnforce: o.assume != ""})
	r := report.NewReport(result, o.evidence(now), known)
	if err := o.out.write(o.streams.out, func(out io.Writer, f format) error { return report.Formats[string(f)](out, r) }); err != nil {
		return err
	}
	fmt.Fprintln(o.streams.err, r.Summary)
	return o.outcome(r, unreadable)
}

// check returns an error if flags contradict each other.
func (o *auditOptions) check() error {
	if o.assume != "" && o.assume != string(policy.Enforce) {
		return fmt.Errorf("--assume must be %q", policy.Enforce)
	}
	return checkStandardInput(slices.Concat(o.files, []string{o.policy}))
}

// readFiles reads the manifests. A document with a syntax error is reported, and doesn't
// keep the others from being audited.
func (o *auditOptions) readFiles(ctx context.Context, files *inventory.Files) (unreadable int, err error) {
	messages := &reporter{out: o.streams.err}
	all, release, err := sources(o.files, o.recursive, o.streams, messages)
	if err != nil {
		return 0, err
	}
	defer release()
	for _, src := range all {
		messages.files = append(messages.files, src.name)
	}
	defer messages.flush()
	return unreadable, eachDocument(ctx, all, func(d *manifest.Document) error {
		err := files.Read(d)
		var syntax *manifest.SyntaxError
		if !errors.As(err, &syntax) {
			return err
		}
		unreadable++
		messages.syntaxError(syntax)
		return nil
	})
}

func (o *auditOptions) evidence(now time.Time) report.Evidence {
	return report.Evidence{
		Time: now.UTC().Format(time.RFC3339), Version: version, Files: o.files,
		Policy: cmp.Or(o.policy, "built-in"),
	}
}

// outcome returns the error that the exit code is made of.
func (o *auditOptions) outcome(r *report.Report, unreadable int) error {
	switch {
	case unreadable > 0:
		return fmt.Errorf("%s can't be read", quantity(unreadable, "document"))
	case r.Summary.Has(policy.Severity(o.failOn)):
		return findingsError{}
	case o.failIfNoObjects && r.Summary.Ingresses+r.Summary.Services == 0:
		return findingsError{errors.New("no " + objectKinds(" and no ") + " was read")}
	default:
		return nil
	}
}

// severity is the value of a flag.
type severity policy.Severity

func (s *severity) String() string { return string(*s) }

// Type returns the name of the flag's value in usage texts.
func (s *severity) Type() string { return "SEVERITY" }

// Set parses the value of the flag.
func (s *severity) Set(text string) error {
	switch v := policy.Severity(text); v {
	case policy.SeverityError, policy.SeverityWarning, policy.SeverityNote:
		*s = severity(v)
		return nil
	}
	return errors.New(`must be "error", "warning" or "note"`)
}

// reportFormats are the formats of audit, the default first.
func reportFormats() []format {
	var all []format
	for _, name := range report.Names() {
		all = append(all, format(name))
	}
	return all
}
