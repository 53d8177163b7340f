package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// apiServer is the API server as its clients reach it: over connections that are
// kept alive, each with one request in flight, and without client-go's throttle.
type apiServer struct {
	address string
	client  *http.Client
}

func newAPIServer(kubeconfig string) (apiServer, error) {
	configuration, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return apiServer{}, err
	}
	configuration.NextProtos = []string{"http/1.1"}
	client, err := rest.HTTPClientFor(configuration)
	return apiServer{configuration.Host, client}, err
}

// request is one that can be made again and again.
type request struct {
	method, path string
	body         []byte
}

// answer makes a request and returns what comes back.
func (s apiServer) answer(ctx context.Context, r request) ([]byte, error) {
	var answer bytes.Buffer
	err := s.send(ctx, r, &answer)
	return answer.Bytes(), err
}

// send makes a request and writes the answer's body. An answer that isn't a
// success is an error.
func (s apiServer) send(ctx context.Context, r request, to io.Writer) error {
	sent, err := http.NewRequestWithContext(ctx, r.method, s.address+r.path, bytes.NewReader(r.body))
	if err != nil {
		return err
	}
	sent.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(sent)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		text, err := io.ReadAll(io.LimitReader(response.Body, 4096))
		return fmt.Errorf("%s %s: %s: %s %w", r.method, r.path, response.Status, text, err)
	}
	_, err = io.Copy(to, response.Body)
	return err
}
