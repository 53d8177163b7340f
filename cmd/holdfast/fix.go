package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory"
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

const fixExample = `  holdfast fix -f manifests/ -R
  holdfast fix -f manifests/ -R --yes
  holdfast fix -f web.yaml --policy policy.yaml --assume enforce`

func newFixCommand(s streams) *cobra.Command {
	x := fixRun{manifestRun: manifestRun{streams: s, keepUnreadable: true}}
	cmd := &cobra.Command{
		Use:   "fix -f FILE|DIR",
		Short: "Write into manifests what holdfast audit finds missing or wrong",
		Long: `Write into manifests what holdfast audit -f finds missing or wrong in them, as values of
your own: unlike inject, fix keeps no record of them, so uninject doesn't remove them.
Without --yes it prints the difference and changes nothing; with --yes it changes the files
in place, and every byte beside the values stays.

What has no fix in these files is named, with what to do. Objects with the label
holdfast.dev/policy: ignore and findings that are accepted are left alone.

Exits with 1 if anything stayed that isn't a note, and with 2 if a file can't be read or
written: then no file was changed.`,
		Example: fixExample,
		Args:    noArguments,
		PreRunE: func(*cobra.Command, []string) error { return x.check() },
		RunE:    func(cmd *cobra.Command, _ []string) error { return x.run(cmd.Context()) },
	}
	x.outputs.formats = []format{formatDiff}
	f := cmd.Flags()
	f.StringArrayVarP(&x.files, filenameFlag, "f", nil, "file or folder of manifests; can be repeated")
	f.BoolVarP(&x.recursive, "recursive", "R", false, "process folders recursively")
	f.StringVarP(&x.namespace, "namespace", "n", "", "Namespace of objects that don't name one")
	f.StringVar(&x.policyFile, "policy", "", "file with a policy, as for holdfast policy validate (default: the built-in policy)")
	f.StringVar(&x.assume, "assume", "", "enforce: fix the objects of namespaces without the label as if they had it")
	f.BoolVar(&x.inPlace, "yes", false, "change the files; without it the difference is printed")
	return cmd
}

// fixRun is one run of fix.
type fixRun struct {
	manifestRun
	namespace, policyFile, assume string

	policy *policy.Policy
	// before is what was found in the files.
	before audit.Result
	// changes are those of each object, by the position of its metadata.
	changes map[manifest.Position][]policy.Change
}

func (x *fixRun) check() error {
	switch {
	case len(x.files) == 0:
		return errors.New("-f is missing: fix changes manifests, and no objects of a cluster yet: holdfast fix -f FILE\n" +
			"in a cluster, write an object again where Holdfast enforces: kubectl patch ingress NAME --type=merge -p '{}'")
	case slices.Contains(x.files, "-"):
		return errors.New("fix can't write to standard input; name a file, or use holdfast inject -f -")
	}
	return checkAssumed(x.assume)
}

// run reads the manifests twice, because an object may depend on others that come after
// it.
func (x *fixRun) run(ctx context.Context) error {
	given, err := readPolicyToUse(x.streams, x.policyFile)
	if err != nil {
		return err
	}
	x.policy = given.Policy
	return x.open(func(all []source) error {
		files := x.inventory()
		if err := readInventory(ctx, all, files); err != nil {
			return err
		}
		x.before = audit.Find(&files.Snapshot, x.options())
		x.changes = make(map[manifest.Position][]policy.Change)
		for _, mended := range audit.Mend(&files.Snapshot, x.options()) {
			x.changes[mended.Source.Position(objectPosition)] = mended.Changes
		}
		return x.write(ctx, all)
	})
}

// objectPosition is the field whose position identifies an object of the manifests: several
// may have the same name.
const objectPosition = "metadata"

func (x *fixRun) inventory() *inventory.Files {
	files := &inventory.Files{DefaultNamespace: x.namespace}
	files.Snapshot.Policy = x.policy
	return files
}

func (x *fixRun) options() audit.Options {
	return audit.Options{Today: time.Now().Format(time.DateOnly), AssumeEnforce: x.assume != ""}
}

// write writes the changes, and audits the texts with them for what stayed.
func (x *fixRun) write(ctx context.Context, all []source) error {
	fixed := &rereading{files: x.inventory()}
	results := append(x.results(), fixed)
	defer results.discard()
	if err := x.rewriteInto(ctx, all, x.evaluate, results); err != nil {
		return err
	}
	if err := results.close(); err != nil {
		return err
	}
	if err := results.deliver(); err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	return x.report(len(all), audit.Find(&fixed.files.Snapshot, x.options()))
}

// evaluate sets the changes of a document's objects.
func (x *fixRun) evaluate(c *manifest.Contents) {
	for _, ns := range c.Namespaces {
		ns.Quote()
	}
	for _, class := range c.Classes {
		class.Quote()
	}
	for _, o := range c.Objects {
		o.Quote()
		o.Change(x.changes[o.Position(objectPosition)])
	}
}

// report names what stayed, and writes the summary.
func (x *fixRun) report(files int, after audit.Result) error {
	at := make(map[findingKey]manifest.Position)
	for _, f := range x.before.Findings {
		at[keyOf(f)] = f.Position
	}
	stayed := 0
	for _, f := range after.Findings {
		if position, found := at[keyOf(f)]; found && !x.inPlace {
			// The files are as they were.
			f.Position = position
		}
		if f.Accepted == nil && f.Severity() != policy.SeverityNote {
			stayed++
			if f.Fix != (policy.Fix{}) {
				// The command would be this one.
				f.Command = ""
			}
			x.reporter.finding(f)
		}
	}
	x.reporter.flush()
	fmt.Fprintln(x.reporter.out, x.summary(files, fixedBetween(x.before, after), stayed))
	if stayed > 0 {
		return findingsError{}
	}
	return nil
}

// summary returns the last line: "3 files, 12 Ingresses, 4 Services: 9 fixed; 1 stayed".
func (x *fixRun) summary(files, fixed, stayed int) string {
	read := []string{policy.Quantity(files, "file")}
	for _, k := range dialect.Kinds() {
		read = append(read, policy.Quantity(x.counts.objects[k.Kind], string(k.Kind)))
	}
	outcome := fmt.Sprintf("%d to fix, with --yes; %d would stay", fixed, stayed)
	if x.inPlace {
		outcome = fmt.Sprintf("%d fixed; %d stayed", fixed, stayed)
	}
	return strings.Join(read, ", ") + ": " + outcome
}

// findingKey is what a finding keeps while the files around it change.
type findingKey struct {
	object  audit.Object
	rule    policy.Rule
	target  policy.Target
	setting dialect.Setting
}

func keyOf(f audit.Finding) findingKey { return findingKey{f.Object, f.Rule, f.Target, f.Setting} }

// fixedBetween counts the findings of one result that another one lacks.
func fixedBetween(before, after audit.Result) int {
	left := make(map[findingKey]bool, len(after.Findings))
	for _, f := range after.Findings {
		left[keyOf(f)] = true
	}
	fixed := 0
	for _, f := range before.Findings {
		if f.Accepted == nil && !left[keyOf(f)] {
			fixed++
		}
	}
	return fixed
}

// rereading is a result that reads the new texts into an inventory.
type rereading struct {
	files *inventory.Files
	file  string
	// line is where the next document of the file begins.
	line int
}

func (r *rereading) document(d *manifest.Document, text []byte) error {
	if d.File != r.file {
		r.file, r.line = d.File, 1
	}
	rewritten := d.Rewritten(text, r.line)
	r.line += strings.Count(string(text), "\n")
	return r.files.Read(rewritten)
}

func (r *rereading) close() error   { return nil }
func (r *rereading) deliver() error { return nil }
func (r *rereading) discard()       {}
