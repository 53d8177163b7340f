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
	exitFindings = 1   // an object was refused, a policy is invalid, or a check or a probe found an error
	exitFailed   = 2   // the command couldn't run
	exitTimeout  = 124 // the time to wait was over
)

// streams are what a command reads and writes: results on out, messages on err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// findingsError is the error of a command that ran and found something wrong in its
// input. Its error is nil if the command has already reported all findings.
type findingsError struct{ error }

// unreadError is the error of a command that couldn't read everything. Its error is nil if
// the command has already reported that.
type unreadError struct{ error }

// timeoutError is the error of a command whose time to wait is over.
type timeoutError struct{ error }

func main() {
	os.Exit(run(untilSignal(), filepath.Base(os.Args[0]), os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// untilSignal returns a context that ends with the first Ctrl-C or SIGTERM. After it, a
// Ctrl-C ends the process at once. A SIGTERM doesn't: whatever stops a pod may send several,
// and connections must be drained all the same.
func untilSignal() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Reset(os.Interrupt)
		cancel()
	}()
	return ctx
}

// run runs the program and returns its exit code.
func run(ctx context.Context, name string, args []string, s streams) int {
	s.in = &input{ctx: ctx, from: s.in}
	root := newRootCommand(name, s)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil && !isReported(err) {
		fmt.Fprintf(s.err, "holdfast: %v\n", err)
	}
	return exitCode(err)
}

// isReported reports whether the command has already reported an error.
func isReported(err error) bool {
	var findings findingsError
	var unread unreadError
	return errors.As(err, &findings) && findings.error == nil || errors.As(err, &unread) && unread.error == nil
}

// exitCode returns the exit code that an error stands for.
func exitCode(err error) int {
	var findings findingsError
	var timeout timeoutError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &timeout):
		return exitTimeout
	case errors.As(err, &findings):
		return exitFindings
	default:
		return exitFailed
	}
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
		newAuditCommand(s),
		newFixCommand(s),
		newDescribeCommand(s),
		newCheckCommand(s),
		newProbeCommand(s),
		newPolicyCommand(s),
		newDialectsCommand(s),
		newExplainCommand(s),
		newVersionCommand(s),
	)
	return root
}
