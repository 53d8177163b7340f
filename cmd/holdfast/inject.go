package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory"
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

const injectExample = `  holdfast inject -f web.yaml | kubectl apply -f -
  helm template web ./chart | holdfast inject -f - -o diff
  holdfast inject -f manifests/ --policy policy.yaml -o diff`

func newInjectCommand(s streams) *cobra.Command {
	in := injectRun{manifestRun: manifestRun{streams: s}}
	cmd := &cobra.Command{
		Use:   "inject -f FILE|DIR|-",
		Short: "Write manifests as the webhook would store them",
		Long: `Write manifests to standard output as the webhook would store them. Everything
else stays byte for byte. Namespaces and IngressClasses in the input are taken into
account; objects whose Namespace isn't in the input are treated as if it were
enforced. Ingresses follow the sticky Services in the input.

Messages go to standard error. Helm discards those of a post-renderer: to see warnings
there, write them to a file too, with --post-renderer-args=--report=FILE. What a
post-renderer refuses is in Helm's error, behind "Holdfast refused these manifests".

Exits with 1 and writes nothing if the webhook would refuse an object.`,
		Example: injectExample,
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return in.run(cmd.Context()) },
	}
	in.addFlags(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&in.state.defaultNamespace, "namespace", "n", "", "Namespace of objects that don't name one")
	flags.StringVar(&in.policyFile, "policy", "", "file with a policy, as for holdfast policy validate (default: the built-in policy)")
	return cmd
}

// injectRun is one run of inject.
type injectRun struct {
	manifestRun
	policyFile string
	state      clusterState
	// cluster is made from state once all manifests have been read.
	cluster policy.Cluster
}

func (in *injectRun) run(ctx context.Context) error {
	if in.isPostRenderer() {
		return in.postRender(ctx)
	}
	return in.inject(ctx)
}

// inject reads the manifests twice, because an object may depend on others that
// come after it.
func (in *injectRun) inject(ctx context.Context) error {
	if err := checkStandardInput(slices.Concat(in.files, []string{in.policyFile})); err != nil {
		return err
	}
	given, err := readPolicyToUse(in.streams, in.policyFile)
	if err != nil {
		return err
	}
	return in.open(func(all []source) error {
		if err := in.readCluster(ctx, all, given.Policy); err != nil {
			return err
		}
		return in.rewrite(ctx, all, in.evaluate)
	})
}

// readCluster reads what the manifests contain about their cluster.
func (in *injectRun) readCluster(ctx context.Context, all []source, p *policy.Policy) error {
	if err := eachDocument(ctx, all, in.state.read); err != nil {
		return err
	}
	if in.state.readsAllServices {
		if err := eachDocument(ctx, all, in.state.readServices); err != nil {
			return err
		}
	}
	in.cluster = in.state.cluster(p)
	return nil
}

// evaluate sets the changes of a document's objects, and reports the findings about
// them and about the Namespaces and IngressClasses beside them.
func (in *injectRun) evaluate(c *manifest.Contents) {
	in.warn(c.Ignored)
	for _, ns := range c.Namespaces {
		in.warn(ns.Repeated)
		in.refuse(ns.Faults...)
	}
	for _, class := range c.Classes {
		in.warn(class.Repeated)
		in.refuse(class.Faults...)
	}
	for _, o := range c.Objects {
		in.evaluateObject(o)
	}
}

func (in *injectRun) evaluateObject(o *manifest.Object) {
	mode, result := in.result(o)
	in.warn(o.Repeated)
	in.refuse(o.Faults...)
	if len(o.Faults) > 0 {
		// The API server refuses the object, so nothing would be changed either.
		result.Changes = nil
	}
	in.reporter.result(o, mode, result)
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

// result evaluates an object as the webhook would. The mode is empty if the webhook
// would not be called.
func (in *injectRun) result(o *manifest.Object) (policy.Mode, policy.Result) {
	o.Namespace = in.state.namespaceOf(o)
	if inventory.IsExcluded(o.Namespace) {
		in.reporter.excludedNamespace(o)
		return "", policy.Result{}
	}
	namespace, mode := in.state.namespace(o.Namespace)
	if mode == "" {
		in.reporter.notCovered(in.state.namespaces[o.Namespace])
		return mode, policy.Result{}
	}
	input := in.cluster.Input(&o.Object, nil, namespace)
	if input.NeedsServices() {
		input.Services = in.state.servicesOf(o)
	}
	return mode, policy.Evaluate(input)
}
