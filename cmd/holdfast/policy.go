package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/strictyaml"
)

func newPolicyCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "Print or check a policy",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPolicyPrintCommand(s), newPolicyValidateCommand(s))
	return cmd
}

func newPolicyPrintCommand(s streams) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:     "print",
		Short:   "Print the effective policy, with defaults filled in",
		Example: "  holdfast policy print -f policy.yaml",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			p, _, err := readPolicy(s, file)
			if err != nil {
				return err
			}
			out, err := p.YAML()
			if err != nil {
				return fmt.Errorf("writing the policy: %w", err)
			}
			_, err = s.out.Write(out)
			return err
		},
	}
	cmd.Flags().StringVarP(&file, "filename", "f", "", "policy file, - for standard input (default: the built-in policy)")
	return cmd
}

func newPolicyValidateCommand(s streams) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:     "validate",
		Short:   "Check a policy file and report every error with its line",
		Example: "  holdfast policy validate -f policy.yaml",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, data, err := readPolicy(s, file)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(s.err, "%s: a valid policy (SHA-256 %s)\n", file, policy.Digest(data))
			return err
		},
	}
	cmd.Flags().StringVarP(&file, "filename", "f", "", "policy file, - for standard input")
	cobra.CheckErr(cmd.MarkFlagRequired("filename"))
	return cmd
}

// readPolicy reads a policy file; without a name it returns the built-in policy. If
// the file is invalid it writes the faults, one per line, and returns a
// findingsError.
func readPolicy(s streams, file string) (*policy.Policy, []byte, error) {
	if file == "" {
		return policy.Default(), nil, nil
	}
	data, err := readFile(s, file)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the policy: %w", err)
	}
	p, err := policy.Read(data)
	var faults strictyaml.Faults
	if errors.As(err, &faults) {
		for _, fault := range faults {
			fmt.Fprintf(s.err, "%s:%d:%d: %s\n", file, fault.Line, fault.Column, fault.Text())
		}
		return nil, nil, findingsError{}
	}
	return p, data, err
}

// readFile reads a file, or standard input if the name is a dash.
func readFile(s streams, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(s.in)
	}
	return os.ReadFile(name)
}
