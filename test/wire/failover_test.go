package wire

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// population is how many clients there are when pods come and go.
const population = 20

// An event is a change of the pods of an application or of its controller.
type event struct {
	name string
	do   func(*testing.T, *application)
}

func events() []event {
	return []event{
		{"2 pods become 3", func(t *testing.T, a *application) { t.Helper(); a.scale(t, 3) }},
		{"3 pods become 2", func(t *testing.T, a *application) { t.Helper(); a.scale(t, 2) }},
		{"a pod is killed", func(t *testing.T, a *application) {
			t.Helper()
			mustKubectl(t, "delete", "pod", "--namespace", a.namespace, a.pods(t)[0])
			awaitPods(t, a.namespace)
		}},
		{"the controller is restarted", func(t *testing.T, a *application) {
			t.Helper()
			mustKubectl(t, "delete", "pod", "--namespace", "ingress", "--selector", "app="+a.controller.Name)
			mustKubectl(t, "rollout", "status", "deployment/"+a.controller.Name, "--namespace", "ingress", "--timeout=4m")
			a.findController(t)
		}},
	}
}

// A client with a controller's cookie keeps its pod for as long as the pod lives. A
// controller that hashes the application's cookie moves some clients with each change. The
// controllers are restarted, so no other test runs meanwhile.
func TestStickyClientsKeepAPodThatLives(t *testing.T) {
	inFull(t)
	for _, c := range controllers() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if c.NotSticky != "" {
				for _, e := range events() {
					results.set(c.Name, rowMoved(e.name), "not sticky")
				}
				return
			}
			a := deploy(t, c, "failover", settings{mode: on, label: sticky})
			a.awaitPodsReached(t)
			clients := a.newClients(t, population)
			for _, e := range events() {
				before := podsOf(t, clients)
				e.do(t, &a)
				for _, client := range clients {
					client.app = a
				}
				a.awaitPodsReached(t)
				m := compare(before, podsOf(t, clients), a.pods(t))
				t.Logf("%s: %s", e.name, m)
				results.set(c.Name, rowMoved(e.name), m.String())
				if c.Cookie == "" {
					assert.Zero(t, m.moved, e.name)
				} else {
					assert.Less(t, m.moved, max(m.couldStay, 1), e.name)
				}
			}
		})
	}
}

// moves is how many clients could stay on their pod, which lives, and how many of those
// moved.
type moves struct{ couldStay, moved int }

func (m moves) String() string { return fmt.Sprintf("%d of %d", m.moved, m.couldStay) }

// compare returns who moved, of those whose pod is among the living.
func compare(before, after, living []string) moves {
	var m moves
	for i, pod := range before {
		if slices.Contains(living, pod) {
			m.couldStay++
			if after[i] != pod {
				m.moved++
			}
		}
	}
	return m
}

// scale changes the number of pods.
func (a application) scale(t *testing.T, replicas int) {
	t.Helper()
	mustKubectl(t, "scale", "deployment/chat", "--namespace", a.namespace, fmt.Sprintf("--replicas=%d", replicas))
	awaitPods(t, a.namespace)
	eventually(t, func() error {
		if names := a.pods(t); len(names) != replicas {
			return fmt.Errorf("there are the pods %v", names)
		}
		return nil
	})
}

// pods returns the names of the application's pods.
func (a application) pods(t *testing.T) []string {
	t.Helper()
	return strings.Fields(mustKubectl(t, "get", "pod", "--namespace", a.namespace, "--selector", "app=chat",
		"--output=jsonpath={.items[?(@.status.phase=='Running')].metadata.name}"))
}

// awaitPodsReached waits until new clients reach each pod, and no other.
func (a application) awaitPodsReached(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		reached := podsOf(t, a.newClients(t, population))
		slices.Sort(reached)
		reached = slices.Compact(reached)
		living := a.pods(t)
		slices.Sort(living)
		if !slices.Equal(reached, living) {
			return fmt.Errorf("clients reach the pods %v of %v", reached, living)
		}
		return nil
	})
}
