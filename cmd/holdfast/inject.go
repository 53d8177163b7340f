package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

const injectExample = `  holdfast inject -f web.yaml | kubectl apply -f -
  helm template web ./chart | holdfast inject -f - -o diff
  holdfast inject -f manifests/ --policy policy.yaml -o diff`

func newInjectCommand(s streams) *cobra.Command {
	in := injection{rewriting: rewriting{streams: s}}
	cmd := &cobra.Command{
		Use:   "inject -f FILE|DIR|-",
		Short: "Write manifests as the webhook would store them",
		Long: `Write manifests to standard output as the webhook would store them. All that
isn't injected stays byte for byte. A Namespace or IngressClass among the
manifests counts as it stands; objects whose Namespace isn't there are injected.
An Ingress follows the sticky Services among them.

Exits with 1 where the webhook would refuse an object; nothing is written then.`,
		Example: injectExample,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return in.run(cmd.Context()) },
	}
	in.addFlags(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&in.around.namespace, "namespace", "n", "", "Namespace of the objects that name none")
	flags.StringVar(&in.policyFile, "policy", "", "policy file; without it the built-in policy")
	return cmd
}

// injection is one run of the command.
type injection struct {
	rewriting
	policyFile string
	policy     *policy.Policy
	around     surroundings
}

func (in *injection) run(ctx context.Context) error {
	if in.isPostRenderer() {
		return in.postRender(ctx)
	}
	return in.inject(ctx)
}

// inject reads everything twice, since what an object needs to know may stand
// behind it.
func (in *injection) inject(ctx context.Context) (err error) {
	if err := checkStandardInput(slices.Concat(in.files, []string{in.policyFile})); err != nil {
		return err
	}
	if in.policy, err = injectPolicy(in.streams, in.policyFile); err != nil {
		return err
	}
	return in.open(func(all []source) error {
		if err := in.lookAround(ctx, all); err != nil {
			return err
		}
		return in.rewrite(ctx, all, in.judge)
	})
}

func (in *injection) lookAround(ctx context.Context, all []source) error {
	if err := eachDocument(ctx, all, in.around.read); err != nil {
		return err
	}
	if !in.around.recorded {
		return nil
	}
	return eachDocument(ctx, all, in.around.readServices)
}

// injectPolicy reads the policy. A bad one is no verdict on the manifests.
func injectPolicy(s streams, file string) (*policy.Policy, error) {
	p, _, err := readPolicy(s, file)
	if errors.As(err, new(found)) {
		return nil, fmt.Errorf("%s can't be used as a policy", file)
	}
	return p, err
}

// judge notes what is to change in the objects, and tells what is wrong with
// them and with what is around them.
func (in *injection) judge(c *manifest.Contents) {
	for _, ns := range c.Namespaces {
		in.refuse(ns.Faults...)
	}
	for _, class := range c.Classes {
		in.refuse(class.Faults...)
	}
	for _, o := range c.Objects {
		in.judgeObject(o)
	}
}

func (in *injection) judgeObject(o *manifest.Object) {
	mode, result := in.evaluate(o)
	in.refuse(o.Faults...)
	in.talk.result(o, mode, result)
	switch {
	case len(o.Faults) > 0:
	case mode != policy.Enforce:
	case result.Refused():
		in.counts.refused++
	case len(result.Changes) > 0:
		in.counts.changed++
		o.Change(result.Changes)
	}
}

// evaluate asks the engine as the webhook would; the mode is empty where the
// webhook would not be asked.
func (in *injection) evaluate(o *manifest.Object) (policy.Mode, policy.Result) {
	o.Namespace = in.around.namespaceOf(o)
	if isNeverInjected(o.Namespace) {
		in.talk.neverInjected(o)
		return "", policy.Result{}
	}
	namespace, mode := in.around.rule(o.Namespace)
	if mode == "" {
		in.talk.notCovered(in.around.namespaces[o.Namespace])
		return mode, policy.Result{}
	}
	input := policy.Cluster{Policy: in.policy, IngressClasses: in.around.classes}.Input(&o.Object, nil, namespace)
	if input.NeedsServices() {
		input.Services = in.around.servicesOf(o)
	}
	return mode, policy.Evaluate(input)
}
