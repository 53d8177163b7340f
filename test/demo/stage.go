package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/holdfast-dev/holdfast/test/cluster/local"
)

// stage is where the acts are played: what is said goes to out, and every
// command is shown before its output.
type stage struct {
	ctx      context.Context
	root     string
	holdfast string
	out      io.Writer
}

func (s stage) say(format string, args ...any) { fmt.Fprintf(s.out, format+"\n", args...) }

func (s stage) title(text string) {
	s.say("\n━━ %s %s\n", text, strings.Repeat("━", max(0, 72-len(text))))
}

// run shows a command and runs it in the project's folder.
func (s stage) run(command *exec.Cmd) error {
	s.say("$ %s", s.spelled(command.Args))
	command.Dir = s.root
	command.Stdout, command.Stderr = s.out, s.out
	err := command.Run()
	s.say("")
	if err != nil {
		return fmt.Errorf("running %s: %w", filepath.Base(command.Args[0]), err)
	}
	return nil
}

// mustFail runs a command that is to be refused.
func (s stage) mustFail(command *exec.Cmd) error {
	err := s.run(command)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	if err == nil {
		return fmt.Errorf("%s was not refused", filepath.Base(command.Args[0]))
	}
	return err
}

// spelled is a command as a person would type it in the project's folder.
func (s stage) spelled(args []string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = strings.ReplaceAll(arg, s.root+string(os.PathSeparator), "")
		if strings.ContainsAny(arg, " '{}*\\") {
			words[i] = "'" + arg + "'"
		}
	}
	words[0] = filepath.Base(words[0])
	return strings.Join(words, " ")
}

// kubectl and helm are commands against the cluster.
func (s stage) kubectl(c *local.Cluster, args ...string) *exec.Cmd {
	return c.Command(s.ctx, c.Kubectl, args...)
}

func (s stage) helm(c *local.Cluster, args ...string) *exec.Cmd {
	return c.Command(s.ctx, c.Helm, args...)
}
