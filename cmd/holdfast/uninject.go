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
	un := uninjection{rewriting{streams: s}}
	cmd := &cobra.Command{
		Use:   "uninject -f FILE|DIR|-",
		Short: "Write manifests without what is recorded as Holdfast's",
		Long: `Write manifests to standard output without what the annotation
holdfast.dev/injected records as Holdfast's. What holdfast inject was given comes
back byte for byte; only a corrected value may have other quotes. A value that
was changed since is the user's, and stays.

Exits with 1 where an object can't be changed; nothing is written then.`,
		Example: uninjectExample,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return un.run(cmd.Context()) },
	}
	un.addFlags(cmd)
	return cmd
}

// uninjection is one run of the command.
type uninjection struct{ rewriting }

func (un *uninjection) run(ctx context.Context) error {
	return un.open(func(all []source) error { return un.rewrite(ctx, all, un.judge) })
}

// judge notes what is to be taken back. An object without a record is none of
// Holdfast's business, whatever is wrong with it.
func (un *uninjection) judge(c *manifest.Contents) {
	for _, o := range c.Objects {
		if _, recorded := o.Annotations[policy.RecordAnnotation]; !recorded {
			continue
		}
		undone := policy.Undo(&o.Object)
		un.refuse(o.Faults...)
		un.talk.result(o, policy.Enforce, undone)
		if len(o.Faults) == 0 {
			un.counts.changed++
			o.Change(undone.Changes)
		}
	}
}
