package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// devices are those that every container gets.
var devices = [...]string{"null", "zero", "full", "random", "urandom"}

// Launch reads a Process and becomes it. It runs as the first process of the
// container's namespaces and returns only with an error.
func Launch(order io.Reader) error {
	var p Process
	if err := json.NewDecoder(order).Decode(&p); err != nil {
		return fmt.Errorf("reading the order: %w", err)
	}
	if err := unix.Sethostname([]byte(p.Hostname)); err != nil {
		return fmt.Errorf("setting the host name: %w", err)
	}
	if err := p.mount(); err != nil {
		return err
	}
	if err := enter(p.Root); err != nil {
		return fmt.Errorf("entering the root: %w", err)
	}
	if err := silenceInput(); err != nil {
		return fmt.Errorf("opening /dev/null: %w", err)
	}
	if err := p.dropPrivileges(); err != nil {
		return fmt.Errorf("becoming user %d: %w", p.User, err)
	}
	return p.exec()
}

// mount arranges the root in this mount namespace only.
func (p *Process) mount() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("keeping mounts to ourselves: %w", err)
	}
	if err := bind(p.Root, p.Root); err != nil {
		return fmt.Errorf("mounting the root: %w", err)
	}
	for _, device := range devices {
		target := filepath.Join(p.Root, "dev", device)
		if err := os.WriteFile(target, nil, 0o644); err != nil {
			return err
		}
		if err := bind(filepath.Join("/dev", device), target); err != nil {
			return fmt.Errorf("mounting /dev/%s: %w", device, err)
		}
	}
	// A sandbox around us may forbid a new /proc. Few programs miss it.
	_ = unix.Mount("proc", filepath.Join(p.Root, "proc"), "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	for _, mount := range p.Mounts {
		if err := mount.apply(p.Root); err != nil {
			return fmt.Errorf("mounting %s: %w", mount.Target, err)
		}
	}
	if p.ReadOnlyRoot {
		return readOnly(p.Root)
	}
	return nil
}

func (m Mount) apply(root string) error {
	target := filepath.Join(root, m.Target)
	if err := bind(m.Source, target); err != nil {
		return err
	}
	if m.ReadOnly {
		return readOnly(target)
	}
	return nil
}

func bind(source, target string) error {
	return unix.Mount(source, target, "", unix.MS_BIND, "")
}

// readOnly sets this one attribute. A remount would have to repeat all others,
// those included that a user namespace can't see but must keep.
func readOnly(target string) error {
	return unix.MountSetattr(unix.AT_FDCWD, target, 0, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY})
}

// enter makes root the root, with nothing of the old one left to be seen.
func enter(root string) error {
	if err := unix.Chdir(root); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return err
	}
	// The old root now lies on top of the new one.
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return err
	}
	return unix.Chdir("/")
}

func silenceInput() error {
	null, err := unix.Open("/dev/null", unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	return unix.Dup2(null, 0)
}

func (p *Process) dropPrivileges() error {
	if p.NoNewPrivileges {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return err
		}
	}
	if p.User == 0 && p.Group == 0 {
		return nil
	}
	if err := unix.Setgroups(p.Groups); err != nil {
		return err
	}
	if err := unix.Setresgid(p.Group, p.Group, p.Group); err != nil {
		return err
	}
	return unix.Setresuid(p.User, p.User, p.User)
}

func (p *Process) exec() error {
	if p.Dir != "" {
		if err := unix.Chdir(p.Dir); err != nil {
			return fmt.Errorf("entering the working directory %s: %w", p.Dir, err)
		}
	}
	os.Clearenv()
	for _, assignment := range p.Env {
		name, value, _ := cutEnv(assignment)
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	path, err := exec.LookPath(p.Args[0])
	if err != nil {
		return fmt.Errorf("finding the program: %w", err)
	}
	err = unix.Exec(path, p.Args, p.Env)
	for range busyTries {
		if !errors.Is(err, unix.ETXTBSY) {
			break
		}
		time.Sleep(busyPause)
		err = unix.Exec(path, p.Args, p.Env)
	}
	return fmt.Errorf("running %s: %w", path, err)
}

// A program that has just been written can't be run while it is open for writing, as it is
// for a moment in processes that were forked meanwhile (https://go.dev/issue/22315).
const (
	busyTries = 50
	busyPause = 20 * time.Millisecond
)
