package webhook

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// A reflector retries in silence as long as the connection is refused.
func TestReadinessSaysThatTheAPIServerDoesNotAnswer(t *testing.T) {
	mapper, err := NewMapper(nil, nil)
	require.NoError(t, err)
	options := CacheOptions()
	options.Scheme, options.Mapper = NewScheme(), mapper
	config := &rest.Config{Host: "http://" + unusedAddress(t)}
	cached, err := cache.New(config, options)
	require.NoError(t, err)
	live, err := client.New(config, client.Options{Scheme: options.Scheme, Mapper: mapper})
	require.NoError(t, err)
	cluster, err := NewClusterCache(cached, live, true)
	require.NoError(t, err)
	require.EqualError(t, cluster.Ready(), "namespaces are not read yet")

	go func() { _ = cached.Start(t.Context()) }()
	assert.Eventually(t, func() bool {
		why := cluster.Ready().Error()
		return strings.HasPrefix(why, "namespaces can't be read: dial tcp 127.0.0.1:") && strings.HasSuffix(why, ": connection refused")
	}, soon, tick)
}

// unusedAddress returns an address at which nobody listens.
func unusedAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

// The log has a line for each time that the API server goes away, not for each attempt.
func TestAnAPIServerThatDoesNotAnswerIsLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	ctx := logr.NewContext(t.Context(), logr.FromSlogHandler(slog.NewTextHandler(&log, nil)))
	_, refused := new(net.Dialer).DialContext(ctx, "tcp", unusedAddress(t))
	require.Error(t, refused)
	problem := new(readProblem)
	for _, err := range []error{refused, refused, nil, refused, nil} {
		problem.note(ctx, err)
	}
	assert.Equal(t, 2, strings.Count(log.String(), "can't read from the API server"), log.String())
	assert.NoError(t, problem.cause())
}
