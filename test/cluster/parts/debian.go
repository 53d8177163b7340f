package parts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// ErrNoPackages is returned where Debian's packages can't be had.
var ErrNoPackages = errors.New("apt-get and dpkg-deb aren't on this machine, so Debian's packages can't be had")

// unpack makes a root filesystem of Debian packages and all that they depend on. Nothing
// is installed: apt-get works in a folder of its own, with the machine's sources, and
// dpkg-deb only unpacks. Unless the part runs on the machine itself, no package counts as
// installed there, so the base system belongs to it.
func (p Part) unpack(ctx context.Context, root string) error {
	for _, program := range []string{"apt-get", "dpkg-deb"} {
		if _, err := exec.LookPath(program); err != nil {
			return ErrNoPackages
		}
	}
	work, err := os.MkdirTemp("", "holdfast-packages-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := p.download(ctx, work); err != nil {
		return err
	}
	archives, err := filepath.Glob(filepath.Join(work, "archives", "*.deb"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	for _, archive := range archives {
		if err := run(exec.CommandContext(ctx, "dpkg-deb", "-x", archive, root)); err != nil {
			return fmt.Errorf("unpacking %s: %w", filepath.Base(archive), err)
		}
	}
	return nil
}

// download puts the packages into the folder "archives" below dir.
func (p Part) download(ctx context.Context, dir string) error {
	for _, folder := range []string{"lists/partial", "archives/partial"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			return err
		}
	}
	options := []string{
		"-o", "Dir::State::lists=" + filepath.Join(dir, "lists"),
		"-o", "Dir::Cache=" + dir,
		"-o", "Debug::NoLocking=1",
		// The user _apt can't write to this folder.
		"-o", "APT::Sandbox::User=root",
	}
	if !p.OnMachine {
		installed := filepath.Join(dir, "status")
		if err := os.WriteFile(installed, nil, 0o644); err != nil {
			return err
		}
		options = append(options, "-o", "Dir::State::status="+installed)
	}
	if err := run(exec.CommandContext(ctx, "apt-get", append(options, "update")...)); err != nil {
		return fmt.Errorf("reading the lists of packages: %w", err)
	}
	install := slices.Concat(options, []string{"install", "--yes", "--download-only", "--no-install-recommends"}, p.Packages)
	if err := run(exec.CommandContext(ctx, "apt-get", install...)); err != nil {
		return fmt.Errorf("downloading %v: %w", p.Packages, err)
	}
	return nil
}

// run runs a command, and says what it said if it fails.
func run(command *exec.Cmd) error {
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, bytes.TrimSpace(output))
	}
	return nil
}
