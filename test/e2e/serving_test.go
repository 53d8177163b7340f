package e2e

import (
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTLS12IsRefused(t *testing.T) {
	needsOurCluster(t, "connects to each pod, from within the network of pods")
	t.Parallel()
	for _, p := range pods(t) {
		address := net.JoinHostPort(p.Status.PodIP, admissionPort)
		for version, refusal := range map[uint16]string{
			tls.VersionTLS13: "",
			tls.VersionTLS12: "protocol version not supported",
		} {
			plain, err := cluster.DialContext(t.Context(), "tcp", address)
			require.NoError(t, err)
			defer plain.Close()
			configuration := trust(t)
			configuration.MaxVersion = version
			err = tls.Client(plain, configuration).HandshakeContext(t.Context())
			if refusal == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, refusal)
			}
		}
	}
}

// Any client in the cluster's network can reach the port. The answer is a status
// and a sentence, or a patch without effect.
func TestAStrangersPostIsHarmless(t *testing.T) {
	needsOurCluster(t, "posts to each pod, from within the network of pods")
	t.Parallel()
	s := enforced(t)
	before, trusted := identity(t), trust(t)
	good := review(s.name)
	for name, c := range map[string]struct {
		path, body string
		status     int
	}{
		"a review":               {"/mutate/ingress", good, http.StatusOK},
		"nothing":                {"/mutate/ingress", "", http.StatusBadRequest},
		"no JSON":                {"/mutate/ingress", "hello", http.StatusBadRequest},
		"another document":       {"/mutate/ingress", `{"kind": "Pod"}`, http.StatusBadRequest},
		"no request":             {"/mutate/ingress", `{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}`, http.StatusBadRequest},
		"an old version":         {"/mutate/ingress", strings.Replace(good, "k8s.io/v1", "k8s.io/v1beta1", 1), http.StatusBadRequest},
		"another kind":           {"/mutate/service", good, http.StatusBadRequest},
		"a deletion":             {"/mutate/ingress", strings.Replace(good, "CREATE", "DELETE", 1), http.StatusBadRequest},
		"no such path":           {"/mutate/pod", good, http.StatusNotFound},
		"no such Namespace":      {"/mutate/ingress", review("unheard-of"), http.StatusServiceUnavailable},
		"a Namespace unlabelled": {"/mutate/ingress", review("default"), http.StatusOK},
		"30 MiB":                 {"/mutate/ingress", strings.Repeat(" ", 30<<20), http.StatusRequestEntityTooLarge},
		"100,000 brackets":       {"/mutate/ingress", strings.Repeat("[", 100_000), http.StatusBadRequest},
	} {
		for _, p := range pods(t) {
			response, body := post(t, trusted, p, c.path, c.body)
			assert.Equal(t, c.status, response.StatusCode, "%s: %s", name, body)
			assert.NotContains(t, body, "goroutine", name)
		}
	}
	assert.Equal(t, before, identity(t))
	assert.Empty(t, s.kubectl("get ingress -o name").out)
}

func TestTheMetricsThatOthersBuildOnAreThere(t *testing.T) {
	t.Parallel()
	s := enforced(t)
	s.apply(ingress("chat"))
	digest := policyDigest(t)
	decisions, durations := 0.0, 0.0
	for _, p := range pods(t) {
		m := counted(t, p)
		assert.Equal(t, 1.0, m.sum("holdfast_policy_info", `sha256="`+digest+`"`), p.Name)
		assert.Contains(t, m, "\nholdfast_policy_reload_failures_total ", p.Name)
		const day = 24 * 3600
		assert.InDelta(t, 90*day, m.sum("holdfast_certificate_expiry_seconds"), day, p.Name)
		decisions += m.sum("holdfast_decisions_total", `kind="Ingress"`, `dialect="ingress-nginx"`, `outcome="changed"`)
		durations += m.sum("holdfast_admission_duration_seconds_count")
	}
	assert.Positive(t, decisions)
	assert.Positive(t, durations)
}

func TestHealthIsPlainToRead(t *testing.T) {
	t.Parallel()
	for _, p := range pods(t) {
		status, text := get(t, p, healthPort, "/healthz")
		assert.Equal(t, http.StatusOK, status)
		assert.Equal(t, "ok\n", text)
		status, text = get(t, p, healthPort, "/readyz")
		assert.Equal(t, http.StatusOK, status)
		assert.Equal(t, "[+] server\n[+] policy\n[+] caches\n", text)
	}
}
