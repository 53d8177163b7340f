package main

import (
	"testing"

	"github.com/holdfast-dev/holdfast/test/cluster/local"
	"github.com/stretchr/testify/assert"
)

func TestDownChoosesOnlyWhatIsMeant(t *testing.T) {
	one, two := local.Description{Dir: "/tmp/one"}, local.Description{Dir: "/tmp/two"}
	both := []local.Description{one, two}
	for _, test := range []struct {
		name    string
		running []local.Description
		dirs    []string
		all     bool
		want    []local.Description
		err     string
	}{
		{name: "none runs"},
		{name: "the only one", running: both[:1], want: both[:1]},
		{name: "which of two?", running: both, err: "2 clusters run here"},
		{name: "the named one", running: both, dirs: []string{"/tmp/two/"}, want: both[1:]},
		{name: "all", running: both, all: true, want: both},
		{name: "a stranger", running: both, dirs: []string{"/tmp/three"}, err: "no cluster runs in /tmp/three"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := choose(test.running, test.dirs, test.all)
			if test.err != "" {
				assert.ErrorContains(t, err, test.err)
				return
			}
			assert.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}
