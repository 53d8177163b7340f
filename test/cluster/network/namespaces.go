package network

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// Isolate makes a command start in namespaces of its own, in which it is root:
// network and mounts, and processes, so that nothing it started survives it.
func Isolate(command *exec.Cmd) {
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	attributes := command.SysProcAttr
	attributes.Cloneflags = syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID
	if os.Geteuid() == 0 {
		return
	}
	attributes.Cloneflags |= syscall.CLONE_NEWUSER
	attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
}

// Try returns an error that says why namespaces can't be used here. It runs probe
// in new namespaces, a command that calls TryInside.
func Try(probe *exec.Cmd) error {
	var said bytes.Buffer
	probe.Stderr = &said
	Isolate(probe)
	err := probe.Run()
	if said.Len() > 0 {
		return errors.New(string(bytes.TrimSpace(said.Bytes())))
	}
	return err
}

// TryInside builds a network with one pod, as a cluster would.
func TryInside() error {
	bridge, err := NewBridge()
	if err != nil {
		return err
	}
	pod, err := bridge.Connect()
	if err != nil {
		return fmt.Errorf("connecting a pod: %w", err)
	}
	pod.Close()
	return nil
}
