package e2e

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	typed "k8s.io/client-go/kubernetes/typed/networking/v1"
	"k8s.io/client-go/tools/clientcmd"
)

// load is four writers that create Ingresses at a steady rate, a hundred a
// second together, until they are stopped. A dry run goes the whole way and
// leaves nothing behind.
type load struct {
	before  metrics
	stop    context.CancelFunc
	writers sync.WaitGroup

	mutex  sync.Mutex
	writes int
	lost   []string
	took   []time.Duration
}

const (
	loadWriters  = 4
	loadInterval = 40 * time.Millisecond
)

// direct is a client without kubectl between it and the API server.
func direct(t *testing.T) kubernetes.Interface {
	t.Helper()
	configuration, err := clientcmd.BuildConfigFromFlags("", cluster.Kubeconfig)
	require.NoError(t, err)
	configuration.QPS = -1
	client, err := kubernetes.NewForConfig(configuration)
	require.NoError(t, err)
	return client
}

// startLoad writes to a Namespace until finish is called.
func startLoad(t *testing.T, s space) *load {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	l := &load{before: apiServer(t), stop: stop}
	ingresses := direct(t).NetworkingV1().Ingresses(s.name)
	for range loadWriters {
		l.writers.Go(func() { l.write(ctx, ingresses) })
	}
	return l
}

func (l *load) write(ctx context.Context, to typed.IngressInterface) {
	tick := time.NewTicker(loadInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			begun := time.Now()
			err := writeOnce(to)
			l.note(err, time.Since(begun))
		}
	}
}

// writeOnce makes one write, and returns an error if it fails or isn't injected.
func writeOnce(to typed.IngressInterface) error {
	created, err := to.Create(context.Background(), typedIngress(), meta.CreateOptions{DryRun: []string{meta.DryRunAll}})
	if err != nil {
		return err
	}
	if created.Annotations[readTimeout] != "3600" {
		return fmt.Errorf("not injected: %v", created.Annotations)
	}
	return nil
}

func typedIngress() *networking.Ingress {
	return &networking.Ingress{
		ObjectMeta: meta.ObjectMeta{GenerateName: "chat-"},
		Spec: networking.IngressSpec{
			IngressClassName: new("nginx"),
			DefaultBackend: &networking.IngressBackend{
				Service: &networking.IngressServiceBackend{Name: "chat", Port: networking.ServiceBackendPort{Number: 80}},
			},
		},
	}
}

func (l *load) note(problem error, took time.Duration) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.writes++
	l.took = append(l.took, took)
	if problem != nil {
		l.lost = append(l.lost, problem.Error())
	}
}

// finish stops the writers. Each of their writes has to have succeeded, been
// injected, and cost the API server one call that didn't fail.
func (l *load) finish(t *testing.T) {
	t.Helper()
	l.stop()
	l.writers.Wait()
	require.NotZero(t, l.writes)
	slices.Sort(l.took)
	t.Logf("%d writes, 99 of 100 took at most %s, the longest %s", l.writes,
		l.took[l.writes*99/100].Round(time.Millisecond), l.took[l.writes-1].Round(time.Millisecond))
	assert.Empty(t, l.lost)
	after := apiServer(t)
	grown := func(name string, labels ...string) int {
		return int(after.sum(name, labels...) - l.before.sum(name, labels...))
	}
	assert.Equal(t, l.writes, grown(webhookRequests, `name="ingress.holdfast.dev"`))
	assert.Equal(t, l.writes, grown(webhookRequests, `name="ingress.holdfast.dev"`, `code="200"`))
	assert.Zero(t, grown(webhookFailOpen))
	assert.Zero(t, grown(webhookRejections))
}
