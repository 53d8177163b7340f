package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// policyInputs says what -f and --policy take.
const policyInputs = `A policy is read from a policy file, from a ConfigMap with one, or from a values.yaml of
the chart.`

func newPolicyCommand(s streams) *cobra.Command {
	cmd := newCommandGroup("policy", "Print or check a policy")
	cmd.AddCommand(newPolicyPrintCommand(s), newPolicyValidateCommand(s))
	return cmd
}

func newPolicyPrintCommand(s streams) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:     "print",
		Short:   "Print the effective policy, with defaults filled in",
		Long:    "Print the effective policy as a policy file, with defaults filled in.\n\n" + policyInputs,
		Example: "  holdfast policy print -f policy.yaml\n  kubectl -n holdfast-system get configmap holdfast-policy -o yaml | holdfast policy print -f -",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			found, err := readPolicy(s, file)
			if err != nil {
				return err
			}
			out, err := found.Policy.YAML()
			if err != nil {
				return fmt.Errorf("writing the policy: %w", err)
			}
			_, err = s.out.Write(out)
			return err
		},
	}
	cmd.Flags().StringVarP(&file, filenameFlag, "f", "", "file with a policy, - for standard input (default: the built-in policy)")
	return cmd
}

func newPolicyValidateCommand(s streams) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "validate -f FILE|-",
		Short: "Check a policy and report every error with its line",
		Long: "Check a policy and report every error in it with its line and column.\n\n" + policyInputs + `

Exits with 1 if the policy is invalid.`,
		Example: "  holdfast policy validate -f policy.yaml\n  helm template holdfast charts/holdfast -f values.yaml | holdfast policy validate -f -",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				return missingFile(cmd, "a file with a policy")
			}
			found, err := findPolicies(s, file)
			if err != nil {
				return err
			}
			return validatePolicies(s.err, file, found)
		},
	}
	cmd.Flags().StringVarP(&file, filenameFlag, "f", "", "file with a policy, - for standard input")
	return cmd
}

// findPolicies reads the policies in a file.
func findPolicies(s streams, file string) ([]policy.Found, error) {
	data, err := readFile(s, file)
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	return policy.Find(data), nil
}

// validatePolicies reports the faults of each policy, or that there are none. It
// returns a findingsError if there are any.
func validatePolicies(out io.Writer, file string, found []policy.Found) error {
	if reportFaults(out, file, found) {
		return findingsError{}
	}
	for _, f := range found {
		what := "a valid policy"
		if f.At != "" {
			what = f.At + " is a valid policy"
		}
		if f.Digest != "" {
			what += " (SHA-256 " + f.Digest + ")"
		}
		fmt.Fprintf(out, "%s: %s\n", shownName(file), what)
	}
	return nil
}

// reportFaults writes the faults of policies, one per line, and reports whether there
// are any.
func reportFaults(out io.Writer, file string, all []policy.Found) (found bool) {
	for _, f := range all {
		for _, fault := range f.Faults {
			fmt.Fprintf(out, "%s:%d:%d: %s\n", shownName(file), fault.Line, fault.Column, fault.Text())
		}
		found = found || len(f.Faults) > 0
	}
	return found
}

// readPolicy reads the policy in a file; without a name it returns the built-in policy.
// If the policy is invalid it writes the faults and returns a findingsError.
func readPolicy(s streams, file string) (policy.Found, error) {
	if file == "" {
		return policy.Found{Policy: policy.Default()}, nil
	}
	found, err := findPolicies(s, file)
	if err != nil {
		return policy.Found{}, err
	}
	if reportFaults(s.err, file, found) {
		return policy.Found{}, findingsError{}
	}
	if len(found) > 1 {
		return policy.Found{}, fmt.Errorf("%s has %s; name a file with one", shownName(file), policy.Quantity(len(found), "policy"))
	}
	return found[0], nil
}

// readPolicyToUse reads the policy for a command that is about something else: an invalid
// policy is a failure of the command, and not one of its findings.
func readPolicyToUse(s streams, file string) (policy.Found, error) {
	found, err := readPolicy(s, file)
	if errors.As(err, new(findingsError)) {
		return policy.Found{}, fmt.Errorf("%s can't be used as a policy", shownName(file))
	}
	return found, err
}

// shownName returns the name of a file as messages show it.
func shownName(file string) string {
	if file == "-" {
		return manifest.StandardInput
	}
	return file
}

// readFile reads a file, or standard input if the name is a dash.
func readFile(s streams, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(s.in)
	}
	return os.ReadFile(name)
}
