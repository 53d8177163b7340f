package main

import (
	"os/exec"
	"time"

	"github.com/holdfast-dev/holdfast/test/cluster/local"
	"github.com/holdfast-dev/holdfast/test/cluster/parts"
	"github.com/holdfast-dev/holdfast/test/demo/stage"
)

const image = "localhost/holdfast"

// raiseCluster is the second act: a cluster of real parts.
func raiseCluster(s stage.Stage, holdfast string) (*local.Cluster, error) {
	s.Title("2. A cluster of real parts")
	s.Say("etcd, kube-apiserver, kube-controller-manager and cert-manager, built from their own")
	s.Say("modules and kept. The first time this takes many minutes; after that, seconds.\n")
	start, built := time.Now(), false
	cluster, err := local.Start(s.Context, local.Options{
		Images: map[string]string{image + ":dev": holdfast},
		Log:    s.Out,
		Progress: func(p parts.Progress) {
			built = built || p.Building != ""
			s.Say("  %s", p)
		},
	})
	if err != nil {
		return nil, err
	}
	how := "all parts were there"
	if built {
		how = "some parts were built; the next start takes seconds"
	}
	s.Say("  up after %s (%s)", time.Since(start).Round(time.Second), how)
	if cluster.Notice != "" {
		s.Say("  %s", cluster.Notice)
	}
	return cluster, nil
}

// live is the third act: the same samples, by plain kubectl, through the API
// server that calls Holdfast.
type live struct {
	stage.Stage
	*local.Cluster
}

func (l live) play() error {
	l.Title("3. Live: plain kubectl, and an API server that calls Holdfast")
	for _, step := range []func() error{l.install, l.applySamples, l.stick, l.beRefused} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (l live) kubectl(args ...string) *exec.Cmd { return l.Command(l.Context, l.Kubectl, args...) }

func (l live) install() error {
	l.Say("Holdfast from its chart:\n")
	helm := l.Command(l.Context, l.Helm, "install", "holdfast", "charts/holdfast",
		"--namespace", "holdfast-system", "--create-namespace",
		"--set", "image.repository="+image, "--set", "image.tag=dev", "--wait", "--timeout", "2m")
	if err := l.Run(helm); err != nil {
		return err
	}
	return l.Run(l.kubectl("get", "pods", "-n", "holdfast-system", "-o", "wide"))
}

// The tables that show what changed.
const (
	ingressTable = `custom-columns=NAMESPACE:.metadata.namespace,INGRESS:.metadata.name,` +
		`READ:.metadata.annotations.nginx\.ingress\.kubernetes\.io/proxy-read-timeout,` +
		`SEND:.metadata.annotations.nginx\.ingress\.kubernetes\.io/proxy-send-timeout`
	serviceTable = `custom-columns=SERVICE:.metadata.name,AFFINITY:.spec.sessionAffinity,` +
		`SECONDS:.spec.sessionAffinityConfig.clientIP.timeoutSeconds`
)

func (l live) applySamples() error {
	l.Say("The samples, which say nothing of timeouts. Namespace chat is labelled, reports isn't:\n")
	if err := l.Run(l.kubectl("apply", "-k", stage.Samples)); err != nil {
		return err
	}
	return l.Run(l.kubectl("get", "ingress", "-A", "-o", ingressTable))
}

func (l live) stick() error {
	l.Say("One label keeps each client on its pod, and removing it undoes that:\n")
	for _, label := range []string{"holdfast.dev/sticky-session=true", "holdfast.dev/sticky-session-"} {
		if err := l.Run(l.kubectl("-n", "chat", "label", "service", "rooms", label)); err != nil {
			return err
		}
		if err := l.Run(l.kubectl("-n", "chat", "get", "service", "rooms", "-o", serviceTable)); err != nil {
			return err
		}
	}
	return nil
}

func (l live) beRefused() error {
	l.Say("A mistake is refused with a sentence:\n")
	return l.RunRefused(l.kubectl("apply", "-f", stage.Samples+"/bad"))
}

// handOver prints how to continue by hand.
func (l live) handOver() {
	l.Title("It stays up. In another terminal:")
	l.Say("  export KUBECONFIG=%s", l.Kubeconfig)
	l.Say("  alias kubectl=%s helm=%s", l.Kubectl, l.Helm)
	l.Say("  kubectl -n chat get ingress chat -o yaml")
	l.Say("  kubectl -n chat annotate ingress chat holdfast.dev/idle-timeout=2h")
	l.Say("  kubectl -n holdfast-system logs deployment/holdfast")
	l.Say("\nCtrl-C ends it.")
}
