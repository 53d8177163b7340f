package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
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

// scrapes are enough for the garbage collector to run many times over.
const scrapes = 1000

// work makes the pod do what all pods do: serve its metrics. Go's heap may reach
// 4 MiB before the first garbage is collected, and a new pod's hasn't.
func (s *site) work(ctx context.Context) error {
	pod, err := s.pod(ctx)
	if err != nil {
		return err
	}
	ports := pod.Spec.Containers[0].Ports
	metrics := ports[slices.IndexFunc(ports, func(p core.ContainerPort) bool { return p.Name == "metrics" })]
	url := "http://" + net.JoinHostPort(pod.Status.PodIP, strconv.Itoa(int(metrics.ContainerPort))) + "/metrics"
	client := &http.Client{Transport: &http.Transport{DialContext: s.cluster.DialContext}}
	defer client.CloseIdleConnections()
	for range scrapes {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			return err
		}
	}
	return nil
}

// calm is how long a process is left alone before its memory counts. Go's
// runtime gives back what it doesn't need over some seconds.
const calm = 30 * time.Second

// usageAfterWork is the pod's memory at rest, when it has worked before.
func (s *site) usageAfterWork(ctx context.Context) (usage, error) {
	if err := s.work(ctx); err != nil {
		return usage{}, err
	}
	return s.usageAtRest(ctx)
}

// usageAtRest is the pod's memory once it has been left alone.
func (s *site) usageAtRest(ctx context.Context) (usage, error) {
	select {
	case <-ctx.Done():
		return usage{}, ctx.Err()
	case <-time.After(calm):
	}
	return s.usage(ctx)
}
