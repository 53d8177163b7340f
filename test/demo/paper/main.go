// Command paper is the demo's first act: what Holdfast would do to the samples,
// with no cluster at all. It is a program of its own because it must not wait
// until the cluster's libraries are built.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/test/demo/stage"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: paper HOLDFAST")
		os.Exit(2)
	}
	if err := show(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func show(holdfast string) error {
	holdfast, err := filepath.Abs(holdfast)
	if err != nil {
		return err
	}
	s, err := stage.New(context.Background())
	if err != nil {
		return err
	}
	s.Title("1. On paper: the samples, before and after")
	if err := s.Run(exec.Command(holdfast, "inject", "-f", stage.Samples, "-o", "diff")); err != nil {
		return err
	}
	return lifetimes(s, holdfast)
}

// lifetimes says what the difference means for a socket.
func lifetimes(s stage.Stage, holdfast string) error {
	command := exec.Command(holdfast, "inject", "-f", stage.Samples)
	command.Dir = s.Root
	after, err := command.Output()
	if err != nil {
		return fmt.Errorf("injecting the samples: %w", err)
	}
	s.Say("What that means for an idle WebSocket:")
	for _, document := range bytes.Split(after, []byte("\n---\n")) {
		var o object
		if yaml.Unmarshal(document, &o) == nil && o.Kind == "Ingress" {
			s.Say("  %-22s %s", o.Metadata.Namespace+"/"+o.Metadata.Name, lifetime(o.Metadata.Annotations))
		}
	}
	return nil
}

// object is what the demo reads of a manifest.
type object struct {
	Kind     string
	Metadata struct {
		Namespace, Name string
		Annotations     map[string]string
	}
}

// ownTimeout is ingress-nginx's, where nothing is written.
const ownTimeout = time.Minute

// lifetime returns how long ingress-nginx keeps an idle WebSocket open, which is
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
