package node

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/holdfast-dev/holdfast/test/cluster/network"
	corev1 "k8s.io/api/core/v1"
)

// Isolated runs each pod in a network namespace, and each container in
// namespaces of its own for mounts, processes and the host name.
type Isolated struct {
	Bridge *network.Bridge
	// Launcher is the command that calls Launch in its own process.
	Launcher []string
	// Root reports that the process is root of the machine, not only of a user namespace
	// that has just the one user.
	Root bool
}

// Users implements Runtime.
func (r *Isolated) Users() bool { return r.Root }

// Sandbox implements Runtime.
func (r *Isolated) Sandbox(dir string, hostNetwork bool) (Sandbox, error) {
	if hostNetwork {
		return &isolatedSandbox{runtime: r, dir: dir, namespace: r.Bridge.Node()}, nil
	}
	namespace, err := r.Bridge.Connect()
	if err != nil {
		return nil, err
	}
	return &isolatedSandbox{runtime: r, dir: dir, namespace: namespace}, nil
}

type isolatedSandbox struct {
	runtime   *Isolated
	dir       string
	namespace *network.Namespace
}

func (s *isolatedSandbox) Address() netip.Addr { return s.namespace.Address }
func (s *isolatedSandbox) Root(container string) string {
	return filepath.Join(s.dir, "root", container)
}
func (s *isolatedSandbox) Volumes() string { return filepath.Join(s.dir, "volumes") }
func (s *isolatedSandbox) Close()          { s.namespace.Close() }

// Start starts our own program, which becomes the container's once it has
// arranged its root. It is the first process of its namespace, so what it
// starts ends with it.
func (s *isolatedSandbox) Start(p Process, _ []corev1.ContainerPort, output *os.File) (*exec.Cmd, error) {
	for _, mount := range p.Mounts {
		if err := os.MkdirAll(filepath.Join(p.Root, mount.Target), 0o755); err != nil {
			return nil, fmt.Errorf("making mount point %s: %w", mount.Target, err)
		}
	}
	if !s.runtime.Root {
		p.User, p.Group, p.Groups = 0, 0, nil
	}
	order, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	command := exec.Command(s.runtime.Launcher[0], s.runtime.Launcher[1:]...)
	command.Env = []string{}
	command.Stdin = bytes.NewReader(order)
	command.Stdout, command.Stderr = output, output
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
		Setsid:     true,
	}
	return command, s.namespace.Start(command)
}
