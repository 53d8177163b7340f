package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newCommandGroup returns a command that only has commands below it.
func newCommandGroup(use, short string) *cobra.Command {
	return &cobra.Command{
		Use:                   use,
		Short:                 short,
		Args:                  noCommand,
		DisableFlagsInUseLine: true,
		RunE:                  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
}

// noCommand returns the error for the name of a command that a group doesn't have.
func noCommand(group *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	name := args[0]
	if reader := fileReader(group); isThere(name) && reader != nil {
		return fmt.Errorf("%q is a file and not a command; name it with -f: %s -f %s", name, reader.CommandPath(), name)
	}
	var names []string
	for _, c := range group.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return fmt.Errorf("there is no command %q%s\n%s --help lists the commands", name, suggestion(name, names), group.CommandPath())
}

// fileReader returns the first command of a group that reads files; nil if none does.
func fileReader(group *cobra.Command) *cobra.Command {
	for _, c := range group.Commands() {
		if c.Flags().Lookup(filenameFlag) != nil {
			return c
		}
	}
	return nil
}

// filenameFlag is the name of -f.
const filenameFlag = "filename"

func isThere(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// noArguments returns an error if a command has arguments. Usually they are files.
func noArguments(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.Flags().Lookup(filenameFlag) != nil:
		return fmt.Errorf("unexpected argument %q; name a file with -f: %s -f %s", args[0], cmd.CommandPath(), args[0])
	default:
		return fmt.Errorf("unexpected argument %q; %s takes flags only", args[0], cmd.CommandPath())
	}
}

// atMostOneName returns an error if a command has several arguments.
func atMostOneName(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("unexpected argument %q; %s takes one name", args[1], cmd.CommandPath())
	}
	return nil
}

// missingFile returns the error for a command without the -f that it needs.
func missingFile(cmd *cobra.Command, what string) error {
	return fmt.Errorf("-f is missing; name %s, or - for standard input: %s -f FILE", what, cmd.CommandPath())
}

// flagError returns the error for flags that can't be parsed. Behind the name of a
// command that doesn't exist, those of another command are unknown.
func flagError(cmd *cobra.Command, err error) error {
	if args := cmd.Flags().Args(); cmd.HasSubCommands() && len(args) > 0 {
		return noCommand(cmd, args)
	}
	unknown := new(pflag.NotExistError)
	if !errors.As(err, &unknown) {
		return err
	}
	hint := ""
	if unknown.GetSpecifiedShortnames() == "" {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		hint = suggestion("--"+unknown.GetSpecifiedName(), names)
	}
	return fmt.Errorf("%w%s\n%s --help lists the flags", err, hint, cmd.CommandPath())
}

// withFiles are the flags that have a meaning beside -f: those about a cluster have none.
var withFiles = []string{
	filenameFlag, "recursive", "namespace", "policy", "output", "fail-on", "fail-if-no-objects", "quiet", "assume", "baseline",
}

// checkOthers returns an error if a flag is set that would be ignored beside another one.
func checkOthers(f *pflag.FlagSet, beside string, allowed []string) (err error) {
	f.Visit(func(each *pflag.Flag) {
		if !slices.Contains(allowed, each.Name) {
			err = fmt.Errorf("--%s can't be used with %s", each.Name, beside)
		}
	})
	return err
}
