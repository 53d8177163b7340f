package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

const injectExample = `  holdfast inject -f web.yaml | kubectl apply -f -
  helm template web ./chart | holdfast inject -f - -o diff
  holdfast inject -f manifests/ --policy policy.yaml -o diff`

func newInjectCommand(s streams) *cobra.Command {
	var files []string
	var recursive bool
	var policyFile string
	in := injection{format: outputYAML}
	cmd := &cobra.Command{
		Use:   "inject -f FILE|DIR|-",
		Short: "Write manifests as the webhook would store them",
		Long: `Write manifests to standard output as the webhook would store them. All that
isn't injected stays byte for byte. A Namespace or IngressClass among the
manifests counts as it stands; objects whose Namespace isn't there are injected.

Exits with 1 where the webhook would refuse an object; nothing is written then.`,
		Example: injectExample,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkStandardInput(slices.Concat(files, []string{policyFile})); err != nil {
				return err
			}
			p, err := injectPolicy(s, policyFile)
			if err != nil {
				return err
			}
			all, release, err := sources(files, recursive, s)
			if err != nil {
				return err
			}
			defer release()
			in.policy, in.talk = p, &talk{out: s.err}
			return in.run(cmd.Context(), all, s.out)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&files, "filename", "f", nil, "file or folder of manifests, - for standard input; can be repeated")
	flags.BoolVarP(&recursive, "recursive", "R", false, "read the folders in folders too")
	flags.StringVarP(&in.namespace, "namespace", "n", "", "Namespace of the objects that name none")
	flags.VarP(&in.format, "output", "o", "yaml, or diff")
	flags.StringVar(&policyFile, "policy", "", "policy file; without it the built-in policy")
	cobra.CheckErr(cmd.MarkFlagRequired("filename"))
	return cmd
}

// injectPolicy reads the policy. A bad one is no verdict on the manifests.
func injectPolicy(s streams, file string) (*policy.Policy, error) {
	p, _, err := readPolicy(s, file)
	if errors.As(err, new(found)) {
		return nil, fmt.Errorf("%s can't be used as a policy", file)
	}
	return p, err
}

// injection is one run of the command.
type injection struct {
	policy    *policy.Policy
	namespace string
	format    output
	around    surroundings
	talk      *talk
	counts    counts
}

// run reads everything twice, since what a Namespace says may stand behind its
// objects. Nothing is written before all is known to be well: a pipe into
// kubectl would ship what comes before a refusal.
func (in *injection) run(ctx context.Context, all []source, out io.Writer) error {
	if err := eachDocument(ctx, all, in.around.read); err != nil {
		return err
	}
	results := &spool{}
	defer results.Close()
	printer := in.format.printer(results)
	err := eachDocument(ctx, all, func(d *manifest.Document) error {
		text, err := in.inject(d)
		if err != nil {
			return err
		}
		return printer.document(d, text)
	})
	if err == nil {
		err = printer.close()
	}
	if err != nil {
		return err
	}
	return in.finish(results, out)
}

// eachDocument goes through the documents of all sources.
func eachDocument(ctx context.Context, all []source, each func(*manifest.Document) error) error {
	for _, src := range all {
		if err := documentsOf(ctx, src, each); err != nil {
			return err
		}
	}
	return nil
}

func documentsOf(ctx context.Context, src source, each func(*manifest.Document) error) error {
	in, err := src.open()
	if err != nil {
		return err
	}
	defer in.Close()
	reader := manifest.NewReader(in, src.name)
	for ctx.Err() == nil {
		d, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = each(d)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// inject is the text of a document with the policy applied.
func (in *injection) inject(d *manifest.Document) ([]byte, error) {
	c, err := d.Read()
	if err != nil {
		return nil, err
	}
	in.counts.see(d, c)
	for _, ns := range c.Namespaces {
		in.refuse(ns.Faults...)
	}
	for _, class := range c.Classes {
		in.refuse(class.Faults...)
	}
	for _, o := range c.Objects {
		in.judge(o)
	}
	text, faults := c.Bytes()
	for _, f := range faults {
		in.refuse(f)
	}
	return text, nil
}

// judge notes what is to change in an object, and tells what is wrong with it.
func (in *injection) judge(o *manifest.Object) {
	mode, result := in.evaluate(o)
	in.refuse(o.Faults...)
	in.talk.result(o, mode, result)
	switch {
	case len(o.Faults) > 0:
	case mode != policy.Enforce:
	case len(result.Refusals) > 0:
		in.counts.refused++
	case len(result.Changes) > 0:
		in.counts.changed++
		o.Change(result.Changes)
	}
}

// evaluate asks the engine as the webhook would; the mode is empty where the
// webhook would not be asked.
func (in *injection) evaluate(o *manifest.Object) (policy.Mode, policy.Result) {
	if o.Namespace == "" {
		o.Namespace = in.namespace
	}
	namespace, mode := in.around.rule(o.Namespace)
	if mode == "" {
		in.talk.notCovered(in.around.namespaces[o.Namespace])
		return mode, policy.Result{}
	}
	return mode, policy.Evaluate(policy.Input{
		Object:    &o.Object,
		Namespace: namespace,
		Serving:   in.policy.Serving(&o.Object, in.around.classes),
		Policy:    in.policy,
	})
}

// refuse names what the API server would not take of an object, or what can't
// be changed in it; no faults refuse nothing.
func (in *injection) refuse(faults ...*manifest.Fault) {
	if len(faults) > 0 {
		in.counts.refused++
	}
	for _, f := range faults {
		in.talk.refused(f.Position, f.Object, f.Field+": "+f.Message)
	}
}

// finish writes the results, unless anything was refused.
func (in *injection) finish(results *spool, out io.Writer) error {
	if in.counts.refused == 0 {
		if _, err := io.Copy(out, results.Reader()); err != nil {
			return fmt.Errorf("writing the results: %w", err)
		}
	}
	in.talk.finish(in.counts)
	if in.counts.refused > 0 {
		return found{}
	}
	return nil
}
