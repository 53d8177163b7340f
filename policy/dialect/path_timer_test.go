package dialect_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

func TestWhatToSetAgainstAnIdleTimerIsWritten(t *testing.T) {
	for name, want := range map[string]string{
		"ingress-nginx":   `on the Ingress set nginx.ingress.kubernetes.io/proxy-read-timeout: "3600"`,
		"haproxy-ingress": `on the Ingress set haproxy-ingress.github.io/timeout-tunnel: "3600s"`,
		"haproxytech":     `set timeout-tunnel: 3600s in the controller's ConfigMap`,
		"aws-alb":         `on the Ingress set alb.ingress.kubernetes.io/load-balancer-attributes: "idle_timeout.timeout_seconds=3600"`,
		"kong":            `on the Service set konghq.com/read-timeout: "3600000"`,
		"gke":             `set spec.timeoutSec of a BackendConfig; on the classic load balancer it limits the whole connection`,
	} {
		d := dialect.ByName(name)
		require.NotNil(t, d, name)
		assert.Equal(t, want, d.IdleRemedy(duration.Hour), name)
	}
}

func TestDataOfTheClientResetsSomeTimersOnly(t *testing.T) {
	assert.True(t, dialect.ByName("ingress-nginx").IdleCountsDataFromPods())
	assert.False(t, dialect.ByName("haproxy-ingress").IdleCountsDataFromPods())
	assert.False(t, dialect.ByName("contour").IdleCountsDataFromPods())
}

func TestEveryRemedyIsOneShortLine(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) { assertLine(t, "%s", d.IdleRemedy(duration.Hour)) })
	for _, c := range dialect.CloudTimers() {
		assertLine(t, "%s: %s", c.Balancer, c.Remedy(duration.Hour))
	}
	for _, p := range dialect.PathTimers() {
		assert.Positive(t, p.Ends, p.Name)
		assert.NotEmpty(t, p.Kind, p.Name)
		assertPhrase(t, p.Name)
		assertLine(t, "%s: %s", p.Name, p.Set)
	}
}

func TestACloudsRemedyHasItsUnitAndItsLimit(t *testing.T) {
	assert.Equal(t, `on the controller's Service set service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout: "60"`,
		dialect.CloudTimerOf("azure", nil, "").Remedy(duration.Hour))
	assert.Equal(t, `on the controller's Service set service.beta.kubernetes.io/do-loadbalancer-http-idle-timeout-seconds: "600" (10m at most: send pings too)`,
		dialect.CloudTimerOf("digitalocean", nil, "").Remedy(duration.Hour))
}
