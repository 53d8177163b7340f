package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/webhook"
)

const (
	connections = 16
	// loadTime is how long the connections are kept busy with reviews of a size.
	loadTime = 10 * time.Second
)

// The sizes of the reviews, in bytes. An API server takes objects of up to 3 MiB
// in all, old and new, though etcd's own limit is half of that; more than 7 MiB
// Holdfast doesn't read. Sixteen of these are more than it keeps in memory at a time.
const (
	largeReview = 3 << 20
	maxReview   = 7<<20 - 4096
)

// underLoad sends large reviews straight to a new pod, and then the largest.
func (s *site) underLoad(ctx context.Context) ([]figure, error) {
	if err := s.renew(ctx); err != nil {
		return nil, err
	}
	pod, err := s.pod(ctx)
	if err != nil {
		return nil, err
	}
	limit, err := memoryLimit(pod)
	if err != nil {
		return nil, err
	}
	var figures []figure
	for _, size := range []int{largeReview, maxReview} {
		log.Printf("reviews of %d bytes", size)
		counted, err := s.load(ctx, pod, size)
		if err != nil {
			return nil, err
		}
		after, err := s.usage(ctx)
		if err != nil {
			return nil, err
		}
		what := fmt.Sprintf("%d connections with reviews of %.1f MiB", connections, float64(size)/(1<<20))
		figures = append(figures,
			figure{what + ", peak", after.peak, mebibytes, limit},
			figure{"… answered", float64(counted.answered), answers, 0},
			figure{"… asked to retry", float64(counted.busy), answers, 0},
		)
	}
	calmed, err := s.usageAtRest(ctx)
	if err != nil {
		return nil, err
	}
	return append(figures, figure{"half a minute later, the process's own", calmed.anonymous, mebibytes, 0}), nil
}

// count is how calls ended: answered, or with 503, too many bytes being in
// flight.
type count struct{ answered, busy int }

// load keeps the connections busy.
func (s *site) load(ctx context.Context, pod core.Pod, size int) (total count, err error) {
	review, err := enlarged(size)
	if err != nil {
		return count{}, err
	}
	trusted, err := s.trust(ctx)
	if err != nil {
		return count{}, err
	}
	port := strconv.Itoa(int(pod.Spec.Containers[0].Ports[0].ContainerPort))
	url := "https://" + net.JoinHostPort(pod.Status.PodIP, port) + webhook.IngressPath + "?timeout=10s"
	ctx, stop := context.WithTimeout(ctx, loadTime)
	defer stop()
	var all sync.WaitGroup
	var mutex sync.Mutex
	for range connections {
		client := &http.Client{Transport: &http.Transport{DialContext: s.cluster.DialContext, TLSClientConfig: trusted}}
		all.Go(func() {
			defer client.CloseIdleConnections()
			counted, failed := callUntil(ctx, client, url, review)
			mutex.Lock()
			defer mutex.Unlock()
			total.answered += counted.answered
			total.busy += counted.busy
			if failed != nil {
				err = failed
			}
		})
	}
	all.Wait()
	return total, err
}

// trust is how the API server knows Holdfast.
func (s *site) trust(ctx context.Context) (*tls.Config, error) {
	registered, err := s.api.AdmissionregistrationV1().MutatingWebhookConfigurations().Get(ctx, "holdfast", meta.GetOptions{})
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(registered.Webhooks[0].ClientConfig.CABundle)
	return &tls.Config{RootCAs: roots, ServerName: "holdfast-webhook." + system + ".svc"}, nil
}

// callUntil calls again and again until the context ends.
func callUntil(ctx context.Context, client *http.Client, url string, review []byte) (counted count, err error) {
	for ctx.Err() == nil {
		status, err := call(ctx, client, url, review)
		if err != nil && ctx.Err() == nil {
			return counted, err
		}
		switch status {
		case http.StatusOK:
			counted.answered++
		case http.StatusServiceUnavailable:
			counted.busy++
		case 0:
			// The time was over before the answer.
		default:
			return counted, fmt.Errorf("the answer is %s", http.StatusText(status))
		}
	}
	return counted, nil
}

func call(ctx context.Context, client *http.Client, url string, review []byte) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(review))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}
