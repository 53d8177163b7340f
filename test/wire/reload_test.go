package wire

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// lifetimeAfterReload is what the key is set to that rules how long a controller's old
// process lives. No controller waits for so short a time by default.
const lifetimeAfterReload = 10 * time.Second

// A controller that has a new configuration may run a new process for it, and end the old
// one with its sockets after a while, however busy they are. Keys of the controllers change, so
// no other test runs meanwhile.
func TestReloadsEndSocketsWhenTheKeyOfTheDialectSays(t *testing.T) {
	inFull(t)
	for _, c := range controllers() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			key, ends := shortenReload(t, c)
			a := deploy(t, c, "reload", settings{mode: on})
			socket, _ := a.newClients(t, 1)[0].open(t, "/talking")
			defer func() { _ = socket.CloseNow() }()

			changed := time.Now()
			another := "another." + a.host()
			a.applyIngress(t, "another", another, "")
			a.awaitRoute(t, another, settled)
			served := time.Now()

			ctx, cancel := context.WithTimeout(t.Context(), 2*lifetimeAfterReload)
			defer cancel()
			var err error
			for err == nil {
				_, _, err = socket.Read(ctx)
			}
			lasted := time.Since(changed)
			settling := served.Sub(changed)
			t.Logf("another Ingress was served after %s; after %s: %v", settling.Round(10*time.Millisecond), lasted.Round(10*time.Millisecond), err)
			if !ends {
				require.ErrorIs(t, err, context.DeadlineExceeded)
				results.set(c.Name, rowReload, "alive after "+(2*lifetimeAfterReload).String())
				return
			}
			require.NotErrorIs(t, err, context.DeadlineExceeded, "the socket ends after the reload")
			// The reload was at some time until the Ingress was served.
			assert.GreaterOrEqual(t, lasted, lifetimeAfterReload-tolerance)
			assert.LessOrEqual(t, lasted, lifetimeAfterReload+settling+tolerance)
			results.set(c.Name, rowReload, fmt.Sprintf("%s, with `%s: %s`", closedAfter(lasted), key, lifetimeAfterReload))
		})
	}
}

// shortenReload sets the key that the dialect names for the lifetime of an old process, in
// the controller's ConfigMap, until the test ends. It reports whether there is one.
func shortenReload(t *testing.T, c Controller) (key string, exists bool) {
	t.Helper()
	process := dialect.ByName(c.Dialect).Process
	if process == nil {
		return "", false
	}
	i := slices.IndexFunc(process.Timers, func(timer dialect.ProcessTimer) bool { return timer.OnReload })
	if i < 0 {
		return "", false
	}
	timer := process.Timers[i]
	text, ok := timer.Format.Write(dialect.DurationOf(duration.Duration(lifetimeAfterReload)))
	require.True(t, ok)
	set := func(value string) {
		_, err := kubectl(context.WithoutCancel(t.Context()), "patch", "configmap", "--namespace", "ingress", c.Name,
			"--type=merge", "--patch", fmt.Sprintf(`{"data":{%q:%s}}`, timer.Key, value))
		require.NoError(t, err)
	}
	set(fmt.Sprintf("%q", text))
	t.Cleanup(func() { set("null") })
	return timer.Key, true
}
