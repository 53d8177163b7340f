package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

const exposition = `# TYPE apiserver_admission_webhook_admission_duration_seconds histogram
apiserver_admission_webhook_admission_duration_seconds_bucket{name="ingress.empty.test",operation="CREATE",rejected="false",type="admit",le="+Inf"} 4
apiserver_admission_webhook_admission_duration_seconds_sum{name="ingress.empty.test",operation="CREATE",rejected="false",type="admit"} 0.004
apiserver_admission_webhook_admission_duration_seconds_sum{name="ingress.empty.test",operation="UPDATE",rejected="false",type="admit"} 2e-03
apiserver_admission_webhook_admission_duration_seconds_sum{name="ingress.holdfast.dev",operation="CREATE",rejected="false",type="admit"} 9
apiserver_admission_webhook_admission_duration_seconds_count{name="ingress.empty.test",operation="CREATE",rejected="false",type="admit"} 4
apiserver_admission_webhook_admission_duration_seconds_count{name="ingress.empty.test",operation="UPDATE",rejected="false",type="admit"} 2
apiserver_admission_webhook_admission_duration_seconds_count{name="ingress.holdfast.dev",operation="CREATE",rejected="false",type="admit"} 3
apiserver_admission_webhook_fail_open_count{name="ingress.holdfast.dev",type="admit"} 1
`

func TestCallsAreCountedByName(t *testing.T) {
	assert.Equal(t, counted{calls: 6, took: 6 * time.Millisecond}, metrics(exposition).counted(webhook("ingress.empty.test")))
	assert.Equal(t, counted{}, metrics(exposition).counted(webhook("ingress.textbook.test")))
}

func TestACallThatFailedOpenIsNone(t *testing.T) {
	assert.Equal(t, 2, metrics(exposition).counted(webhook("ingress.holdfast.dev")).calls)
}

func TestWhoIsNeverCalledHasNoCalls(t *testing.T) {
	assert.Zero(t, metrics(exposition).counted(histogram{}))
}
