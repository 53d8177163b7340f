package main

import (
	"time"

	"github.com/holdfast-dev/holdfast/test/cluster/local"
	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

const image = "localhost/holdfast"

// raiseCluster is the second act: a cluster of real parts.
func (s stage) raiseCluster() (*local.Cluster, error) {
	s.title("2. A cluster of real parts")
	s.say("etcd, kube-apiserver, kube-controller-manager and cert-manager, built from their own")
	s.say("modules and kept. The first time this takes many minutes; after that, seconds.\n")
	start, built := time.Now(), false
	cluster, err := local.Start(s.ctx, local.Options{
		Images: map[string]string{image + ":dev": s.holdfast},
		Log:    s.out,
		Progress: func(p parts.Progress) {
			built = built || p.Building != ""
			s.say("  %s", p)
		},
	})
	if err != nil {
		return nil, err
	}
	how := "all parts were there"
	if built {
		how = "some parts were built; the next start takes seconds"
	}
	s.say("  up after %s (%s)", time.Since(start).Round(time.Second), how)
	if cluster.Notice != "" {
		s.say("  %s", cluster.Notice)
	}
	return cluster, nil
}

// The tables that show what changed.
const (
	ingressTable = `custom-columns=NAMESPACE:.metadata.namespace,INGRESS:.metadata.name,` +
		`READ:.metadata.annotations.nginx\.ingress\.kubernetes\.io/proxy-read-timeout,` +
		`SEND:.metadata.annotations.nginx\.ingress\.kubernetes\.io/proxy-send-timeout`
	serviceTable = `custom-columns=SERVICE:.metadata.name,AFFINITY:.spec.sessionAffinity,` +
		`SECONDS:.spec.sessionAffinityConfig.clientIP.timeoutSeconds`
)

// live is the third act: the same samples, by plain kubectl, through the API
// server that calls Holdfast.
func (s stage) live(c *local.Cluster) error {
	s.title("3. Live: plain kubectl, and an API server that calls Holdfast")
	steps := []func() error{
		func() error { return s.install(c) },
		func() error { return s.applySamples(c) },
		func() error { return s.stick(c) },
		func() error { return s.beRefused(c) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (s stage) install(c *local.Cluster) error {
	s.say("Holdfast from its chart:\n")
	if err := s.run(s.helm(c, "install", "holdfast", "charts/holdfast", "--namespace", "holdfast", "--create-namespace",
		"--set", "image.repository="+image, "--set", "image.tag=dev", "--wait", "--timeout", "2m")); err != nil {
		return err
	}
	return s.run(s.kubectl(c, "get", "pods", "--namespace", "holdfast", "--output", "wide"))
}

func (s stage) applySamples(c *local.Cluster) error {
	s.say("The samples, which say nothing of timeouts. Namespace chat is labelled, reports isn't:\n")
	if err := s.run(s.kubectl(c, "apply", "--kustomize", samples)); err != nil {
		return err
	}
	return s.run(s.kubectl(c, "get", "ingress", "--all-namespaces", "--output", ingressTable))
}

func (s stage) stick(c *local.Cluster) error {
	s.say("One label keeps each client on its pod, and the label's end takes it back:\n")
	for _, label := range []string{"holdfast.dev/sticky-session=true", "holdfast.dev/sticky-session-"} {
		if err := s.run(s.kubectl(c, "--namespace", "chat", "label", "service", "rooms", label)); err != nil {
			return err
		}
		if err := s.run(s.kubectl(c, "--namespace", "chat", "get", "service", "rooms", "--output", serviceTable)); err != nil {
			return err
		}
	}
	return nil
}

func (s stage) beRefused(c *local.Cluster) error {
	s.say("A mistake is refused with a sentence:\n")
	return s.mustFail(s.kubectl(c, "apply", "--filename", samples+"/bad"))
}

// handOver tells how to go on by hand.
func (s stage) handOver(c *local.Cluster) {
	s.title("It stays up. In another terminal:")
	s.say("  export KUBECONFIG=%s", c.Kubeconfig)
	s.say("  alias kubectl=%s helm=%s", c.Kubectl, c.Helm)
	s.say("  kubectl -n chat get ingress chat -o yaml")
	s.say("  kubectl -n chat annotate ingress chat holdfast.dev/idle-timeout=2h")
	s.say("  kubectl -n holdfast logs deployment/holdfast")
	s.say("\nCtrl-C ends it.")
}
