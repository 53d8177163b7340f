package e2e

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/holdfast-dev/holdfast/test/e2e/oracle"
)

var (
	oracleFor  = flag.Duration("oracle.for", time.Minute, "how long random objects are tried")
	oracleSeed = flag.Uint64("oracle.seed", 7, "the seed of the random objects, so that each change meets the same ones; 0 draws one")
	oracleMost = flag.Int("oracle.most", 1000, "how many scenarios are tried at most")
	oracleCase = flag.Int("oracle.case", -1, "the only scenario to try, by its number; -1 tries all")
)

// maxOracleFailures is how many failures of different kinds are printed before the
// test ends.
const maxOracleFailures = 10

// oracleWriters is how many scenarios are tried at the same time.
const oracleWriters = 4

// Random objects are the same with Holdfast as without it, but for what the record
// says. The test changes the registration and the classes of all tests, so it isn't
// parallel.
func TestTheOracleFindsNothingThatTheRecordDoesNotSay(t *testing.T) {
	o := newOracle(t)
	t.Logf("seed %d", o.generator.Seed)
	o.tryMended(t)
	o.tryKnownFaults(t)
	if *oracleCase >= 0 {
		o.try(t, *oracleCase)
		o.report(t)
		return
	}
	end := time.Now().Add(*oracleFor)
	var next atomic.Int64
	var writers sync.WaitGroup
	for range oracleWriters {
		writers.Go(func() {
			for time.Now().Before(end) && o.failures() < maxOracleFailures {
				number := int(next.Add(1) - 1)
				if number >= *oracleMost {
					return
				}
				o.try(t, number)
			}
		})
	}
	writers.Wait()
	o.report(t)
	if !t.Failed() {
		o.requireAllWasTried(t)
	}
}

// oracleRun is what the scenarios share.
type oracleRun struct {
	generator oracle.Generator
	worlds    oracle.Worlds

	mutex  sync.Mutex
	counts *oracle.Counts
	known  map[string][]int
	// failed are the cases that failed, by rule and place.
	failed map[string][]int
}

// failures returns how many kinds of failures there are.
func (o *oracleRun) failures() int {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return len(o.failed)
}

// newOracle makes the Namespaces, the Services in them and the IngressClasses, and
// lets no write pass without Holdfast.
func newOracle(t *testing.T) *oracleRun {
	t.Helper()
	upgrade(t, "--set", "failurePolicy=Fail,timeoutSeconds=30")
	printed, err := exec.Command(buildHoldfast(t), "dialects", "-o", "json").Output()
	require.NoError(t, err)
	table, err := oracle.ReadTable(printed)
	require.NoError(t, err)
	for _, class := range table.IngressClasses() {
		everywhere(t).kubectl("create -f", file(t, text(t, class)))
		t.Cleanup(func() { everywhere(t).kubectl("delete ingressclass", class.GetName()) })
	}
	o := &oracleRun{
		generator: oracle.Generator{Table: table, Seed: *oracleSeed}, counts: oracle.NewCounts(), known: map[string][]int{}, failed: map[string][]int{},
	}
	if o.generator.Seed == 0 {
		o.generator.Seed = rand.Uint64N(1_000_000) + 1
	}
	configuration, err := clientcmd.BuildConfigFromFlags("", cluster.Kubeconfig)
	require.NoError(t, err)
	client, err := rest.HTTPClientFor(configuration)
	require.NoError(t, err)
	for _, world := range []struct {
		server *oracle.Server
		space  space
	}{{&o.worlds.Without, newSpace(t)}, {&o.worlds.With, enforced(t)}, {&o.worlds.Fresh, enforced(t)}} {
		for _, service := range oracle.Services() {
			world.space.kubectl("create -f", file(t, text(t, service)))
		}
		*world.server = namespaceServer{client, configuration.Host, world.space.name}
	}
	o.awaitClasses(t)
	return o
}

// awaitClasses waits until the IngressClasses have reached every pod of Holdfast.
func (o *oracleRun) awaitClasses(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		for range 20 {
			failure, err := oracle.Run(oracle.ClassesAreKnown(o.generator.Table), o.generator.Table, o.worlds, oracle.NewCounts())
			if err != nil {
				return err
			}
			if failure != nil {
				return fmt.Errorf("%s: %s", failure.Rule, failure.Text)
			}
		}
		return nil
	})
}

// tryKnownFaults says which known faults are mended.
func (o *oracleRun) tryKnownFaults(t *testing.T) {
	t.Helper()
	for _, fault := range oracle.KnownFaults {
		failure, err := oracle.Run(fault.Reproduction(o.generator.Table), o.generator.Table, o.worlds, oracle.NewCounts())
		require.NoError(t, err, fault.Name)
		switch {
		case failure == nil:
			t.Errorf("%s: this is mended; move its scenario from known_faults.go to mended.go", fault.Name)
		case !fault.Explains(failure):
			t.Errorf("%s: its reproduction fails otherwise:\n%s", fault.Name, failure)
		}
	}
}

// tryMended tries what has failed once.
func (o *oracleRun) tryMended(t *testing.T) {
	t.Helper()
	for about, scenario := range oracle.Mended() {
		failure, err := oracle.Run(scenario, o.generator.Table, o.worlds, oracle.NewCounts())
		require.NoError(t, err, about)
		if failure != nil {
			t.Errorf("%s:\n%s", about, failure)
		}
	}
}

// try tries one scenario.
func (o *oracleRun) try(t *testing.T, number int) {
	counts := oracle.NewCounts()
	failure, err := oracle.Run(o.generator.Scenario(number), o.generator.Table, o.worlds, counts)
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.counts.Add(counts)
	if err != nil {
		t.Errorf("seed %d, case %d: %v", o.generator.Seed, number, err)
		return
	}
	if failure == nil {
		return
	}
	for _, fault := range oracle.KnownFaults {
		if fault.Explains(failure) {
			o.known[fault.Name] = append(o.known[fault.Name], number)
			return
		}
	}
	kind := failure.Rule + " " + failure.Place
	if o.failed[kind] = append(o.failed[kind], number); len(o.failed[kind]) > 1 {
		return
	}
	minimal := oracle.Shrink(failure, time.Now().Add(20*time.Second), func(s oracle.Scenario) (*oracle.Failure, error) {
		return oracle.Run(s, o.generator.Table, o.worlds, oracle.NewCounts())
	})
	t.Errorf("%s\nTo try it again: go test -C test ./e2e -run Oracle -count=1 -v -oracle.seed=%d -oracle.case=%d", minimal, o.generator.Seed, number)
}

// report prints what was tried.
func (o *oracleRun) report(t *testing.T) {
	c := o.counts
	t.Logf("seed %d: %d objects, %d requests, %d refusals of Holdfast's", o.generator.Seed, c.Scenarios, c.Requests, c.Refused)
	for _, rule := range oracle.RuleNames() {
		t.Logf("%6d times checked: %s", c.Checked[rule], rule)
	}
	for _, exemption := range slices.Sorted(maps.Keys(c.Exempted)) {
		t.Logf("%6d times exempt: %s", c.Exempted[exemption], exemption)
	}
	for _, kind := range slices.Sorted(maps.Keys(o.failed)) {
		t.Logf("%6d times failed: %s, in the cases %v", len(o.failed[kind]), kind, o.failed[kind])
	}
	for _, fault := range slices.Sorted(maps.Keys(o.known)) {
		t.Logf("%6d times %s, in the cases %v", len(o.known[fault]), fault, o.known[fault])
	}
}

// enoughObjects are so many that they leave nothing out.
const enoughObjects = 150

// requireAllWasTried fails if enough scenarios left something out: then they have
// become blind.
func (o *oracleRun) requireAllWasTried(t *testing.T) {
	t.Helper()
	if o.counts.Scenarios < enoughObjects {
		t.Logf("too few objects to ask whether everything was tried: this machine is slow, or -oracle.for short")
		return
	}
	for _, rule := range oracle.RuleNames() {
		assert.NotZero(t, o.counts.Checked[rule], "never checked: %s", rule)
	}
	for _, name := range o.generator.Table.Injects() {
		assert.NotZero(t, o.counts.Injected[name], "never injected: %s", name)
	}
	assert.NotZero(t, o.counts.Refused, "Holdfast never refused anything")
}
