package parts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// clusterModule is ours. The modules of the other parts are beside it.
const clusterModule = "github.com/holdfast-dev/holdfast/test/cluster"

// Progress is what a person wants to know while parts are built.
type Progress struct {
	// Building is the part in work, empty when all are there.
	Building string `json:"building,omitempty"`
	// Done of Total parts are there.
	Done  int `json:"done"`
	Total int `json:"total"`
	// Remaining is an estimate.
	Remaining time.Duration `json:"remaining,omitempty"`
}

func (p Progress) String() string {
	if p.Building == "" {
		return fmt.Sprintf("%d of %d parts ready", p.Done, p.Total)
	}
	return fmt.Sprintf("building %s, %d of %d parts ready, about %s to go",
		p.Building, p.Done, p.Total, p.Remaining.Round(10*time.Second))
}

// Finder finds parts, and builds those that it doesn't find.
type Finder struct {
	// Root is the folder that the modules of the parts are below.
	Root string
	// Cache is where builds are kept.
	Cache string
	// Progress is called now and then.
	Progress func(Progress)
}

// NewFinder returns a Finder for the cluster module that the current directory's
// module uses, or is, and the user's cache folder. progress may be nil.
func NewFinder(ctx context.Context, progress func(Progress)) (*Finder, error) {
	dir, err := moduleFolder(ctx, ".", clusterModule)
	if err != nil {
		return nil, fmt.Errorf("finding the cluster's module from here: %w", err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("finding a place for builds: %w", err)
	}
	if progress == nil {
		progress = func(Progress) {}
	}
	return &Finder{Root: filepath.Dir(dir), Cache: filepath.Join(cache, "holdfast", "parts"), Progress: progress}, nil
}

// Find returns every one of the parts by name, building what is nowhere.
func (f *Finder) Find(ctx context.Context, all ...Part) (map[string]Built, error) {
	found := map[string]Built{}
	var missing []Part
	for _, p := range all {
		b, ok, err := f.lookUp(ctx, p)
		if err != nil {
			return nil, fmt.Errorf("looking for %s %s: %w", p.Name, p.Version, err)
		}
		if !ok {
			missing = append(missing, p)
			continue
		}
		found[p.Name] = b
	}
	pace := newEstimate(missing)
	for i, p := range missing {
		stop := f.report(Progress{Building: p.Name + " " + p.Version, Done: len(all) - len(missing) + i, Total: len(all)}, pace)
		b, err := f.build(ctx, p)
		stop()
		if err != nil {
			return nil, fmt.Errorf("building %s %s: %w", p.Name, p.Version, err)
		}
		pace.finished(p)
		found[p.Name] = b
	}
	f.Progress(Progress{Done: len(all), Total: len(all)})
	return found, nil
}

// report calls Progress with p at once and then every ten seconds, until stopped.
func (f *Finder) report(p Progress, pace *estimate) (stop func()) {
	call := func() {
		p.Remaining = pace.remaining(time.Now())
		f.Progress(p)
	}
	call()
	done := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(10 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				call()
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-stopped }
}

// lookUp finds a part in its Folder, on the machine or among the builds.
func (f *Finder) lookUp(ctx context.Context, p Part) (Built, bool, error) {
	if p.Folder != "" {
		path := filepath.Join(f.Root, p.Folder)
		_, err := os.Stat(path)
		return Built{Path: path}, err == nil, err
	}
	if path, ok := p.Elsewhere.find(ctx, p.Name); ok {
		return Built{Path: path}, true, nil
	}
	folder, err := f.folder(p)
	if err != nil {
		return Built{}, false, err
	}
	_, err = os.Stat(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return Built{}, false, nil
	}
	return builtIn(folder, p), err == nil, err
}

// find returns a program of the right version, if the machine has it.
func (e Elsewhere) find(ctx context.Context, name string) (string, bool) {
	for _, folder := range filepath.SplitList(os.Getenv(e.Folder)) {
		path := filepath.Join(folder, name)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		output, err := exec.CommandContext(ctx, path, e.Version...).Output()
		cancel()
		if err == nil && strings.Contains(string(output), e.Prints) {
			return path, true
		}
	}
	return "", false
}

// folder is where a part's build is kept.
func (f *Finder) folder(p Part) (string, error) {
	key, err := p.key(f.Root)
	if err != nil {
		return "", err
	}
	return filepath.Join(f.Cache, fmt.Sprintf("%s-%s-%s", p.Name, p.Version, key)), nil
}

// build builds a part into its folder. Two runs that want the same part build
// it once: the second waits for the lock and then finds it.
func (f *Finder) build(ctx context.Context, p Part) (Built, error) {
	folder, err := f.folder(p)
	if err != nil {
		return Built{}, err
	}
	unlock, err := lock(ctx, folder+".lock")
	if err != nil {
		return Built{}, fmt.Errorf("waiting for another build: %w", err)
	}
	defer unlock()
	if _, err := os.Stat(folder); err == nil {
		return builtIn(folder, p), nil
	}
	unfinished, err := os.MkdirTemp(f.Cache, p.Name+"-unfinished-")
	if err != nil {
		return Built{}, err
	}
	defer os.RemoveAll(unfinished)
	if err := f.obtain(ctx, p, builtIn(unfinished, p)); err != nil {
		return Built{}, err
	}
	if err := os.Chmod(unfinished, 0o755); err != nil {
		return Built{}, err
	}
	return builtIn(folder, p), os.Rename(unfinished, folder)
}

// obtain compiles a part, or unpacks or installs one that isn't compiled.
func (f *Finder) obtain(ctx context.Context, p Part, to Built) error {
	switch {
	case len(p.Packages) > 0:
		return p.unpack(ctx, to.Path)
	case p.Scripts != "":
		return install(ctx, filepath.Join(f.Root, p.Scripts), to.Path)
	default:
		return f.compile(ctx, p, to)
	}
}

func (f *Finder) compile(ctx context.Context, p Part, to Built) error {
	module := filepath.Join(f.Root, p.Module)
	build := goCommand(ctx, module, "build", "-mod=readonly", "-trimpath", "-buildvcs=false",
		"-ldflags", p.linkerFlags(), "-o", to.Path, p.Package)
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, bytes.TrimSpace(output))
	}
	if to.Data == "" {
		return nil
	}
	source, err := moduleFolder(ctx, module, p.Data.Module)
	if err != nil {
		return err
	}
	return os.CopyFS(to.Data, os.DirFS(filepath.Join(source, p.Data.Folder)))
}

func (p Part) linkerFlags() string {
	flags := []string{"-s", "-w"}
	for _, stamp := range p.Stamps {
		flags = append(flags, "-X", stamp)
	}
	return strings.Join(flags, " ")
}

// moduleFolder asks the go command where a module's files are, seen from dir.
func moduleFolder(ctx context.Context, dir, module string) (string, error) {
	command := goCommand(ctx, dir, "list", "-m", "-f", "{{.Dir}}", module)
	output, err := command.Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			err = errors.New(string(bytes.TrimSpace(failed.Stderr)))
		}
		return "", fmt.Errorf("asking the go command for %s: %w", module, err)
	}
	return string(bytes.TrimSpace(output)), nil
}

// goCommand runs the go command without cgo, so that what it builds also starts
// in a pod's empty root, and leaves it a moment to end when interrupted.
func goCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 5 * time.Second
	return command
}

// lock waits for a file lock; the kernel gives it back when its holder dies.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { file.Close() }, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			file.Close()
			return nil, err
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}
