package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory"
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/manifest"
	"github.com/holdfast-dev/holdfast/policy/report"
)

const auditExample = `  holdfast audit
  holdfast audit -n shop -o table -o json=audit.json
  holdfast audit -f manifests/
  helm template web ./chart | holdfast audit -f - --assume enforce
  holdfast audit -f manifests/ -o table -o json=audit.json --fail-on error
  holdfast audit --audit-log /var/log/kubernetes/audit.log --since 168h`

// auditOptions are the flags of audit.
type auditOptions struct {
	streams   streams
	files     []string
	recursive bool
	cluster   clusterFlags
	scope     scopeFlags
	policy    string
	out       outputs
	failOn    severity
	// failIfNoObjects makes an audit without any Ingress or Service a finding.
	failIfNoObjects bool
	assume          string
	// quiet leaves out what is written to standard error beside errors.
	quiet    bool
	baseline string
	log      auditLogFlags
}

func newAuditCommand(s streams) *cobra.Command {
	o := auditOptions{streams: s, out: outputs{formats: reportFormats()}, failOn: severity(policy.SeverityWarning), cluster: newClusterFlags()}
	cmd := &cobra.Command{
		Use:   "audit [-f FILE|DIR|- | --audit-log FILE|-]",
		Short: "Find what in a cluster or in manifests isn't as the policy says",
		Long: `Find what in a cluster isn't as the policy says, or in manifests with -f. The cluster is
that of your kubeconfig. It is only read, with GET requests, and Holdfast needn't be
installed there. What your account's rights don't allow reading is named, and the rules that
need it aren't checked.

With --audit-log it reads the API server's audit log instead, and lists what Holdfast
changed, when, for whom and under which policy, and the writes that were admitted without it.

The exit code is 0 if nothing was found that is as grave as --fail-on says, 1 if something
was, 2 if nothing was found but something couldn't be read, and 124 if a request took longer
than --request-timeout. With --audit-log it is 0, or 2 if a log couldn't be read.`,
		Example: auditExample,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.log.check(cmd.Flags()); err != nil {
				return err
			}
			if len(o.log.files) > 0 {
				return o.runLog(cmd.Context())
			}
			if err := o.check(cmd.Flags()); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	o.log.add(f)
	f.StringArrayVarP(&o.files, filenameFlag, "f", nil, "file or folder of manifests, - for standard input; can be repeated")
	f.BoolVarP(&o.recursive, "recursive", "R", false, "process folders recursively")
	o.cluster.add(f, "audit only this Namespace; with -f, the Namespace of objects that don't name one")
	o.scope.add(f)
	f.StringVar(&o.policy, "policy", "", "file with a policy, as for holdfast policy validate (default: the cluster's, else the built-in policy)")
	f.VarP(&o.out, "output", "o", o.out.choice()+"; FORMAT=FILE writes to a file as well, and can be repeated")
	f.Var(&o.failOn, "fail-on", "exit with 1 if a finding is at least this grave: error, warning or note")
	f.BoolVar(&o.failIfNoObjects, "fail-if-no-objects", false, "exit with 1 if no "+objectKinds()+" is read")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "write only the report, and no summary and no progress to standard error")
	f.StringVar(&o.assume, "assume", "", "enforce: evaluate the objects of namespaces without the label as if they had it")
	f.StringVar(&o.baseline, "baseline", "", "an earlier report in the format json; what it has found doesn't count")
	return cmd
}

func (o *auditOptions) run(ctx context.Context) error {
	known, err := readBaseline(o.baseline)
	if err != nil {
		return err
	}
	debug.SetMemoryLimit(min(debug.SetMemoryLimit(-1), softMemoryLimit))
	now := time.Now()
	evidence := report.Evidence{Time: now.UTC().Format(time.RFC3339), Version: version, Baseline: o.baseline}
	snapshot, err := o.read(ctx, &evidence)
	if err != nil {
		return err
	}
	result := audit.Find(snapshot, audit.Options{Today: now.Format(time.DateOnly), AssumeEnforce: o.assume != ""})
	r := report.NewReport(result, evidence, known)
	if err := o.out.write(o.streams.out, func(out io.Writer, f format) error { return report.Formats[string(f)](out, r) }); err != nil {
		return err
	}
	if !o.quiet && !o.out.shows(report.Default) {
		fmt.Fprintln(o.streams.err, r.Summary)
	}
	return o.outcome(r)
}

// check returns an error if flags contradict each other.
func (o *auditOptions) check(f *pflag.FlagSet) error {
	if err := checkAssumed(o.assume); err != nil {
		return err
	}
	if len(o.files) > 0 {
		if err := checkOthers(f, "-f", withFiles); err != nil {
			return err
		}
	}
	return checkStandardInput(slices.Concat(o.files, []string{o.policy}))
}

// checkAssumed returns an error if --assume has a value that doesn't exist.
func checkAssumed(mode string) error {
	if mode != "" && mode != string(policy.Enforce) {
		return fmt.Errorf("--assume: %q must be %q", mode, policy.Enforce)
	}
	return nil
}

// softMemoryLimit keeps the memory flat while a cluster is read: an audit mostly waits for
// the API server, so that collecting garbage more often costs little. It suffices for
// 10,000 Ingresses and as many Services; a larger cluster takes more.
const softMemoryLimit = 80 << 20

// builtIn is what reports call the built-in policy.
const builtIn = "built-in"

// read reads the manifests, or the cluster if there are none, and adds to the evidence what
// was read.
func (o *auditOptions) read(ctx context.Context, evidence *report.Evidence) (*audit.Snapshot, error) {
	if len(o.files) == 0 {
		return o.readCluster(ctx, evidence)
	}
	given, err := o.givenPolicy(evidence)
	if err != nil {
		return nil, err
	}
	files := inventory.Files{DefaultNamespace: *o.cluster.Namespace}
	files.Snapshot.Policy = given
	if files.Snapshot.Policy == nil {
		files.Snapshot.Policy, evidence.Policy = policy.Default(), builtIn
	}
	evidence.Files = o.files
	return &files.Snapshot, o.readFiles(ctx, &files)
}

// readFiles reads the manifests.
func (o *auditOptions) readFiles(ctx context.Context, files *inventory.Files) error {
	messages := &reporter{out: o.streams.err}
	all, release, err := sources(o.files, o.recursive, o.streams, messages)
	if err != nil {
		return err
	}
	defer release()
	for _, src := range all {
		messages.files = append(messages.files, src.name)
	}
	defer messages.flush()
	return readInventory(ctx, all, files)
}

// readInventory reads manifests into a snapshot. What is no YAML in a file doesn't keep the
// rest from being read.
func readInventory(ctx context.Context, all []source, files *inventory.Files) error {
	for _, src := range all {
		err := documentsOf(ctx, src, files.Read)
		var syntax *manifest.SyntaxError
		switch {
		case errors.As(err, &syntax):
			files.Snapshot.AddSyntaxError(syntax)
		case err != nil:
			return err
		}
	}
	return nil
}

// outcome returns the error that the exit code is made of.
func (o *auditOptions) outcome(r *report.Report) error {
	switch {
	case r.Summary.Has(policy.Severity(o.failOn)):
		return findingsError{}
	case o.failIfNoObjects && r.Summary.Ingresses+r.Summary.Services == 0:
		return findingsError{errors.New("no " + objectKinds() + " was read")}
	case len(r.Summary.Unread) > 0:
		return o.incomplete(r.Summary.Unread)
	default:
		return nil
	}
}

// incomplete returns the error of an audit that found nothing but didn't read everything.
// The report says that too.
func (o *auditOptions) incomplete(all []audit.Unread) error {
	if o.quiet {
		return unreadError{}
	}
	names := make([]string, 0, len(all))
	for _, each := range all {
		names = append(names, each.Resource)
	}
	return unreadError{errors.New("nothing that --fail-on counts was found, but not everything could be read: " + strings.Join(names, ", "))}
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
