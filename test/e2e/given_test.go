package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/holdfast-dev/holdfast/test/cluster/local"
)

// A cluster that somebody has. Holdfast is installed in it for the tests, and
// nothing of it stays.
var (
	givenKubeconfig = flag.String("cluster.kubeconfig", "", "the kubeconfig of a cluster to test on; without it one is started")
	givenImage      = flag.String("cluster.image", "", "an image of Holdfast that this cluster can pull, as REPOSITORY:TAG")
)

func isGiven() bool { return *givenKubeconfig != "" }

// onGivenCluster installs Holdfast and calls do.
func onGivenCluster(do func()) (err error) {
	if _, tag := splitImage(*givenImage); tag == "" {
		return errors.New("testing on a cluster of yours takes IMAGE=REPOSITORY:TAG, an image of Holdfast that it can pull")
	}
	cluster, err = local.Use(context.Background(), *givenKubeconfig, printProgress)
	if err != nil {
		return err
	}
	if err := requireFit(); err != nil {
		return fmt.Errorf("the cluster of %s can't be tested on: %w", *givenKubeconfig, err)
	}
	defer func() { err = errors.Join(err, uninstall()) }()
	if err := install(*givenImage); err != nil {
		return err
	}
	do()
	return nil
}

// requireFit returns why a cluster isn't one that the tests can use.
func requireFit() error {
	ask := func(line string) (string, error) {
		answer := run(context.Background(), ".", cluster.Kubectl, strings.Fields(line)...)
		if answer.code != 0 {
			return "", errors.New(strings.TrimSpace(answer.err))
		}
		return strings.Join(strings.Fields(answer.out), ", "), nil
	}
	for _, c := range []struct {
		line   string
		wanted bool
		reason string
	}{
		{"get customresourcedefinition certificates.cert-manager.io", true, "it has no cert-manager, which makes Holdfast's certificate"},
		{"get namespace " + system, false, "it has %s: the tests install Holdfast themselves, and remove it"},
		{"get mutatingwebhookconfiguration holdfast", false, "it has %s: the tests install Holdfast themselves, and remove it"},
		{"get ingressclasses", false, "it has %s: what Holdfast injects depends on IngressClasses, and the tests bring their own"},
	} {
		found, err := ask(c.line + " --ignore-not-found -o name")
		if err != nil {
			return err
		}
		if (found != "") != c.wanted {
			return errors.New(strings.ReplaceAll(c.reason, "%s", found))
		}
	}
	return nil
}

// uninstall removes Holdfast.
func uninstall() error {
	for _, command := range [][]string{
		{cluster.Helm, "uninstall", "holdfast", "--namespace", system, "--ignore-not-found", "--wait"},
		{cluster.Kubectl, "delete", "namespace", system, "--ignore-not-found"},
	} {
		if answer := run(context.Background(), ".", command[0], command[1:]...); answer.code != 0 {
			return fmt.Errorf("uninstalling Holdfast: %s", answer.err)
		}
	}
	return nil
}

// spacePrefix begins the names of the tests' Namespaces. On a given cluster an
// interrupted run may have left some.
func spacePrefix() string {
	if isGiven() {
		return fmt.Sprintf("holdfast-test-%d", os.Getpid())
	}
	return "test"
}

// removeAfter removes a Namespace from a given cluster when the test ends. One of
// ours goes as a whole.
func removeAfter(t *testing.T, namespace string) {
	t.Helper()
	if isGiven() {
		t.Cleanup(func() { everywhere(t).kubectl("delete namespace --wait=false --ignore-not-found", namespace) })
	}
}

// needsOurCluster skips a test on a given cluster. What the test does completes
// the sentence.
func needsOurCluster(t *testing.T, does string) {
	t.Helper()
	if isGiven() {
		t.Skip("needs a cluster that the tests have started: it " + does)
	}
}
