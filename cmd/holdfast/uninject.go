package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

const uninjectExample = `  holdfast uninject -f web.yaml
  holdfast uninject -f manifests/ -R --write -o diff
  kubectl get ingress,service -o yaml | holdfast uninject -f -`

func newUninjectCommand(s streams) *cobra.Command {
	un := uninjectRun{manifestRun{streams: s}}
	cmd := &cobra.Command{
		Use:   "uninject -f FILE|DIR|-",
		Short: "Remove what Holdfast injected from manifests",
		Long: `Write manifests to standard output without what holdfast.dev/injected records as
injected. The input of holdfast inject is restored byte for byte; only a corrected
value may have other quotes. A value that was changed after it was injected stays.

Exits with 1 and writes nothing if an object can't be changed.`,
		Example: uninjectExample,
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return un.run(cmd.Context()) },
	}
	un.addFlags(cmd)
	return cmd
}

// uninjectRun is one run of uninject.
type uninjectRun struct{ manifestRun }

func (un *uninjectRun) run(ctx context.Context) error {
	return un.open(func(all []source) error { return un.rewrite(ctx, all, un.evaluate) })
}

// evaluate sets the changes that remove what was injected. Objects without a record
// are left alone, faults included.
func (un *uninjectRun) evaluate(c *manifest.Contents) {
	for _, o := range c.Objects {
		if _, recorded := o.Annotations[policy.RecordAnnotation]; !recorded {
			continue
		}
		undone := policy.Undo(&o.Object)
		un.warn(o.Repeated)
		un.refuse(o.Faults...)
		un.reporter.result(o, policy.Enforce, undone)
		if len(o.Faults) == 0 && len(undone.Changes) > 0 {
			un.counts.changed++
			o.Change(undone.Changes)
		}
	}
}
