package probe_test

import (
	"context"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/probe"
)

func TestARampGoesUpStaysAndGoesDown(t *testing.T) {
	stages, err := probe.ParseRamp("0:100:0", nil)
	require.NoError(t, err)
	assert.Equal(t, []probe.Stage{{0, 100, 30 * time.Second}, {100, 100, 2 * time.Minute}, {100, 0, 30 * time.Second}}, stages)
	stages, err = probe.ParseRamp("5:10", []time.Duration{time.Second})
	require.NoError(t, err)
	assert.Equal(t, []probe.Stage{{5, 10, time.Second}}, stages)
}

func TestARampThatCannotBeReadIsRefused(t *testing.T) {
	for _, text := range []string{"", "100", "0:", "0:x", "-1:5", "0:99999999"} {
		_, err := probe.ParseRamp(text, nil)
		assert.Error(t, err, text)
	}
	_, err := probe.ParseRamp("0:100:0", []time.Duration{time.Second})
	assert.EqualError(t, err, `"0:100:0" has 3 stages, and --ramp-times 1`)
}

func TestEverySocketOfARampIsHeldUntilItIsClosed(t *testing.T) {
	p := plan(t, served(t, nil).URL, 0)
	p.Ramp = []probe.Stage{{0, 30, moment}, {30, 30, moment}, {30, 0, moment}}
	r := run(t, p)
	assert.True(t, r.Held, r.Verdict)
	assert.Equal(t, 30, r.Opened)
	assert.Equal(t, "held: all 30 sockets stayed open until the probe closed them", r.Verdict)
}

func TestSocketsThatEndDuringARampAreCounted(t *testing.T) {
	server := served(t, func(_ context.Context, conn *websocket.Conn) { _ = conn.Close(websocket.StatusGoingAway, "") })
	p := plan(t, server.URL, 0)
	p.Ramp = []probe.Stage{{0, 10, moment}, {10, 10, moment}}
	r := run(t, p)
	assert.False(t, r.Held)
	assert.Equal(t, 10, r.Ended)
	assert.Contains(t, r.Verdict, "10 of 10 sockets ended early, the first after")
}
