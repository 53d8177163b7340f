package probe

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// ended is a silent socket that ended after some seconds.
func ended(how How, after Seconds) *Socket {
	return &Socket{How: how, Lasted: after, Idle: after, Unanswered: after}
}

func names(all []Suspect) []string {
	var names []string
	for _, s := range all {
		names = append(names, s.Name)
	}
	return names
}

func TestTheLikeliestSuspectHasATimerOfThatLength(t *testing.T) {
	for name, c := range map[string]struct {
		socket     *Socket
		controller string
		// first is the likeliest, and also are others that are named too.
		first string
		also  []string
		never []string
	}{
		"a minute": {ended(EOF, 60.2), "", "Ingress NGINX Controller",
			[]string{"AWS Load Balancer Controller", "AWS's Classic ELB", "an nginx in front of the cluster"}, []string{"Cloudflare", "HAProxy Ingress"}},
		"a minute behind a known controller": {ended(EOF, 60), "kong", "Kong Ingress Controller",
			[]string{"AWS's Classic ELB"}, []string{"Ingress NGINX Controller"}},
		"a minute behind a controller whose timer is an hour": {ended(EOF, 60), "haproxy-ingress", "AWS's Classic ELB",
			nil, []string{"HAProxy Ingress"}},
		"an hour":                {ended(EOF, 3600), "", "HAProxy Kubernetes Ingress Controller", []string{"HAProxy Ingress", "Cloud Run's longest request timeout"}, nil},
		"half a minute":          {ended(EOF, 30), "", "Application Gateway Ingress Controller", []string{"GKE Ingress"}, nil},
		"50 s":                   {ended(Reset, 50.4), "", "OpenStack's load balancer", []string{"an HAProxy in front of the cluster"}, nil},
		"55 s":                   {ended(EOF, 55), "", "Heroku's router", nil, nil},
		"100 s":                  {ended(EOF, 100.1), "", "Cloudflare", nil, []string{"Heroku's router"}},
		"3 minutes":              {ended(EOF, 180), "", "Higress", []string{"NetScaler Ingress Controller"}, nil},
		"4 minutes":              {ended(Reset, 241), "", "Azure's load balancer", []string{"Azure's NAT gateway"}, nil},
		"5 minutes":              {ended(EOF, 300), "", "Contour", []string{"Cilium Ingress", "F5's BIG-IP", "Azure Front Door"}, nil},
		"350 s":                  {ended(Reset, 351), "", "AWS's NLB", []string{"AWS's NAT gateway"}, nil},
		"10 minutes":             {ended(EOF, 600), "", "Scaleway's load balancer", []string{"Amazon CloudFront"}, []string{"Google Cloud's VPC network"}},
		"forgotten after 7 min":  {ended(Lost, 420), "", "AWS's NLB", []string{"AWS's NAT gateway", "Azure Firewall"}, []string{"Google Cloud's VPC network", "Cloudflare"}},
		"a reload of nginx":      {ended(EOF, 1000), "ingress-nginx", "a reload of Ingress NGINX Controller that much earlier", nil, nil},
		"API Gateway's own code": {&Socket{How: CloseFrame, Code: 1001, Lasted: 600, Idle: 600, Unanswered: 600}, "", closeCodes[1001].Name, []string{"Amazon API Gateway"}, []string{"Amazon CloudFront"}},
		"the client's data doesn't reset nginx's timer": {&Socket{How: EOF, Lasted: 60, Idle: 5, Unanswered: 60}, "", "Ingress NGINX Controller",
			nil, []string{"AWS Load Balancer Controller", "AWS's Classic ELB"}},
	} {
		t.Run(name, func(t *testing.T) {
			all := suspectsOf(c.socket, dialect.ByName(c.controller), time.Hour)
			require.NotEmpty(t, all)
			assert.Equal(t, c.first, all[0].Name)
			for _, also := range c.also {
				assert.Contains(t, names(all), also)
			}
			for _, never := range c.never {
				assert.NotContains(t, names(all), never)
			}
			for _, s := range all {
				assert.NotEmpty(t, s.Set, s.Name)
			}
		})
	}
}

func TestATimerThatNobodyHasMakesNoSuspect(t *testing.T) {
	assert.Empty(t, suspectsOf(ended(EOF, 77), nil, time.Hour))
	assert.Empty(t, suspectsOf(ended(Held, 60), nil, time.Hour))
}

func TestATimerOfThePromisedLengthIsNoEarlyEnd(t *testing.T) {
	assert.False(t, early(ended(EOF, 3599.5), time.Hour))
	assert.True(t, early(ended(EOF, 3598), time.Hour))
	assert.True(t, early(ended(Lost, 3600), time.Hour))
	assert.True(t, early(ended(EOF, 60), 0))
}

func TestSocketsThatEndAlikeAreOneGroup(t *testing.T) {
	sockets := []*Socket{ended(EOF, 60), ended(EOF, 5), ended(EOF, 60.3), ended(Held, 3600), ended(EOF, 60.1), ended(Held, 3601)}
	r := &Report{Tried: len(sockets)}
	r.group(&Plan{For: time.Hour}, sockets)
	require.Len(t, r.Outcomes, 3)
	assert.Equal(t, 3, r.Outcomes[0].Sockets)
	assert.Equal(t, Seconds(60), r.Outcomes[0].Shortest)
	assert.Equal(t, Seconds(60.3), r.Outcomes[0].Longest)
	assert.Equal(t, 4, r.Ended)
	assert.Equal(t, Seconds(5), r.firstEnd())
}

func TestEverySuspectIsOneShortLine(t *testing.T) {
	for code, s := range closeCodes {
		assert.LessOrEqual(t, len(s.Name+s.Set), 120, code)
	}
	for status, s := range statuses {
		assert.LessOrEqual(t, len(s.problem+s.remedy), 200, status)
	}
}
