package webhook

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
)

// The API server's log doesn't have the text of a failure, so the guide for the alert leads
// from what that log has to the pods' log.
func TestTheGuideNamesWhatTheAPIServerLogsOfAFailure(t *testing.T) {
	guide, err := os.ReadFile("../charts/holdfast/ALERTS.md")
	require.NoError(t, err)
	for status, words := range map[int]string{
		http.StatusServiceUnavailable:  "unable to handle the request",
		http.StatusInternalServerError: "prevented the request from succeeding",
		http.StatusBadRequest:          "rejected our request for an unknown reason",
	} {
		assert.ErrorContains(t, callFailingWith(t, status), words)
		assert.Contains(t, string(guide), "`"+words+"`")
	}
}

// callFailingWith returns the error that the API server's client makes of a failure.
func callFailingWith(t *testing.T, status int) error {
	t.Helper()
	h := &Handler{Options: Options{Log: slog.New(slog.DiscardHandler)}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { h.writeFailure(w, fail(status, "why")) }))
	defer server.Close()
	client, err := rest.UnversionedRESTClientFor(&rest.Config{
		Host: server.URL, ContentConfig: rest.ContentConfig{NegotiatedSerializer: serializer.NewCodecFactory(NewScheme())},
	})
	require.NoError(t, err)
	return client.Post().MaxRetries(0).AbsPath(IngressPath).Body([]byte("{}")).Do(t.Context()).Error()
}
