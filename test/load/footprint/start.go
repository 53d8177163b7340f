package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// starts is how many there are. An odd number has a median.
	starts = 15
	// maxStart is the limit, in milliseconds.
	maxStart = 300
	// startTimeout is how long one may take before it has failed.
	startTimeout = 30 * time.Second
)

// starts measures the time from the program's start until it is ready, with
// certificate and policy in their files and the API server there. It also
// returns what the packages do before main.
func (s *site) starts(ctx context.Context) ([]figure, []initialisation, error) {
	log.Print("starts")
	folder, err := os.MkdirTemp("", "holdfast-footprint-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(folder)
	if err := s.mount(ctx, folder); err != nil {
		return nil, nil, err
	}
	var took []time.Duration
	for range starts {
		one, _, err := s.start(ctx, folder)
		if err != nil {
			return nil, nil, err
		}
		took = append(took, one)
	}
	slices.Sort(took)
	median := float64(took[starts/2]) / float64(time.Millisecond)
	_, said, err := s.start(ctx, folder, "GODEBUG=inittrace=1")
	if err != nil {
		return nil, nil, err
	}
	initialised, err := readInits(bytes.NewReader(said))
	figures := []figure{{fmt.Sprintf("start to ready, median of %d", starts), median, milliseconds, maxStart}}
	return figures, initialised, err
}

// mount writes the files of a pod's volumes: certificate, key and policy.
func (s *site) mount(ctx context.Context, folder string) error {
	secret, err := s.api.CoreV1().Secrets(system).Get(ctx, "holdfast-webhook", meta.GetOptions{})
	if err != nil {
		return err
	}
	for name, data := range secret.Data {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			return err
		}
	}
	policy, err := s.api.CoreV1().ConfigMaps(system).Get(ctx, "holdfast-policy", meta.GetOptions{})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "policy.yaml"), []byte(policy.Data["policy.yaml"]), 0o600)
}

// start starts the program, waits until it is ready, and kills it. It returns
// how long that took, and what the program said.
func (s *site) start(ctx context.Context, folder string, environment ...string) (time.Duration, []byte, error) {
	health, err := freeAddress()
	if err != nil {
		return 0, nil, err
	}
	var said bytes.Buffer
	command := exec.CommandContext(ctx, s.program, "webhook", "--kubeconfig", s.cluster.Kubeconfig,
		"--certificates", folder, "--policy", filepath.Join(folder, "policy.yaml"),
		"--port", "0", "--health-address", health, "--metrics-address", "127.0.0.1:0")
	command.Env = append(os.Environ(), environment...)
	command.Stderr = &said
	begun := time.Now()
	if err := command.Start(); err != nil {
		return 0, nil, err
	}
	err = awaitReady(ctx, "http://"+health+"/readyz")
	took := time.Since(begun)
	// The program was killed, so it ends with an error.
	_ = command.Process.Kill()
	_ = command.Wait()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, said.Bytes())
	}
	return took, said.Bytes(), err
}

func freeAddress() (string, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return free.Addr().String(), free.Close()
}

func awaitReady(ctx context.Context, url string) error {
	for end := time.Now().Add(startTimeout); time.Now().Before(end); time.Sleep(time.Millisecond) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			// The program doesn't listen yet.
			continue
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return nil
		}
	}
	return errors.New("the program didn't get ready")
}
