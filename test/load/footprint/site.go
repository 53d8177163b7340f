package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/holdfast-dev/holdfast/test/cluster/local"
	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

const (
	chart  = "../../charts/holdfast"
	system = "holdfast-system"
	image  = "localhost/holdfast"
	tag    = "dev"
)

// site is a cluster with Holdfast on it.
type site struct {
	program string
	cluster *local.Cluster
	api     kubernetes.Interface
}

// install starts a cluster and installs Holdfast as an admin gets it, but for the
// image, and for its one pod, which takes all the load.
func install(ctx context.Context, program string) (*site, error) {
	program, err := filepath.Abs(program)
	if err != nil {
		return nil, err
	}
	cluster, err := local.Start(ctx, local.Options{
		Images:   map[string]string{image + ":" + tag: program},
		Progress: func(p parts.Progress) { log.Print(p) },
		Log:      os.Stderr,
	})
	if err != nil {
		return nil, err
	}
	s := &site{program: program, cluster: cluster}
	if err := s.fit(ctx); err != nil {
		return nil, errors.Join(err, cluster.Stop())
	}
	return s, nil
}

func (s *site) fit(ctx context.Context) error {
	config, err := clientcmd.BuildConfigFromFlags("", s.cluster.Kubeconfig)
	if err != nil {
		return err
	}
	config.QPS = -1
	config.WarningHandler = rest.NoWarnings{}
	if s.api, err = kubernetes.NewForConfig(config); err != nil {
		return err
	}
	return succeed(s.cluster.Command(ctx, s.cluster.Helm, "install", "holdfast", chart, "--wait",
		"--namespace", system, "--create-namespace",
		"--set", "image.repository="+image, "--set", "image.tag="+tag, "--set", "replicas=1"))
}

// renew replaces the pod by one that starts on the cluster as it now is.
func (s *site) renew(ctx context.Context) error {
	restart := s.cluster.Command(ctx, s.cluster.Kubectl, "rollout", "restart", "deployment/holdfast", "--namespace", system)
	if err := succeed(restart); err != nil {
		return err
	}
	return succeed(s.cluster.Command(ctx, s.cluster.Kubectl, "rollout", "status", "deployment/holdfast", "--namespace", system))
}

func succeed(command *exec.Cmd) error {
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(command.Path), command.Args[1], err, output)
	}
	return nil
}

// pod is Holdfast's one pod. Another may be on its way out.
func (s *site) pod(ctx context.Context) (core.Pod, error) {
	pods, err := s.api.CoreV1().Pods(system).List(ctx, meta.ListOptions{LabelSelector: "app.kubernetes.io/name=holdfast"})
	if err != nil {
		return core.Pod{}, err
	}
	for _, p := range pods.Items {
		if p.DeletionTimestamp == nil {
			return p, nil
		}
	}
	return core.Pod{}, errors.New("no pod of Holdfast's is there")
}

// usage is the pod's memory as it is now.
func (s *site) usage(ctx context.Context) (usage, error) {
	pod, err := s.pod(ctx)
	if err != nil {
		return usage{}, err
	}
	process, err := processOf(pod.Name)
	if err != nil {
		return usage{}, err
	}
	return usageOf(process)
}

// calm is how long a process is left alone before its memory counts. Go's
// runtime gives back what it doesn't need over some seconds.
const calm = 30 * time.Second

// usageAtRest is the pod's memory once it has been left alone.
func (s *site) usageAtRest(ctx context.Context) (usage, error) {
	select {
	case <-ctx.Done():
		return usage{}, ctx.Err()
	case <-time.After(calm):
	}
	return s.usage(ctx)
}
