package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"
)

const samples = "config/samples"

// onPaper is the first act: what Holdfast would do to the samples, with no
// cluster at all.
func (s stage) onPaper() error {
	s.title("1. On paper: the samples, before and after")
	if err := s.run(exec.CommandContext(s.ctx, s.holdfast, "inject", "-f", samples, "-o", "diff")); err != nil {
		return err
	}
	return s.lifetimes()
}

// lifetimes says what the difference means for a socket.
func (s stage) lifetimes() error {
	command := exec.CommandContext(s.ctx, s.holdfast, "inject", "-f", samples)
	command.Dir = s.root
	after, err := command.Output()
	if err != nil {
		return fmt.Errorf("injecting the samples: %w", err)
	}
	s.say("What that means for a WebSocket on which nothing is said:")
	for _, document := range bytes.Split(after, []byte("\n---\n")) {
		var ingress networkingv1.Ingress
		if yaml.Unmarshal(document, &ingress) != nil || ingress.Kind != "Ingress" {
			continue
		}
		s.say("  %-22s %s", ingress.Namespace+"/"+ingress.Name, lifetime(ingress.Annotations))
	}
	return nil
}

// ownTimeout is ingress-nginx's, where nothing is written.
const ownTimeout = time.Minute

// lifetime tells how long a silent socket lives behind ingress-nginx: until
// proxy-read-timeout.
func lifetime(annotations map[string]string) string {
	const key = "nginx.ingress.kubernetes.io/proxy-read-timeout"
	seconds, err := strconv.Atoi(annotations[key])
	switch {
	case err != nil:
		return fmt.Sprintf("dies after %s, and will: its namespace isn't labelled", inWords(ownTimeout))
	case strings.Contains(annotations["holdfast.dev/injected"], key):
		return fmt.Sprintf("dies after %s → %s", inWords(ownTimeout), inWords(time.Duration(seconds)*time.Second))
	default:
		return fmt.Sprintf("dies after %s, as its team chose", inWords(time.Duration(seconds)*time.Second))
	}
}

func inWords(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d%time.Minute == 0 && d > time.Minute:
		return fmt.Sprintf("%d min", d/time.Minute)
	default:
		return fmt.Sprintf("%d s", d/time.Second)
	}
}
