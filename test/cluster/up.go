package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/holdfast-dev/holdfast/test/cluster/control"
	"github.com/holdfast-dev/holdfast/test/cluster/local"
	"github.com/holdfast-dev/holdfast/test/cluster/machine"
	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

// upOptions are the flags of up.
type upOptions struct {
	json         bool
	noNamespaces bool
	kubernetes   string
	auditPolicy  string
	images       images
}

// images is a flag that can be given more than once.
type images map[string]string

func (i images) String() string { return "" }

func (i images) Set(value string) error {
	name, program, ok := strings.Cut(value, "=")
	if !ok {
		return fmt.Errorf("%q is not NAME=PROGRAM", value)
	}
	var layers []string
	for _, layer := range filepath.SplitList(program) {
		path, err := filepath.Abs(layer)
		if err != nil {
			return err
		}
		if _, err := os.Stat(path); err != nil {
			return err
		}
		layers = append(layers, path)
	}
	i[name] = strings.Join(layers, string(filepath.ListSeparator))
	return nil
}

func up(ctx context.Context, args []string) error {
	o := upOptions{images: images{}}
	flags := flag.NewFlagSet("up", flag.ContinueOnError)
	flags.BoolVar(&o.json, "json", false, "write JSON lines for a program, and stop when it closes standard input")
	flags.BoolVar(&o.noNamespaces, "no-namespaces", false, "run everything at this machine's own address")
	flags.StringVar(&o.kubernetes, "kubernetes", parts.Newest, "the version of Kubernetes")
	flags.StringVar(&o.auditPolicy, "audit-policy", "", "a file with the first rules of the API server's audit policy")
	flags.Var(o.images, "image", "an image, as NAME=PROGRAM; the program must be static, or stand after the folders it needs, as FOLDER:PROGRAM (may be repeated)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return errUsage
	}
	if o.json {
		ctx = untilClosed(ctx, os.Stdin)
		return o.run(ctx, programReporter{json.NewEncoder(os.Stdout)})
	}
	return o.run(ctx, personReporter{out: os.Stdout, err: os.Stderr})
}

// untilClosed ends the context also when the input ends.
func untilClosed(ctx context.Context, input io.Reader) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, input)
		cancel()
	}()
	return ctx
}

func (o upOptions) run(ctx context.Context, say reporter) error {
	all, err := parts.WithKubernetes(o.kubernetes)
	if err != nil {
		return err
	}
	namespaces, notice := o.namespaces()
	finder, err := parts.NewFinder(ctx, say.progress)
	if err != nil {
		return err
	}
	programs, err := finder.Find(ctx, all...)
	if err != nil {
		return err
	}
	dir, err := local.NewFolder()
	if err != nil {
		return fmt.Errorf("making a folder for the cluster: %w", err)
	}
	defer os.RemoveAll(dir)
	m, err := machine.Start(ctx, machine.Config{
		Dir:         dir,
		Programs:    programs,
		Images:      o.images,
		Namespaces:  namespaces,
		AuditPolicy: o.auditPolicy,
	})
	if err != nil {
		return err
	}
	description := describe(dir, programs, notice)
	registration, err := local.Register(description)
	if err != nil {
		return errors.Join(fmt.Errorf("making the cluster known: %w", err), m.Stop())
	}
	defer registration.Close()
	if err := say.ready(description); err != nil {
		return errors.Join(err, m.Stop())
	}
	return wait(ctx, m)
}

// namespaces reports whether to use namespaces, and a notice if not.
func (o upOptions) namespaces() (use bool, notice string) {
	const consequence = "all pods share this machine's own address, so one replica is all that fits on a port."
	if o.noNamespaces {
		return false, "Without namespaces " + consequence
	}
	if err := machine.TryNamespaces(); err != nil {
		return false, fmt.Sprintf("Namespaces can't be used here (%v): %s", err, consequence)
	}
	return true, ""
}

func describe(dir string, programs map[string]parts.Built, notice string) local.Description {
	c := control.Config{Dir: dir}
	return local.Description{
		Kubeconfig: c.Kubeconfig(),
		Kubectl:    programs[parts.Kubectl].Path,
		Helm:       programs[parts.Helm].Path,
		Dir:        dir,
		AuditLog:   c.AuditLog(),
		Notice:     notice,
		Process:    os.Getpid(),
	}
}

// wait returns when the context ends, or with an error when the machine does.
func wait(ctx context.Context, m *machine.Machine) error {
	ended := make(chan error, 1)
	go func() { ended <- m.Wait() }()
	select {
	case err := <-ended:
		return fmt.Errorf("the cluster ended by itself: %w", err)
	case <-ctx.Done():
	}
	m.Close()
	<-ended //nolint:errcheck // the machine was asked to stop
	return nil
}

// reporter reports what happens, to a person or to a program.
type reporter interface {
	progress(parts.Progress)
	ready(local.Description) error
}

type programReporter struct{ *json.Encoder }

func (v programReporter) progress(p parts.Progress)       { _ = v.Encode(local.Event{Progress: &p}) }
func (v programReporter) ready(d local.Description) error { return v.Encode(local.Event{Cluster: &d}) }

type personReporter struct{ out, err io.Writer }

func (v personReporter) progress(p parts.Progress) { fmt.Fprintln(v.err, p) }

func (v personReporter) ready(d local.Description) error {
	if d.Notice != "" {
		fmt.Fprintln(v.err, d.Notice)
	}
	fmt.Fprintln(v.err, "The cluster is up, until interrupted.")
	_, err := fmt.Fprintf(v.out, "export KUBECONFIG=%s\n# kubectl: %s\n# helm: %s\n# logs: %s\n",
		d.Kubeconfig, d.Kubectl, d.Helm, filepath.Join(d.Dir, "logs"))
	return err
}
