package main

import (
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/inventory/fakeapi"
)

func TestTheCommandsForAClusterTakeKubectlsFlags(t *testing.T) {
	kubectls := pflag.NewFlagSet("kubectl", pflag.ContinueOnError)
	genericclioptions.NewConfigFlags(true).AddFlags(kubectls)
	for _, cmd := range []*cobra.Command{newAuditCommand(streams{}), newCheckCommand(streams{}), newDescribeCommand(streams{})} {
		t.Run(cmd.Name(), func(t *testing.T) {
			kubectls.VisitAll(func(f *pflag.Flag) {
				if f.Name != "cache-dir" {
					assert.NotNil(t, cmd.Flags().Lookup(f.Name), f.Name)
				}
			})
		})
	}
}

// An audit of less than its reader believes is no evidence.
func TestAFlagThatManifestsGiveNoMeaningIsRefused(t *testing.T) {
	for _, command := range []string{"audit", "describe ingress/web"} {
		for flag, value := range map[string]string{"--as": "jane", "--context": "production", "--server": "https://192.0.2.1"} {
			t.Run(command+" "+flag, func(t *testing.T) {
				exit, stdout, stderr := holdfast(t, plainIngress, append(strings.Fields(command), "-f", "-", flag, value)...)
				assert.Equal(t, exitFailed, exit)
				assert.Empty(t, stdout)
				assert.Contains(t, stderr, flag+" can't be used with -f")
			})
		}
	}
	exit, _, stderr := holdfast(t, plainIngress, "audit", "-f", "-", "-l", "tier=web")
	assert.Equal(t, exitFailed, exit)
	assert.Contains(t, stderr, "--selector can't be used with -f")
}

func TestCheckLimitsItsRequests(t *testing.T) {
	exit, _, stderr := holdfast(t, "", "check", "--server", slowServer(t), "--request-timeout", (50 * time.Millisecond).String())
	assert.Equal(t, exitFailed, exit)
	assert.Contains(t, stderr, "timeout=50ms")
}

func TestTheRegistrationIsReadOnce(t *testing.T) {
	const registration = "/mutatingwebhookconfigurations/holdfast"
	server := fakeapi.New(t, labelled, installation())
	auditOf(t, server)
	assert.Equal(t, 1, strings.Count(strings.Join(server.Requests(), "\n"), registration))
}
