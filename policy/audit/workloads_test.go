package audit

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy"
)

func TestAGracePeriodIsLongerThanItsHookAndAsLongAsWebSocketsAreToLive(t *testing.T) {
	const hour = 3600
	for name, c := range map[string]struct {
		period, sleep int64
		hooked        bool
		lifetime      int64
		// says is what is found, with an example of a right period; nothing if wanted is empty.
		says   policy.Message
		wanted string
	}{
		"the API server's default":         {30, 0, false, hour, msgNoPreStop, "3600"},
		"the default with a hook":          {30, 10, true, hour, msgShortGracePeriod, "3600"},
		"a minute":                         {60, 0, false, hour, msgNoPreStop, "3600"},
		"a minute with a hook":             {60, 30, true, hour, msgShortGracePeriod, "3600"},
		"a minute with a hook of commands": {60, 0, true, hour, msgShortGracePeriod, "3600"},
		"an hour":                          {3600, 30, true, hour, "", ""},
		"an hour without a hook":           {3600, 0, false, hour, "", ""},
		"an hour where two are wanted":     {3600, 30, true, 2 * hour, msgShortGracePeriod, "7200"},
		"an hour that the hook sleeps":     {3600, 3600, true, hour, msgLongPreStop, "3630"},
		"a minute without a timeout":       {60, 30, true, 0, "", ""},
		"the default without a timeout":    {30, 0, false, 0, msgNoPreStop, "3600"},
		"a minute where less is wanted":    {60, 30, true, 45, "", ""},
		"the default where less is wanted": {30, 0, false, 10, msgNoPreStop, "3600"},
	} {
		t.Run(name, func(t *testing.T) {
			f, found := grace(&backend{Workload: &Workload{
				GracePeriod: c.period, Containers: []Container{{HasPreStop: c.hooked, PreStopSleep: c.sleep}},
			}}, c.lifetime)
			assert.Equal(t, c.wanted != "", found)
			if found {
				assert.Equal(t, c.wanted, f.Wanted)
				assert.Equal(t, c.says, f.Message)
			}
		})
	}
}
