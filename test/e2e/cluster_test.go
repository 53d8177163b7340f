// Package e2e tests Holdfast as its users meet it: on a cluster of real parts,
// installed by its chart, with kubectl and helm as clients. What the tests
// compare is what the API server has stored, what the programs printed, and
// what the API server counted and wrote to its audit log.
//
// One cluster serves all tests: one of ours that is started for them, or one that
// is given. A test has Namespaces of its own and runs in
// parallel with others. A test that affects other tests, or counts what they
// do, doesn't call t.Parallel: Go runs those one by one, before the parallel
// ones, and each leaves everything as it was.
package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/test/cluster/local"
	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

const (
	repository = "../.."
	chart      = repository + "/charts/holdfast"
	// system is the Namespace that Holdfast is installed in.
	system = "holdfast-system"
	// ourImage is Holdfast's name on a cluster of ours.
	ourImage = "localhost/holdfast:dev"
)

var kubernetesVersion = flag.String("cluster.kubernetes", parts.Newest, "the version of Kubernetes of the cluster that is started")

// cluster is the one under test, with Holdfast in it.
var cluster *local.Cluster

// program is Holdfast, built from the work tree.
var program string

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		fmt.Println("skipped by -short: the end-to-end tests start a cluster")
		return
	}
	err := withHoldfast(func() {
		if m.Run() != 0 {
			printPods()
		}
	})
	if err != nil {
		log.Fatal(err)
	}
}

// withHoldfast gets a cluster, installs Holdfast and calls do.
func withHoldfast(do func()) error {
	folder, err := os.MkdirTemp("", "holdfast-e2e-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	// What kubectl remembers of an API server must not outlive it.
	if err := os.Setenv("KUBECACHEDIR", filepath.Join(folder, "kubectl")); err != nil {
		return err
	}
	program, err = parts.BuildHoldfast(context.Background(), folder)
	if err != nil {
		return err
	}
	if isGiven() {
		return onGivenCluster(do)
	}
	cluster, err = local.Start(context.Background(), local.Options{
		Images:     map[string]string{ourImage: program},
		Kubernetes: *kubernetesVersion,
		// The one that the guide gives to admins.
		AuditPolicy: repository + "/config/audit/policy.yaml",
		Progress:    printProgress,
		Log:         os.Stderr,
	})
	if err != nil {
		return err
	}
	defer cluster.Stop()
	if err := install(ourImage); err != nil {
		return err
	}
	do()
	return nil
}

func printProgress(p parts.Progress) { fmt.Println(p) }

// printPods prints what became of Holdfast's pods, those that have gone
// included: why a pod was restarted is known nowhere else.
func printPods() {
	events := run(context.Background(), ".", cluster.Kubectl, "get", "events", "--namespace", system, "--sort-by=.lastTimestamp")
	fmt.Printf("Events of %s:\n%s%s\n", system, events.out, events.err)
	if err := cluster.WriteLogs(os.Stdout, system+"_*.log", lastLines); err != nil {
		fmt.Println(err)
	}
}

// lastLines is how many lines of a pod's log are printed.
const lastLines = 60

// installed are helm's arguments after "install" or "upgrade". Only the image is
// not what an admin gets.
var installed []string

func install(image string) error {
	repository, tag := splitImage(image)
	installed = []string{
		"holdfast", chart, "--namespace", system,
		"--set", "image.repository=" + repository, "--set", "image.tag=" + tag,
	}
	answer := run(context.Background(), ".", cluster.Helm,
		append([]string{"install", "--create-namespace", "--wait"}, installed...)...)
	if answer.code != 0 {
		return fmt.Errorf("installing the chart: %s", answer.err)
	}
	return nil
}

// splitImage splits an image's name at its tag, which may be missing; the
// registry's port isn't one.
func splitImage(image string) (repository, tag string) {
	at := strings.LastIndexByte(image, ':')
	if at < 0 || strings.Contains(image[at:], "/") {
		return image, ""
	}
	return image[:at], image[at+1:]
}

// space is a Namespace as a test sees it.
type space struct {
	t    *testing.T
	name string
}

var spaces atomic.Int64

// newSpace makes a Namespace of the test's own. The lines are its metadata, such as
// "labels: {holdfast.dev/policy: enforce}". On a cluster of ours it goes with that.
func newSpace(t *testing.T, metadata ...string) space {
	t.Helper()
	name := fmt.Sprintf("%s-%d", spacePrefix(), spaces.Add(1))
	everywhere(t).kubectl("create -f", file(t, manifest("v1", "Namespace", name, metadata, "")))
	removeAfter(t, name)
	return space{t, name}
}

// enforced makes a Namespace in which Holdfast injects.
func enforced(t *testing.T) space {
	t.Helper()
	return newSpace(t, "labels: {holdfast.dev/policy: enforce}")
}

// holdfast is the Namespace that Holdfast runs in.
func holdfast(t *testing.T) space { return space{t, system} }

// everywhere is for commands that concern no Namespace, or more than one.
func everywhere(t *testing.T) space { return space{t: t} }

// output is how a program answered.
type output struct {
	out, err string
	code     int
}

// kubectl runs a command line in the Namespace. It is split at its spaces; more
// arguments aren't. The command has to succeed.
func (s space) kubectl(line string, more ...string) output {
	s.t.Helper()
	return s.mustSucceed(s.tryKubectl(line, more...), "kubectl "+line)
}

// helm is like kubectl.
func (s space) helm(line string, more ...string) output {
	s.t.Helper()
	return s.mustSucceed(s.tryHelm(line, more...), "helm "+line)
}

func (s space) mustSucceed(answer output, command string) output {
	s.t.Helper()
	require.Zero(s.t, answer.code, "%s: %s", command, answer.err)
	return answer
}

// tryKubectl is for commands that may fail.
func (s space) tryKubectl(line string, more ...string) output {
	s.t.Helper()
	return s.run(cluster.Kubectl, line, more...)
}

// tryHelm is for commands that may fail.
func (s space) tryHelm(line string, more ...string) output {
	s.t.Helper()
	return s.run(cluster.Helm, line, more...)
}

func (s space) run(program, line string, more ...string) output {
	// A test's own context ends before its cleanups, which run programs too.
	ctx := context.WithoutCancel(s.t.Context())
	var arguments []string
	if s.name != "" {
		arguments = append(arguments, "--namespace", s.name)
	}
	return run(ctx, ".", program, slices.Concat(arguments, strings.Fields(line), more)...)
}

// maxWait is how long any step may take. It is long, because test machines can be
// slow; no test waits until it has passed.
const maxWait = 2 * time.Minute

func run(ctx context.Context, folder, program string, arguments ...string) output {
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	var out, err strings.Builder
	command := cluster.Command(ctx, program, arguments...)
	command.Dir = folder
	command.Stdout, command.Stderr = &out, &err
	var exit *exec.ExitError
	if failure := command.Run(); failure != nil && !errors.As(failure, &exit) {
		return output{err: failure.Error(), code: -1}
	}
	return output{out.String(), err.String(), command.ProcessState.ExitCode()}
}

// eventually waits until a condition holds. Until then, the condition returns the
// reason why it doesn't.
func eventually(t *testing.T, condition func() error) {
	t.Helper()
	require.NoError(t, local.Await(maxWait, 100*time.Millisecond, condition))
}
