package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory"
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
	"github.com/holdfast-dev/holdfast/policy/report"
)

const describeExample = `  holdfast describe ingress/web -n shop
  holdfast describe service/chat -n shop -o json
  holdfast describe ingress/web -f manifests/
  holdfast describe ingress/web -n shop --assume enforce`

// describeOptions are the flags of describe.
type describeOptions struct {
	streams   streams
	files     []string
	recursive bool
	cluster   clusterFlags
	policy    string
	assume    string
	out       outputs
}

func newDescribeCommand(s streams) *cobra.Command {
	o := describeOptions{streams: s, cluster: newClusterFlags(), out: outputs{formats: []format{formatTable, formatJSON, formatYAML}}}
	cmd := &cobra.Command{
		Use:   "describe KIND/NAME [-f FILE|DIR|-]",
		Short: "Show why an Ingress or a Service is as it is",
		Long: `Show what Holdfast does with one Ingress or Service and why: what decides it, each value
and who asked for it, every known timer that closes its WebSockets, what keeps clients on
one pod, what the next write changes, and how to override that.

The object is read from the cluster of your kubeconfig, with GET requests only, or from
manifests with -f. What your account's rights don't allow reading is named.`,
		Example: describeExample,
		RunE:    o.run,
	}
	f := cmd.Flags()
	f.StringArrayVarP(&o.files, filenameFlag, "f", nil, "file or folder of manifests, - for standard input; can be repeated")
	f.BoolVarP(&o.recursive, "recursive", "R", false, "process folders recursively")
	o.cluster.add(f, "the object's Namespace")
	f.StringVar(&o.policy, "policy", "", "file with a policy, as for holdfast policy validate (default: the cluster's, else the built-in policy)")
	f.StringVar(&o.assume, "assume", "", "enforce: describe an object whose Namespace doesn't have the label as if it had it")
	f.VarP(&o.out, "output", "o", o.out.choice()+"; FORMAT=FILE writes to a file as well, and can be repeated")
	return cmd
}

func (o *describeOptions) run(cmd *cobra.Command, args []string) error {
	of, err := parseReference(cmd.CommandPath(), args)
	if err != nil {
		return err
	}
	if len(o.files) > 0 {
		if err := checkOthers(cmd.Flags(), "-f", withFiles); err != nil {
			return err
		}
	}
	if err := checkAssumed(o.assume); err != nil {
		return err
	}
	if err := checkStandardInput(append([]string{o.policy}, o.files...)); err != nil {
		return err
	}
	known, err := o.read(cmd.Context(), &of)
	if err != nil {
		return err
	}
	known.assumed = o.assume != ""
	object, err := of.find(known.snapshot, known.where)
	if err != nil {
		return err
	}
	d := describe(known, object)
	return o.out.write(o.streams.out, func(out io.Writer, f format) error {
		if f == formatTable {
			return writeDescription(out, d)
		}
		return writeValue(out, f, d)
	})
}

// knownCluster is what is known of an object and the cluster that it is in.
type knownCluster struct {
	snapshot *audit.Snapshot
	// policy is what the description calls the policy.
	policy string
	// where ends the error that the object isn't there: "in Namespace shop".
	where string
	// notInstalled says that no API server calls Holdfast in the cluster.
	notInstalled bool
	// assumed says that a Namespace without the label is described as if it had it, and a
	// cluster without Holdfast as if it were installed.
	assumed bool
}

// read reads what decides about the object, from manifests or from a cluster.
func (o *describeOptions) read(ctx context.Context, of *reference) (knownCluster, error) {
	var evidence report.Evidence
	source := auditOptions{streams: o.streams, files: o.files, recursive: o.recursive, cluster: o.cluster, policy: o.policy}
	if len(o.files) == 0 {
		return source.readAround(ctx, of, &evidence)
	}
	of.namespace = *o.cluster.Namespace
	known := knownCluster{where: "in the manifests"}
	files := inventory.Files{DefaultNamespace: of.namespace}
	given, err := source.givenPolicy(&evidence)
	if err != nil {
		return known, err
	}
	if given == nil {
		given, evidence.Policy = policy.Default(), builtIn
	}
	files.Snapshot.Policy, known.policy = given, evidence.Policy
	known.snapshot = &files.Snapshot
	return known, source.readFiles(ctx, &files)
}

// errNoKind is the error of a reference without a kind.
var errNoKind = errors.New("name one object as KIND/NAME")
