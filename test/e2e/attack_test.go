package e2e

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// The tests of this file count what all tests do, so they aren't parallel.

// Any client that reaches the pods' port can open connections, announce large bodies
// and send one byte of each.
func TestWhileBodiesStallWritesAreInjected(t *testing.T) {
	needsOurCluster(t, "stalls connections to each pod, from within the network of pods")
	s := enforced(t)
	before := identity(t)
	calm := startLoad(t, s)
	calm.await(t, 300)
	calm.finish(t)

	stallBodies(t)
	attacked := startLoad(t, s)
	attacked.await(t, 300)
	attacked.finish(t)
	assert.Equal(t, before, identity(t))
}

// await waits until a number of writes have been made.
func (l *load) await(t *testing.T, writes int) {
	t.Helper()
	eventually(t, func() error {
		l.mutex.Lock()
		defer l.mutex.Unlock()
		if l.writes < writes {
			return fmt.Errorf("%d writes of %d", l.writes, writes)
		}
		return nil
	})
}

// stalledBodies are the lengths that an attacker announces to each pod.
var stalledBodies = append(slices.Repeat([]int{7 << 20}, 6), slices.Repeat([]int{1 << 20}, 6)...)

// stallBodies keeps a connection to each pod open for each of the lengths, until the
// test ends. What a pod closes is opened again.
func stallBodies(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	trusted := trust(t)
	var attackers, opening sync.WaitGroup
	for _, p := range pods(t) {
		for _, length := range stalledBodies {
			opening.Add(1)
			opened := sync.OnceFunc(opening.Done)
			attackers.Go(func() {
				for ctx.Err() == nil {
					_ = stallBody(ctx, trusted, p, length, opened)
				}
			})
		}
	}
	t.Cleanup(func() {
		stop()
		attackers.Wait()
	})
	opening.Wait()
}

// stallBody sends the first byte of a body, and returns when the pod has given it up.
func stallBody(ctx context.Context, trusted *tls.Config, p core.Pod, length int, opened func()) error {
	defer opened()
	plain, err := cluster.DialContext(ctx, "tcp", net.JoinHostPort(p.Status.PodIP, admissionPort))
	if err != nil {
		return err
	}
	defer plain.Close()
	defer context.AfterFunc(ctx, func() { _ = plain.Close() })()
	connection := tls.Client(plain, trusted)
	_, err = fmt.Fprintf(connection, "POST /mutate/ingress HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{", length)
	if err != nil {
		return err
	}
	opened()
	_, err = io.Copy(io.Discard, connection)
	return err
}

// "<" is six bytes in JSON, and an update's review has the object twice. The API server
// stores one.
func TestAnObjectWhoseReviewIsTooLargeIsStoredWithAWarning(t *testing.T) {
	s := enforced(t)
	before := apiServer(t)
	_, err := inProtobuf(t).NetworkingV1().Ingresses(s.name).Create(t.Context(), escapedIngress(700_000), meta.CreateOptions{})
	require.NoError(t, err)
	assert.Equal(t, injected(3600), s.annotations("ingress/chat"))

	answer := s.kubectl("label ingress chat any=write")
	assert.Regexp(t, `^Warning: Ingress chat: metadata[.]annotations: nothing was injected, because the write's admission review has \d+ bytes `+
		`and Holdfast reads at most 7340032 [(]holdfast[)]\n$`, answer.err)
	assert.Equal(t, injected(3600), s.annotations("ingress/chat"), "what was injected stays")
	assert.Zero(t, apiServer(t).sum(webhookFailOpen)-before.sum(webhookFailOpen))
}

// inProtobuf is a client whose requests have no escapes.
func inProtobuf(t *testing.T) kubernetes.Interface {
	t.Helper()
	configuration, err := clientcmd.BuildConfigFromFlags("", cluster.Kubeconfig)
	require.NoError(t, err)
	configuration.ContentType = runtime.ContentTypeProtobuf
	client, err := kubernetes.NewForConfig(configuration)
	require.NoError(t, err)
	return client
}

// escapedIngress has a path of that many characters that JSON escapes.
func escapedIngress(length int) *networking.Ingress {
	object := typedIngress()
	object.ObjectMeta = meta.ObjectMeta{Name: "chat"}
	object.Spec.Rules = []networking.IngressRule{{IngressRuleValue: networking.IngressRuleValue{HTTP: &networking.HTTPIngressRuleValue{
		Paths: []networking.HTTPIngressPath{{
			Path: "/" + strings.Repeat("<", length), PathType: new(networking.PathTypePrefix), Backend: *object.Spec.DefaultBackend,
		}},
	}}}}
	return object
}
