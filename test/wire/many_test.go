package wire

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// many idle sockets are held at once for the window, while an Ingress changes.
const (
	many         = 10_000
	window       = 5 * time.Minute
	changesEvery = 10 * time.Second
)

// manyThrough is the controller that carries them. It reloads, and by default its old
// processes keep their sockets for 10 minutes.
const manyThrough = "haproxy-ingress"

// The second half of the sockets is opened after a change, when HAProxy has started another
// process: few machines let one process open as many files as all of them need. The first
// half is held for a minute more than the second.
func TestTenThousandIdleSocketsOutliveReloads(t *testing.T) {
	inFull(t)
	t.Parallel()
	i := slices.Index(names(controllers()), manyThrough)
	if i < 0 {
		t.Skip("measured through " + manyThrough)
	}
	a := deploy(t, controllers()[i], "many", settings{mode: on})
	reloadsBefore := a.reloads(t)
	hold := func(d time.Duration) pod {
		return a.startProbe(t, "/silent", "--sockets="+strconv.Itoa(many/2), "--for="+d.String(), "--connect-timeout=1m")
	}
	first := hold(window + time.Minute)
	a.awaitSockets(t, many/2)
	begun := time.Now()
	a.change(t, 0)
	second := hold(window)
	ramp := a.startProbe(t, "/silent", "--ramp=0:100:0")
	a.awaitSockets(t, many)
	require.Less(t, time.Since(begun), time.Minute, "both halves are held at once")
	for i := 1; time.Since(begun) < window; i++ {
		a.change(t, i)
		time.Sleep(changesEvery)
	}
	assert.True(t, ramp.report(t).Held, "a hundred come and go")
	survived := 0
	for _, half := range []pod{first, second} {
		r := half.report(t)
		assert.Equal(t, many/2, r.Opened, r.Verdict)
		survived += r.Opened - r.Ended
	}
	assert.Equal(t, many, survived)
	reloads := a.reloads(t)
	assert.Greater(t, reloads, reloadsBefore)
	results.sentence = fmt.Sprintf("%d idle WebSockets through %s were held for %s while an Ingress changed each %s, "+
		"and %d were alive at the end. The controller had reloaded %d times by then.",
		many, a.controller.Title, window, changesEvery, survived, reloads)
	t.Log(results.sentence)
}

// reloads returns how often the controller has reloaded since it started.
func (a application) reloads(t *testing.T) int {
	t.Helper()
	log := mustKubectl(t, "logs", "--namespace", "ingress", "deployment/"+a.controller.Name, "--tail=-1")
	return strings.Count(log, "successfully reloaded")
}

// change gives the application's second Ingress another host, and waits until that is
// served.
func (a application) change(t *testing.T, number int) {
	t.Helper()
	host := fmt.Sprintf("change-%d.%s", number, a.host())
	a.applyIngress(t, "another", host, "")
	a.awaitRoute(t, host, 1)
}

// awaitSockets waits until so many sockets are open on the application's pods.
func (a application) awaitSockets(t *testing.T, count int) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DialContext: cluster.DialContext}, Timeout: answerTimeout}
	addresses := strings.Fields(mustKubectl(t, "get", "pod", "--namespace", a.namespace, "--selector", "app=chat", "--output=jsonpath={.items[*].status.podIP}"))
	eventually(t, func() error {
		open := 0
		for _, address := range addresses {
			response, err := client.Get("http://" + address + ":8080/count")
			if err != nil {
				return err
			}
			text, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(string(text))
			if err != nil {
				return err
			}
			open += n
		}
		if open < count {
			return fmt.Errorf("%d sockets are open", open)
		}
		return nil
	})
}
