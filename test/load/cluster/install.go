package main

import (
	"context"
	"embed"
	"fmt"
	"os/exec"
	"strings"
	"text/template"

	"github.com/holdfast-dev/holdfast/test/cluster/local"
)

const (
	chart         = "../../charts/holdfast"
	holdfastImage = "localhost/holdfast"
	serveImage    = "localhost/serve"
	tag           = "dev"
)

//go:embed manifests
var manifests embed.FS

// install installs the contestants, a replica each. They may not be in force
// yet when it returns.
func install(ctx context.Context, cluster *local.Cluster) error {
	all, err := manifest()
	if err != nil {
		return err
	}
	apply := cluster.Command(ctx, cluster.Kubectl, "apply", "--filename=-")
	apply.Stdin = strings.NewReader(all)
	for _, command := range []*exec.Cmd{
		apply,
		cluster.Command(ctx, cluster.Helm, "install", "holdfast", chart, "--wait",
			"--namespace=holdfast-system", "--create-namespace",
			"--set=image.repository="+holdfastImage, "--set=image.tag="+tag, "--set=replicas=1"),
		cluster.Command(ctx, cluster.Kubectl, "wait", "deployments", "--all", "--namespace=contestants",
			"--for=condition=Available", "--timeout=2m"),
	} {
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("installing the contestants: %w\n%s", err, output)
		}
	}
	return nil
}

// manifest is what is installed with kubectl.
func manifest() (string, error) {
	templates, err := template.ParseFS(manifests, "manifests/*.yaml")
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for _, t := range templates.Templates() {
		all.WriteString("---\n")
		if err := t.Execute(&all, contestants); err != nil {
			return "", err
		}
	}
	return all.String(), nil
}
