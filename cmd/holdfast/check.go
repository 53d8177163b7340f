package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/check"
	"github.com/holdfast-dev/holdfast/policy"
)

const checkExample = `  holdfast check --pre
  holdfast check --wait 5m
  holdfast check -o json`

// formatShort shows faults only.
const formatShort format = "short"

// checkOptions are the flags of check.
type checkOptions struct {
	pre     bool
	wait    time.Duration
	cluster clusterFlags
	policy  string
	out     outputs
}

func newCheckCommand(s streams) *cobra.Command {
	o := checkOptions{cluster: newClusterFlags(), out: outputs{formats: []format{formatTable, formatJSON, formatShort}}}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Find what is wrong with Holdfast in a cluster, before or after installing it",
		Long: `Find what is wrong with Holdfast in a cluster. With --pre, check whether it can be
installed. Without, check the installation, and create an Ingress and a sticky Service
as a dry run in a namespace of each mode: nothing is stored. Every fault comes with what
to do; holdfast explain RULE says more. Table and json also show what wasn't checked, for
instance because your account's rights don't allow it.

The exit code is 0 if no check found an error, 1 if one did, 2 if the API server can't
be reached, and 124 if there is still an error when the time of --wait is over.`,
		Example: checkExample,
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), s) },
	}
	f := cmd.Flags()
	f.BoolVar(&o.pre, "pre", false, "check whether Holdfast can be installed")
	f.DurationVar(&o.wait, "wait", 0, "repeat the checks until none finds an error, at most this long (5m)")
	*o.cluster.Timeout = requestTimeout.String()
	o.cluster.add(f, "the namespace that Holdfast is installed in (default: what the registration says, or "+check.DefaultNamespace+")")
	f.StringVar(&o.policy, "policy", "", "with --pre: the policy file that you will install (default: the built-in policy)")
	f.VarP(&o.out, "output", "o", "table (default), json or short (only what is wrong); FORMAT=FILE writes to a file as well, and can be repeated")
	return cmd
}

func (o *checkOptions) run(ctx context.Context, s streams) error {
	var p *policy.Policy
	if o.policy != "" && !o.pre {
		return errors.New("--policy needs --pre: an installation is checked by its own policy")
	}
	if o.policy != "" {
		found, err := readPolicy(s, o.policy)
		if err != nil {
			return err
		}
		p = found.Policy
	}
	config, err := o.cluster.config()
	if err != nil {
		return err
	}
	cluster, err := check.NewCluster(config, *o.cluster.Namespace, p)
	if err != nil {
		return err
	}
	phase := check.AfterInstalling
	if o.pre {
		phase = check.BeforeInstalling
	}
	report, err := o.repeat(ctx, s, cluster, phase)
	if err != nil {
		return err
	}
	if err := o.out.write(s.out, func(out io.Writer, f format) error { return showReport(out, f, report) }); err != nil {
		return err
	}
	fmt.Fprintln(s.err, report)
	switch {
	case !report.hasErrors():
		return nil
	case o.wait > 0:
		return timeoutError{fmt.Errorf("there are still errors after %s", o.wait)}
	default:
		return findingsError{}
	}
}

const (
	// requestTimeout is the default limit of each request. All webhooks of a write may take 34 s together.
	requestTimeout = 40 * time.Second
	// pause is the time between two rounds of checks.
	pause = 2 * time.Second
)

// repeat makes the checks until none finds an error or the time is over, and returns
// the last whole round. An API server that can't be reached is tried again.
func (o *checkOptions) repeat(ctx context.Context, s streams, cluster *check.Cluster, phase check.Phase) (report checkReport, err error) {
	if o.wait == 0 {
		report.Results, err = check.Run(ctx, cluster, phase)
		return report, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.wait)
	defer cancel()
	for {
		results, err := check.Run(ctx, cluster, phase)
		switch {
		case ctx.Err() != nil && len(report.Results) > 0:
			return report, nil
		case ctx.Err() != nil:
			return report, timeoutError{err}
		case err != nil:
			fmt.Fprintf(s.err, "waiting: %v\n", err)
		default:
			if report.Results = results; !report.hasErrors() {
				return report, nil
			}
			fmt.Fprintf(s.err, "waiting: %s\n", report)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}
