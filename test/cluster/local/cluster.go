// Package local starts a cluster of real parts on this machine, for tests and
// demos written in Go:
//
//	cluster, err := local.Start(ctx, local.Options{
//		Images: map[string]string{"localhost/holdfast:dev": "/path/to/holdfast"},
//	})
//	…
//	defer cluster.Stop()
//
// It builds the cluster program and runs its "up --json", the same interface that a
// person uses. The cluster ends with the process that started it.
package local

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/holdfast-dev/holdfast/test/cluster/door"
	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

// Options say what a cluster should be.
type Options struct {
	// Images are static programs by the name of the image they stand for. The
	// program is the image's entrypoint. An image can have several layers, as a list like
	// PATH's: folders with the files of a root filesystem, and last the program.
	Images map[string]string
	// WithoutNamespaces runs everything at the machine's own address, as it
	// happens by itself where namespaces are forbidden.
	WithoutNamespaces bool
	// Kubernetes is the version of Kubernetes, such as "1.33.13"; empty for the
	// newest.
	Kubernetes string
	// AuditPolicy is a file with the first rules of the API server's audit policy;
	// empty for those that record whole Ingresses and Services.
	AuditPolicy string
	// Progress is called with what is being built. It may be nil.
	Progress func(parts.Progress)
	// Log gets the messages of the cluster program. It may be nil.
	Log io.Writer
}

// Cluster is a running cluster.
type Cluster struct {
	Description
	door.Door

	command *exec.Cmd
	thread  io.Closer
}

// Description is what there is to know about a running cluster.
type Description struct {
	// Kubeconfig is an administrator's, usable from this machine.
	Kubeconfig string `json:"kubeconfig"`
	// Kubectl and Helm are the programs of the cluster's versions.
	Kubectl string `json:"kubectl"`
	Helm    string `json:"helm"`
	// Dir is the cluster's folder. Its logs are there, those of pods in
	// logs/pods; it goes with the cluster.
	Dir string `json:"dir"`
	// AuditLog is the API server's: what the audit policy says of Ingresses and
	// Services, metadata for the rest.
	AuditLog string `json:"auditLog"`
	// Notice says what this cluster can't do on this machine.
	Notice string `json:"notice,omitempty"`
	// Process is the one to interrupt.
	Process int `json:"process"`
}

// Event is one line of "up --json": progress first, then the cluster.
type Event struct {
	Progress *parts.Progress `json:"progress,omitempty"`
	Cluster  *Description    `json:"cluster,omitempty"`
}

// Start starts a cluster and returns when it is ready to be used. The first
// start on a machine builds the parts, which takes many minutes.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	finder, err := parts.NewFinder(ctx, nil)
	if err != nil {
		return nil, err
	}
	found, err := finder.Find(ctx, parts.Program())
	if err != nil {
		return nil, err
	}
	args, err := arguments(o)
	if err != nil {
		return nil, err
	}
	command := exec.Command(found[parts.Cluster].Path, args...)
	command.Dir = finder.Root
	command.Stderr = o.Log
	// An interrupt from the terminal is for the caller, who then calls Stop.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	thread, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	events, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting the cluster program: %w", err)
	}
	c := &Cluster{command: command, thread: thread}
	if err := c.await(ctx, events, o.Progress); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

func arguments(o Options) ([]string, error) {
	args := []string{"up", "--json"}
	for name, program := range o.Images {
		var layers []string
		for _, layer := range filepath.SplitList(program) {
			path, err := filepath.Abs(layer) // the cluster program starts elsewhere
			if err != nil {
				return nil, err
			}
			layers = append(layers, path)
		}
		args = append(args, "--image", name+"="+strings.Join(layers, string(filepath.ListSeparator)))
	}
	if o.WithoutNamespaces {
		args = append(args, "--no-namespaces")
	}
	if o.Kubernetes != "" {
		args = append(args, "--kubernetes", o.Kubernetes)
	}
	if o.AuditPolicy != "" {
		path, err := filepath.Abs(o.AuditPolicy)
		if err != nil {
			return nil, err
		}
		args = append(args, "--audit-policy", path)
	}
	return args, nil
}

// await reads events until the cluster is there. When the context ends, the
// program is stopped, which ends its events too.
func (c *Cluster) await(ctx context.Context, events io.Reader, progress func(parts.Progress)) error {
	defer context.AfterFunc(ctx, func() { c.thread.Close() })()
	lines := bufio.NewScanner(events)
	for lines.Scan() {
		var e Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return fmt.Errorf("reading the cluster program's events: %w", err)
		}
		if e.Progress != nil && progress != nil {
			progress(*e.Progress)
		}
		if e.Cluster != nil {
			c.Description = *e.Cluster
			c.Door = door.Of(e.Cluster.Dir)
			return nil
		}
	}
	return errors.Join(ctx.Err(), errors.New("the cluster didn't start; Options.Log has the reason"))
}

// Use returns a cluster that somebody else started, by its kubeconfig, with
// kubectl and helm of this machine. Its folder, logs and door are unknown.
func Use(ctx context.Context, kubeconfig string, progress func(parts.Progress)) (*Cluster, error) {
	if _, err := os.Stat(kubeconfig); err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	finder, err := parts.NewFinder(ctx, progress)
	if err != nil {
		return nil, err
	}
	clients := slices.DeleteFunc(parts.All(), func(p parts.Part) bool { return p.Name != parts.Kubectl && p.Name != parts.Helm })
	found, err := finder.Find(ctx, clients...)
	if err != nil {
		return nil, err
	}
	return &Cluster{Description: Description{
		Kubeconfig: kubeconfig,
		Kubectl:    found[parts.Kubectl].Path,
		Helm:       found[parts.Helm].Path,
	}}, nil
}

// Stop ends the cluster. Nothing of it stays. One that is only used goes on.
func (c *Cluster) Stop() error {
	if c.command == nil {
		return nil
	}
	c.thread.Close()
	var failed *exec.ExitError
	if err := c.command.Wait(); err != nil && !errors.As(err, &failed) {
		return fmt.Errorf("stopping the cluster: %w", err)
	}
	return nil
}

// Command makes a command for this cluster, such as
// c.Command(ctx, c.Kubectl, "get", "pods").
func (c *Cluster) Command(ctx context.Context, program string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, program, args...)
	command.Env = append(os.Environ(), "KUBECONFIG="+c.Kubeconfig)
	return command
}
