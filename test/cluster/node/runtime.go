package node

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
)

// Runtime gives pods a place to run in.
type Runtime interface {
	// Sandbox makes a place for a pod, below dir. With hostNetwork its network is the
	// node's.
	Sandbox(dir string, hostNetwork bool) (Sandbox, error)
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

// buildRoot fills a container's root with the layers of its image and with what every
// container finds: /etc/hosts, an open /tmp, places to mount at.
func buildRoot(root string, layers []string, hostname string, address netip.Addr) error {
	for _, layer := range layers {
		if err := addLayer(layer, root); err != nil {
			return fmt.Errorf("adding %s: %w", layer, err)
		}
	}
	for _, dir := range []string{"dev", "etc", "proc", "var/run"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			return err
		}
	}
	if err := openFolder(filepath.Join(root, "tmp")); err != nil {
		return err
	}
	hosts := "127.0.0.1 localhost\n" + address.String() + " " + hostname + "\n"
	return os.WriteFile(filepath.Join(root, "etc", "hosts"), []byte(hosts), 0o644)
}

// addLayer puts a layer of an image into a root: a program, or the files of a folder.
func addLayer(layer, root string) error {
	info, err := os.Stat(layer)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return addFolder(layer, root)
	}
	return install(layer, root)
}

// addFolder copies a folder into a root, unless an earlier start of the container did:
// it keeps what it wrote there.
func addFolder(folder, root string) error {
	hash := sha256.Sum256([]byte(folder))
	done := filepath.Join(root, ".layer-"+hex.EncodeToString(hash[:4]))
	if _, err := os.Stat(done); err == nil {
		return nil
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	if err := cover(root, folder); err != nil {
		return err
	}
	return os.WriteFile(done, nil, 0o644)
}

// cover copies a folder into a root. What an earlier layer has of the same names is
// replaced, except folders, which are merged.
func cover(root, folder string) error {
	// An earlier layer may have a link where this one has a folder. One that leads out of the
	// root, where files of the machine would be replaced, is an error.
	inside, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer inside.Close()
	layer := os.DirFS(folder)
	err = fs.WalkDir(layer, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		err = inside.Remove(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return os.CopyFS(root, layer)
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

// install puts a copy of the program into a root, at the top and in the usual place for
// local programs. It is the one that is there now: a restarted container runs what its
// image has become.
func install(program, root string) error {
	name := filepath.Base(program)
	target := filepath.Join(root, name)
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
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
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		return err
	}
	if err := os.RemoveAll(link); err != nil {
		return err
	}
	return os.Symlink("/"+name, link)
}
