// Package stage is where the acts of the demo are played: what is said goes to
// standard output, and every command is shown before its output.
package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Samples is the folder of the manifests that the demo shows, from Root.
const Samples = "config/samples"

// Stage is one.
type Stage struct {
	// Context ends the commands.
	Context context.Context
	// Root is the project's folder, in which commands run.
	Root string
	// Out is where everything is shown.
	Out io.Writer
}

// New makes a stage for a program that runs in the test module's folder.
func New(ctx context.Context) (Stage, error) {
	root, err := filepath.Abs("..")
	return Stage{Context: ctx, Root: root, Out: os.Stdout}, err
}

// Say says a line.
func (s Stage) Say(format string, args ...any) { fmt.Fprintf(s.Out, format+"\n", args...) }

// Title begins an act.
func (s Stage) Title(text string) {
	s.Say("\n━━ %s %s\n", text, strings.Repeat("━", max(0, 72-len(text))))
}

// Run shows a command and runs it.
func (s Stage) Run(command *exec.Cmd) error {
	s.Say("$ %s", s.commandLine(command.Args))
	command.Dir = s.Root
	command.Stdout, command.Stderr = s.Out, s.Out
	err := command.Run()
	s.Say("")
	if err != nil {
		return fmt.Errorf("running %s: %w", filepath.Base(command.Args[0]), err)
	}
	return nil
}

// RunRefused runs a command that is to be refused.
func (s Stage) RunRefused(command *exec.Cmd) error {
	err := s.Run(command)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return fmt.Errorf("%s was not refused", filepath.Base(command.Args[0]))
	case errors.As(err, &exit) && s.Context.Err() == nil:
		return nil
	default:
		return err
	}
}

// commandLine returns a command as a person would type it in the project's folder.
func (s Stage) commandLine(args []string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = strings.ReplaceAll(arg, s.Root+string(os.PathSeparator), "")
		if strings.ContainsAny(arg, " '{}*\\") {
			words[i] = "'" + arg + "'"
		}
	}
	words[0] = filepath.Base(words[0])
	return strings.Join(words, " ")
}
