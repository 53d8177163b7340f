// Package machine is the machine that a cluster runs on: a process of ours in
// namespaces of its own, which starts the control plane and the node there, and
// ends them all when it ends.
//
// It hangs by a thread on purpose. Its standard input is a pipe from the
// process that started it; when that closes, because the other was asked to
// stop or that it was killed, the machine stops everything and removes its
// folder.
package machine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/holdfast-dev/holdfast/test/cluster/network"
	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

// Config is what a machine has to know. It is handed over as JSON.
type Config struct {
	// Dir is the cluster's folder. It goes with the cluster.
	Dir      string
	Programs map[string]parts.Built
	// Images are the layers that stand for an image, by its name, as node.Config has
	// them.
	Images map[string]string
	// Namespaces asks for namespaces of its own.
	Namespaces bool
	// Forwarded is the URL at which the machine's first extra file listens.
	Forwarded string
	// AuditPolicy is a file with the first rules of the API server's audit policy; it
	// may be empty.
	AuditPolicy string
}

// Hidden commands of the cluster program: what it is when it is started by
// itself.
const (
	CommandRun    = "run-machine"
	CommandLaunch = "launch-container"
	CommandTry    = "try-namespaces"
)

// self is our own program, also if its file was replaced.
const self = "/proc/self/exe"

// forwardedFile is the descriptor of the first extra file.
const forwardedFile = 3

// stopTime is how long a machine may take to stop.
const stopTime = 20 * time.Second

// Machine is a running machine, seen from outside.
type Machine struct {
	command *exec.Cmd
	thread  io.Closer
}

// TryNamespaces returns an error that says why namespaces can't be used here.
func TryNamespaces() error { return network.Try(exec.Command(self, CommandTry)) }

// Start starts a machine and returns when the cluster on it is ready.
func Start(ctx context.Context, c Config) (*Machine, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("looking for a free port: %w", err)
	}
	defer listener.Close() // the machine has a descriptor of its own
	c.Forwarded = "https://" + listener.Addr().String()
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	m, answer, err := launch(c, file)
	if err != nil {
		return nil, fmt.Errorf("starting the machine: %w", err)
	}
	if err := await(ctx, answer); err != nil {
		err = fmt.Errorf("starting the cluster: %w", err)
		return nil, errors.Join(err, m.Stop())
	}
	return m, nil
}

func launch(c Config, listener *os.File) (*Machine, io.Reader, error) {
	log, err := os.Create(filepath.Join(c.Dir, "machine.log"))
	if err != nil {
		return nil, nil, err
	}
	defer log.Close()
	command := exec.Command(self, CommandRun)
	command.ExtraFiles = []*os.File{listener}
	command.Stderr = log
	// A session of its own: an interrupt from the terminal is for the one who
	// holds the thread.
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if c.Namespaces {
		network.Isolate(command)
	}
	thread, err := command.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	answer, err := command.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := command.Start(); err != nil {
		return nil, nil, err
	}
	m := &Machine{command: command, thread: thread}
	if err := json.NewEncoder(thread).Encode(c); err != nil {
		return nil, nil, errors.Join(err, m.Stop())
	}
	return m, answer, nil
}

// answer is the one line that a machine says.
type answer struct {
	Error string
}

func await(ctx context.Context, from io.Reader) error {
	said := make(chan error, 1)
	go func() {
		var a answer
		err := json.NewDecoder(from).Decode(&a)
		if err == nil && a.Error != "" {
			err = errors.New(a.Error)
		}
		said <- err
	}()
	select {
	case err := <-said:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close asks the machine to stop; Wait then returns.
func (m *Machine) Close() {
	m.thread.Close()
	time.AfterFunc(stopTime, func() { _ = m.command.Process.Kill() }) // which does nothing to one that has ended
}

// Wait returns when the machine and all that ran on it have ended.
func (m *Machine) Wait() error { return m.command.Wait() }

// Stop is Close and Wait; that a machine failed is no news to who stops it.
func (m *Machine) Stop() error {
	m.Close()
	var failed *exec.ExitError
	if err := m.Wait(); err != nil && !errors.As(err, &failed) {
		return fmt.Errorf("stopping the machine: %w", err)
	}
	return nil
}
