package node

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	corev1 "k8s.io/api/core/v1"
)

// Shared runs pods without namespaces, all of them at the machine's own
// address. A container still gets a root of its own by chroot, but its volumes
// are links there, nothing is read-only, and a port can be had only once.
type Shared struct {
	At netip.Addr
}

// Users implements Runtime.
func (r Shared) Users() bool { return true }

// Sandbox implements Runtime.
func (r Shared) Sandbox(dir string, _ bool) (Sandbox, error) {
	return sharedSandbox{at: r.At, dir: dir}, nil
}

type sharedSandbox struct {
	at  netip.Addr
	dir string
}

// sharedVolumes is where volumes are, as seen from inside the root: a link
// can't lead out of it.
const sharedVolumes = "/.volumes"

func (s sharedSandbox) Address() netip.Addr { return s.at }
func (s sharedSandbox) Root(string) string  { return filepath.Join(s.dir, "root") }
func (s sharedSandbox) Volumes() string     { return filepath.Join(s.dir, "root", sharedVolumes) }
func (s sharedSandbox) Close()              {}

func (s sharedSandbox) Start(p Process, ports []corev1.ContainerPort, output *os.File) (*exec.Cmd, error) {
	if err := s.checkPorts(ports); err != nil {
		return nil, err
	}
	for _, mount := range p.Mounts {
		if err := s.link(p.Root, mount); err != nil {
			return nil, fmt.Errorf("linking %s: %w", mount.Target, err)
		}
	}
	path, err := findProgram(p)
	if err != nil {
		return nil, err
	}
	command := &exec.Cmd{Path: path, Args: p.Args, Env: p.Env, Dir: p.Dir, Stdout: output, Stderr: output}
	if command.Dir == "" {
		command.Dir = "/"
	}
	command.SysProcAttr = &syscall.SysProcAttr{
		Chroot:     p.Root,
		Credential: &syscall.Credential{Uid: uint32(p.User), Gid: uint32(p.Group), Groups: unsigned(p.Groups)},
		Setpgid:    true,
		Pdeathsig:  syscall.SIGKILL,
	}
	return command, command.Start()
}

// checkPorts returns an error if another pod already uses one of the ports, which
// no log would show.
func (s sharedSandbox) checkPorts(ports []corev1.ContainerPort) error {
	for _, port := range ports {
		if port.Protocol == corev1.ProtocolUDP {
			continue
		}
		at := netip.AddrPortFrom(s.at, uint16(port.ContainerPort)).String()
		listener, err := net.Listen("tcp", at)
		if err != nil {
			return fmt.Errorf("%s is taken: without namespaces all pods share this machine's address, so one replica is all that fits", at)
		}
		listener.Close()
	}
	return nil
}

func (s sharedSandbox) link(root string, mount Mount) error {
	target := filepath.Join(root, mount.Target)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if err := os.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Symlink(filepath.Join(sharedVolumes, filepath.Base(mount.Source)), target)
}

// look finds a program inside a root that isn't ours yet.
func findProgram(p Process) (string, error) {
	if strings.Contains(p.Args[0], "/") {
		return p.Args[0], nil
	}
	for _, assignment := range p.Env {
		name, value, _ := cutEnv(assignment)
		if name != "PATH" {
			continue
		}
		for _, dir := range filepath.SplitList(value) {
			path := filepath.Join(dir, p.Args[0])
			if _, err := os.Lstat(filepath.Join(p.Root, path)); err == nil {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("finding the program: %w: %s", exec.ErrNotFound, p.Args[0])
}

func cutEnv(assignment string) (name, value string, ok bool) {
	return strings.Cut(assignment, "=")
}

func unsigned(ids []int) []uint32 {
	var all []uint32
	for _, id := range ids {
		all = append(all, uint32(id))
	}
	return all
}
