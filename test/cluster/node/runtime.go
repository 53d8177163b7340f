package node

import (
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
)

// Runtime gives pods a place to run in.
type Runtime interface {
	// Sandbox makes a place for a pod, below dir.
	Sandbox(dir string) (Sandbox, error)
	// Users reports whether processes and files can be given to other users.
	Users() bool
}

// Sandbox is a pod's place. It stays the same while containers come and go.
type Sandbox interface {
	Address() netip.Addr
	// Root is where a container's root belongs, Volumes where the pod's volumes
	// belong.
	Root(container string) string
	Volumes() string
	// Start starts a process; output gets what it writes.
	Start(p Process, ports []corev1.ContainerPort, output *os.File) (*exec.Cmd, error)
	Close()
}

// Process is what to run in a sandbox. It is handed to another process as JSON.
type Process struct {
	Root     string
	Hostname string
	Mounts   []Mount

	// Args are the program's, Args[0] its path inside the root.
	Args []string
	Env  []string
	Dir  string

	User, Group int
	Groups      []int

	ReadOnlyRoot    bool
	NoNewPrivileges bool
}

// Mount makes a folder visible inside the root.
type Mount struct {
	Source   string
	Target   string // as the container sees it
	ReadOnly bool
}

// buildRoot fills a container's root with what images like distroless have: the
// program at the top and in the usual place for local programs, /etc/hosts, an
// open /tmp.
func buildRoot(root, program, hostname string, address netip.Addr) error {
	for _, dir := range []string{"dev", "etc", "proc", "usr/local/bin", "var/run"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			return err
		}
	}
	if err := openFolder(filepath.Join(root, "tmp")); err != nil {
		return err
	}
	hosts := "127.0.0.1 localhost\n" + address.String() + " " + hostname + "\n"
	if err := os.WriteFile(filepath.Join(root, "etc", "hosts"), []byte(hosts), 0o644); err != nil {
		return err
	}
	return install(program, root)
}

// openFolder makes a folder that every user may write to. Where an earlier start
// of the container linked a volume, the link goes: it leads nowhere from here.
func openFolder(dir string) error {
	if info, err := os.Lstat(dir); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if err := os.Remove(dir); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.Chmod(dir, fs.ModeSticky|0o777)
}

// install puts a copy of the program into a root, the one that is there now: a
// restarted container runs what its image has become.
func install(program, root string) error {
	name := filepath.Base(program)
	target := filepath.Join(root, name)
	if err := os.RemoveAll(target); err != nil {
		return err
	}
	content, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	if err := os.WriteFile(target, content, 0o755); err != nil {
		return err
	}
	link := filepath.Join(root, "usr", "local", "bin", name)
	if err := os.RemoveAll(link); err != nil {
		return err
	}
	return os.Symlink("/"+name, link)
}
