package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestVerdict(t *testing.T) {
	const y, n = true, false
	for _, test := range []struct {
		name             string
		success, failure int32
		answers, changes []bool
		good             bool
	}{
		{"the first success decides", 1, 3, []bool{y}, []bool{y}, y},
		{"a success again is no change", 1, 3, []bool{y, y}, []bool{y, n}, y},
		{"failures below the threshold don't count", 1, 3, []bool{y, n, n, y, n, n}, []bool{y, n, n, n, n, n}, y},
		{"the threshold in a row does", 1, 3, []bool{y, n, n, n, n}, []bool{y, n, n, y, n}, n},
		{"nothing is decided by one failure of three", 1, 3, []bool{n}, []bool{n}, n},
		{"coming back may take several", 2, 1, []bool{n, y, n, y, y}, []bool{y, n, n, n, y}, y},
		{"no thresholds are one each", 0, 0, []bool{y, n}, []bool{y, y}, n},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := newVerdict(&corev1.Probe{SuccessThreshold: test.success, FailureThreshold: test.failure})
			var changes []bool
			for _, answer := range test.answers {
				changes = append(changes, v.observe(answer))
			}
			assert.Equal(t, test.changes, changes)
			assert.Equal(t, test.good, v.good)
		})
	}
}

func TestProbePort(t *testing.T) {
	p := prober{container: &corev1.Container{Name: "web", Ports: []corev1.ContainerPort{{Name: "https", ContainerPort: 8443}}}}
	for _, port := range []intstr.IntOrString{intstr.FromInt32(8443), intstr.FromString("https"), intstr.FromString("8443")} {
		got, err := p.port(port)
		assert.NoError(t, err)
		assert.Equal(t, 8443, got)
	}
	_, err := p.port(intstr.FromString("metrics"))
	assert.EqualError(t, err, `container web has no port named "metrics"`)
}
