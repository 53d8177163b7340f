package dialect_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

const (
	elbIdle    = "service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout"
	azureIdle  = "service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout"
	oracleIdle = "service.beta.kubernetes.io/oci-load-balancer-connection-idle-timeout"
)

func TestEachCloudHasItsUnit(t *testing.T) {
	for cloud, want := range map[string]string{
		"aws": "3600", "azure": "60", "digitalocean": "600", "openstack": "3600000", "oci": "3600", "scaleway": "3600s", "alibaba": "3600",
	} {
		t.Run(cloud, func(t *testing.T) {
			timer := dialect.CloudTimerOf(cloud, nil, "")
			require.NotNil(t, timer)
			text, after := timer.Write(duration.Hour)
			assert.Equal(t, want, text)
			read, ok := timer.Read(text)
			assert.True(t, ok)
			assert.Equal(t, after, read)
		})
	}
}

func TestAValueThatTheCloudRefusesIsNone(t *testing.T) {
	for name, c := range map[string]struct{ cloud, text string }{
		"seconds where Azure counts minutes": {"azure", "3600"},
		"more than a Classic ELB takes":      {"aws", "7200"},
		"a unit that isn't read":             {"aws", "3600s"},
		"a number without a unit":            {"scaleway", "3600"},
		"less than Azure takes":              {"azure", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			timer := dialect.CloudTimerOf(c.cloud, nil, "")
			after, ok := timer.Read(c.text)
			assert.False(t, ok)
			assert.Equal(t, timer.Default, after)
		})
	}
}

func TestAtLeastTheCloudsMinimumIsWritten(t *testing.T) {
	for cloud, want := range map[string]string{"aws": "1", "azure": "4", "digitalocean": "30"} {
		text, after := dialect.CloudTimerOf(cloud, nil, "").Write(0)
		assert.Equal(t, want, text, cloud)
		assert.Positive(t, after, cloud)
	}
}

func TestWhichLoadBalancerAServiceGets(t *testing.T) {
	const typeKey = "service.beta.kubernetes.io/aws-load-balancer-type"
	for name, c := range map[string]struct {
		cloud, class string
		annotations  map[string]string
		keys         []string
		none         bool
	}{
		"an annotation of the cloud alone": {annotations: map[string]string{elbIdle: "60"}, keys: []string{elbIdle}},
		"annotations of two clouds":        {annotations: map[string]string{elbIdle: "60", "loadbalancer.openstack.org/class": "x"}, none: true},
		"no cloud at all":                  {annotations: map[string]string{"example.com/load-balancer": "x"}, none: true},
		"an annotation of another cloud":   {cloud: "other", annotations: map[string]string{elbIdle: "60"}, none: true},
		"AWS without a type":               {cloud: "aws", keys: []string{elbIdle}},
		"an NLB of AWS's cloud controller": {cloud: "aws", annotations: map[string]string{typeKey: "nlb"}},
		"an NLB by class":                  {cloud: "aws", class: "service.k8s.aws/nlb", keys: nlbKeys},
		"an NLB by class alone":            {class: "service.k8s.aws/nlb", keys: nlbKeys},
		"EKS Auto Mode's by class alone":   {class: "eks.amazonaws.com/nlb", keys: nlbKeys},
		"annotations of AWS and Google":    {annotations: map[string]string{elbIdle: "60", "cloud.google.com/neg": "x"}, none: true},
		"annotations of AWS and GKE":       {annotations: map[string]string{elbIdle: "60", "networking.gke.io/load-balancer-type": "x"}, none: true},
		"Oracle's by its type alone":       {annotations: map[string]string{"oci.oraclecloud.com/load-balancer-type": "lb"}, keys: []string{oracleIdle}},
		"Oracle's network load balancer and AWS's annotation": {
			annotations: map[string]string{elbIdle: "60", "oci-network-load-balancer.oraclecloud.com/internal": "true"}, none: true,
		},
		"another annotation of Azure":        {annotations: map[string]string{"service.beta.kubernetes.io/azure-pip-name": "x"}, keys: []string{azureIdle}},
		"an NLB by type":                     {cloud: "aws", annotations: map[string]string{typeKey: "external"}, keys: nlbKeys},
		"another class":                      {cloud: "aws", class: "tailscale", none: true},
		"Hetzner's for TCP":                  {cloud: "hetzner", none: true},
		"Oracle's network load balancer":     {cloud: "oci", annotations: map[string]string{"oci.oraclecloud.com/load-balancer-type": "nlb"}, none: true},
		"a cloud whose balancer has no keys": {cloud: "gcp", none: true},
	} {
		t.Run(name, func(t *testing.T) {
			timer := dialect.CloudTimerOf(c.cloud, c.annotations, c.class)
			if c.none {
				assert.Nil(t, timer)
				return
			}
			require.NotNil(t, timer)
			assert.Equal(t, c.keys, timer.KeysFor([]int32{80, 443}))
		})
	}
}

var nlbKeys = []string{
	"service.beta.kubernetes.io/aws-load-balancer-listener-attributes.TCP-80",
	"service.beta.kubernetes.io/aws-load-balancer-listener-attributes.TCP-443",
}

func TestOneElementOfAnNLBsAttributesIsTheTimer(t *testing.T) {
	timer := dialect.CloudTimerOf("aws", nil, "service.k8s.aws/nlb")
	after, ok := timer.Read("other=1, tcp.idle_timeout.seconds=3600")
	assert.True(t, ok)
	assert.Equal(t, duration.Hour, after)
	after, ok = timer.Read("other=1")
	assert.True(t, ok)
	assert.Equal(t, timer.Default, after)
}

func TestEachAnnotationShowsItsCloud(t *testing.T) {
	for _, timer := range dialect.CloudTimers() {
		for _, key := range timer.KeysFor([]int32{443}) {
			annotations := map[string]string{key: "60"}
			if timer.Cloud == "hetzner" {
				// Its load balancer has a timer for HTTP only.
				annotations["load-balancer.hetzner.cloud/protocol"] = "http"
			}
			shown := dialect.CloudTimerOf("", annotations, "")
			require.NotNil(t, shown, key)
			assert.Equal(t, timer.Cloud, shown.Cloud, key)
		}
	}
}
