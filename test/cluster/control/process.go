package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Process is a program that is kept running until it is stopped. One that ends
// by itself is started again: the controller manager, for one, gives up when
// the API server is away for long.
type Process struct {
	Name string
	// Path and Args are the command; Log is the file its output goes to.
	Path string
	Args []string
	Log  string
	// Ready is asked until it answers 200, by a client that trusts any certificate.
	Ready  string
	Client *http.Client

	mu      sync.Mutex
	stopped chan struct{} // closed to stop; nil while stopped
	done    chan struct{} // closed when the program has ended for good
	command *exec.Cmd
	last    error
}

// restartDelay keeps a program that fails at once from filling its log.
const restartDelay = 500 * time.Millisecond

// readyTimeout is long, because machines can be slow: the controller manager gives up and
// is started again as long as the API server isn't healthy.
const readyTimeout = 3 * time.Minute

// Start starts the program and returns when it is ready.
func (p *Process) Start(ctx context.Context) error {
	if err := p.launch(); err != nil {
		return fmt.Errorf("starting %s: %w", p.Name, err)
	}
	if err := p.waitReady(ctx); err != nil {
		return fmt.Errorf("waiting for %s: %w", p.Name, err)
	}
	return nil
}

func (p *Process) launch() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped != nil {
		return errors.New("it runs already")
	}
	stopped, done := make(chan struct{}), make(chan struct{})
	launched := make(chan error)
	go p.supervise(stopped, done, launched)
	if err := <-launched; err != nil {
		return err
	}
	p.stopped, p.done = stopped, done
	return nil
}

// supervise starts the program, sends the result of the first start, and restarts
// the program until it is stopped. Pdeathsig kills a program when the thread that started it ends,
// and others here end threads of theirs: this one belongs to the program.
func (p *Process) supervise(stopped, done chan struct{}, launched chan<- error) {
	runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
	defer close(done)
	err := p.run()
	launched <- err
	for err == nil {
		p.note(p.command.Wait())
		select {
		case <-stopped:
			return
		case <-time.After(restartDelay):
		}
		err = p.again(stopped)
	}
	p.note(err)
}

// run starts the program once. Pdeathsig ends it with us also where no process
// namespace does so.
func (p *Process) run() error {
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	p.command = exec.Command(p.Path, p.Args...)
	p.command.Stdout, p.command.Stderr = log, log
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return p.command.Start()
}

// again restarts the program unless it was stopped in the meantime.
func (p *Process) again(stopped chan struct{}) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-stopped:
		return errors.New("stopped")
	default:
		return p.run()
	}
}

func (p *Process) note(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = err
}

// Stop ends the program: politely, then after the grace period by force.
func (p *Process) Stop(grace time.Duration) {
	p.mu.Lock()
	stopped, done := p.stopped, p.done
	p.stopped = nil
	if stopped != nil {
		close(stopped)
		_ = p.command.Process.Signal(syscall.SIGTERM) // gone already is fine
	}
	p.mu.Unlock()
	if stopped == nil {
		return
	}
	select {
	case <-done:
	case <-time.After(grace):
		_ = p.command.Process.Kill()
		<-done
	}
}

func (p *Process) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		err := p.ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w; its log is %s", errors.Join(err, p.exit()), p.Log)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (p *Process) exit() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

func (p *Process) ask(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Ready, nil)
	if err != nil {
		return err
	}
	response, err := p.Client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s: %s", p.Ready, response.Status, text)
	}
	return nil
}
