// Command holdfast keeps WebSockets alive behind ingress controllers: as an
// admission webhook for a whole cluster, and as an offline tool for manifests.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"
)

// The exit codes of every command.
const (
	exitFindings = 1 // an object was refused, or a policy is invalid
	exitFailed   = 2 // the command couldn't run
)

// streams are what a command reads and writes: results on out, messages on err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// findingsError is the error of a command that ran and found something wrong in its
// input. Its error is nil if the command has already reported all findings.
type findingsError struct{ error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, filepath.Base(os.Args[0]), os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// run runs the program and returns its exit code.
func run(ctx context.Context, name string, args []string, s streams) int {
	root := newRootCommand(name, s)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	var findings findingsError
	if errors.As(err, &findings) {
		if findings.error != nil {
			fmt.Fprintf(s.err, "holdfast: %v\n", findings)
		}
		return exitFindings
	}
	fmt.Fprintf(s.err, "holdfast: %v\n", err)
	return exitFailed
}

func newRootCommand(name string, s streams) *cobra.Command {
	root := newCommandGroup("holdfast", "Long timeouts and sticky sessions for WebSockets, whichever ingress controller serves them")
	root.SilenceUsage, root.SilenceErrors = true, true
	if name == "kubectl-holdfast" {
		root.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl holdfast"}
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(
		newWebhookCommand(s),
		newInjectCommand(s),
		newUninjectCommand(s),
		newPolicyCommand(s),
		newDialectsCommand(s),
		newExplainCommand(s),
		newVersionCommand(s),
	)
	return root
}
