package wire

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/test/cluster/local"
	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

const (
	repository = "../.."
	// holdfastImage is Holdfast's name on the cluster, and the probe's.
	holdfastImage = "localhost/holdfast:dev"
	// maxWait is how long any step may take. It is long, because test machines can be
	// slow; no test waits until it has passed.
	maxWait = 5 * time.Minute
)

var (
	// cluster is the one under test, with Holdfast and the ingress controllers in it.
	cluster *local.Cluster
	// holdfast is the program.
	holdfast string
)

// Tests that restart a controller or change its configuration run one after the other, with
// those of different controllers at once. After them the parallel tests run together.
func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		fmt.Println("skipped by -short: the tests on the wire start a cluster")
		return
	}
	code := 0
	err := withControllers(func() error {
		if code = m.Run(); code != 0 {
			return nil
		}
		return writeTable()
	})
	switch {
	case errors.Is(err, parts.ErrNoPackages), errors.Is(err, parts.ErrNoNpm), errors.Is(err, errOneAddress):
		fmt.Println("skipped:", err)
	case err != nil:
		log.Fatal(err)
	}
	os.Exit(code)
}

// inFull skips a test that only the full form has.
func inFull(t *testing.T) {
	t.Helper()
	if !*full {
		t.Skip("measured by make test-wire")
	}
}

// errOneAddress is returned where pods have no addresses of their own.
var errOneAddress = errors.New("each ingress controller needs an address of its own")

// withControllers starts a cluster with Holdfast and all ingress controllers, and calls
// do.
func withControllers(do func() error) error {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "holdfast-wire-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	// What kubectl remembers of an API server must not outlive it.
	if err := os.Setenv("KUBECACHEDIR", filepath.Join(folder, "kubectl")); err != nil {
		return err
	}
	available, err := images(ctx, printProgress)
	if err != nil {
		return err
	}
	if holdfast, err = parts.BuildHoldfast(ctx, folder); err != nil {
		return err
	}
	available[holdfastImage] = holdfast
	cluster, err = local.Start(ctx, local.Options{Images: available, Progress: printProgress, Log: os.Stderr})
	if err != nil {
		return err
	}
	defer cluster.Stop()
	if cluster.Notice != "" {
		return fmt.Errorf("%w: %s", errOneAddress, cluster.Notice)
	}
	if err := install(ctx); err != nil {
		return errors.Join(err, cluster.WriteLogs(os.Stdout, "*.log", 30))
	}
	return do()
}

// writeTable writes the table into README.md if all of it was measured.
func writeTable() error {
	if !*full || *only != "" || flag.Lookup("test.run").Value.String() != "" {
		return nil
	}
	return results.write()
}

func printProgress(p parts.Progress) { fmt.Println(p) }

// install installs Holdfast by its chart, kube-proxy and the ingress controllers.
func install(ctx context.Context) error {
	for _, manifest := range append([]string{"kube-proxy", "rights"}, names(controllers())...) {
		if _, err := kubectl(ctx, "apply", "--filename", filepath.Join("controllers", manifest+".yaml")); err != nil {
			return fmt.Errorf("applying %s: %w", manifest, err)
		}
	}
	image, tag, _ := strings.Cut(holdfastImage, ":")
	_, err := run(ctx, cluster.Helm, "install", "holdfast", filepath.Join(repository, "charts", "holdfast"),
		"--namespace", "holdfast-system", "--create-namespace", "--wait", "--values", filepath.Join("controllers", "holdfast.yaml"),
		"--set", "image.repository="+image, "--set", "image.tag="+tag)
	if err != nil {
		return fmt.Errorf("installing the chart: %w", err)
	}
	for _, namespace := range []string{"ingress", "kube-system"} {
		if _, err := kubectl(ctx, "wait", "deployment", "--all", "--for=condition=Available", "--timeout=3m", "--namespace", namespace); err != nil {
			return fmt.Errorf("waiting for the controllers in %s: %w", namespace, err)
		}
	}
	return nil
}

func kubectl(ctx context.Context, arguments ...string) (string, error) {
	return run(ctx, cluster.Kubectl, arguments...)
}

// run runs a program for the cluster. Its error has what the program said.
func run(ctx context.Context, program string, arguments ...string) (string, error) {
	return runWithin(ctx, maxWait, program, arguments...)
}

// runWithin is run for a program that may take another time than most.
func runWithin(ctx context.Context, limit time.Duration, program string, arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	output, err := cluster.Command(ctx, program, arguments...).Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(failed.Stderr)))
	}
	return string(output), err
}

// mustKubectl is kubectl for a command that has to succeed.
func mustKubectl(t *testing.T, arguments ...string) string {
	t.Helper()
	output, err := kubectl(t.Context(), arguments...)
	require.NoError(t, err, "kubectl %s", strings.Join(arguments, " "))
	return output
}

// apply applies a manifest in a namespace, as a user does.
func apply(t *testing.T, namespace, manifest string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "manifest.yaml")
	require.NoError(t, os.WriteFile(file, []byte(manifest), 0o600))
	mustKubectl(t, "apply", "--namespace", namespace, "--filename", file)
}

// eventually waits until a condition holds. Until then, the condition returns the
// reason why it doesn't.
func eventually(t *testing.T, condition func() error) {
	t.Helper()
	require.NoError(t, local.Await(maxWait, 200*time.Millisecond, condition))
}
