package policy

import (
	"fmt"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// judgeService gives a sticky Service ClientIP affinity, where that does what
// it says and harms nothing, and the words of the controllers that may serve it.
func (e *evaluation) judgeService() {
	if e.own.sticky != nil {
		e.judgeAffinity()
	}
	for _, c := range e.Controllers {
		e.speak(c)
	}
	e.warnOfUnheardTimers()
	e.warnOfFollowers()
}

func (e *evaluation) judgeAffinity() {
	switch e.plain.Affinity.Type {
	case AffinityClientIP:
		e.judgeOwnAffinity()
	case AffinityNone, "":
		if *e.own.sticky {
			e.injectAffinity()
		}
	default:
		// The API server will refuse it, in words of its own.
	}
}

func (e *evaluation) injectAffinity() {
	if subject, text := e.affinityTrap(); text != "" {
		e.warn(RuleTrap, subject, text)
		return
	}
	if subject, text := e.affinityImpossible(); text != "" {
		e.warn(RuleAffinityImpossible, subject, text)
		return
	}
	w := e.wish(dialect.SessionAffinity)
	e.edit(SessionAffinity, clientIP(w.Value.Duration()).String(), dialect.SessionAffinity, w.Origin)
}

// clientIP is the affinity for a wish, which the API server's limit may cut.
func clientIP(d duration.Duration) Affinity {
	return Affinity{Type: AffinityClientIP, Seconds: min(d, maximumAffinity).Seconds()}
}

// affinityImpossible tells why a Service must not get ClientIP; empty if it may.
func (e *evaluation) affinityImpossible() (subject, text string) {
	switch o := &e.plain; {
	case o.Type == "ExternalName":
		return "spec.type", fmt.Sprintf("ExternalName has no session affinity, so %s does nothing; remove the label", StickyLabel)
	case o.Headless:
		return "spec.clusterIP", fmt.Sprintf(`"None" has no session affinity, so %s does nothing; remove the label`, StickyLabel)
	case o.Type == "LoadBalancer" && o.LoadBalancerClass == "":
		return "spec.type", e.cloudProblem()
	}
	return "", ""
}

// affinityTrap finds a word that has a controller send to the ClusterIP, where
// all its clients have its own address and so would get one pod.
func (e *evaluation) affinityTrap() (subject, text string) {
	for _, d := range dialect.All() {
		for _, t := range d.Conflicts {
			if !t.Suppresses.Contains(dialect.SessionAffinity) {
				continue
			}
			if key, value, there := e.trapped(dialect.Installation{Dialect: d}, t); there {
				return key, quote(value) + " " + t.Warning
			}
		}
	}
	return "", ""
}

// cloudsThatRefuse are the clouds whose own controllers stop building the
// balancer of a Service with ClientIP (cloud-provider-aws
// pkg/providers/v1/aws.go EnsureLoadBalancer, oci-cloud-controller-manager
// validateService).
var cloudsThatRefuse = map[Cloud]string{CloudAWS: "AWS", CloudOracle: "Oracle"}

func (e *evaluation) cloudProblem() string {
	name, refuses := cloudsThatRefuse[e.Policy.Cloud]
	switch {
	case refuses:
		return fmt.Sprintf("LoadBalancer gets no ClientIP: %s's controller would stop building it; put a ClusterIP Service beside it", name)
	case e.Policy.Cloud == CloudUnknown:
		return `LoadBalancer gets no ClientIP until the policy names the cloud (cloud: gcp), as AWS's and Oracle's refuse it`
	default:
		return ""
	}
}

// judgeOwnAffinity judges the user's own ClientIP, which is kept.
func (e *evaluation) judgeOwnAffinity() {
	const subject = "spec.sessionAffinity"
	now := e.plain.Affinity
	if !*e.own.sticky {
		e.warn(RuleHiddenWord, subject, fmt.Sprintf(`"ClientIP" holds and hides the label %s: "false"; keep one of the two`, StickyLabel))
		return
	}
	written := duration.Duration(now.Seconds) * duration.Second
	if own, ok := e.own.wishes[dialect.SessionAffinity]; ok && own.Value.Duration() != written && written > 0 {
		e.warn(RuleHiddenWord, subject, fmt.Sprintf("ClientIP with %d s holds and hides %s: %s; keep one of the two", now.Seconds, own.Origin.Key, quote(own.Origin.Text)))
	}
	bounds := e.Policy.bounds(dialect.SessionAffinity)
	right := bounds.Clamp(written)
	if written == 0 || right.Seconds() == now.Seconds {
		return
	}
	problem := fmt.Sprintf("ClientIP with %d s must be %s in this cluster", now.Seconds, bounds)
	if e.Policy.Corrections != CorrectionsApply {
		e.warn(RuleOutOfBounds, subject, fmt.Sprintf("%s; write %d", problem, right.Seconds()))
		return
	}
	e.warn(RuleOutOfBounds, subject, fmt.Sprintf("%s; stored as %d, write that", problem, right.Seconds()))
	e.edit(SessionAffinity, clientIP(right).String(), dialect.SessionAffinity, Origin{Source: FromUser, Key: SessionAffinity, Text: now.String()})
}
