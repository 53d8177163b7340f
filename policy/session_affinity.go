package policy

import (
	"slices"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// sessionAffinity adds to the edits the one that gives a sticky Service ClientIP
// affinity, if that works and harms nothing. The user's own affinity is kept.
func sessionAffinity(edits []Edit, in Input, base *baseline, want *desiredValues, f *Findings) []Edit {
	field := base.Object.field(sessionAffinityTarget)
	label := want.overrides.Sticky
	if field == nil || label == nil {
		return edits
	}
	now, known := affinityOf(field)
	switch {
	case !known:
		// The API server refuses the value.
		return edits
	case now.Type == AffinityClientIP:
		return checkUserAffinity(edits, now, want, f)
	case !*label:
		return edits
	}
	if finding, prevented := affinityPrevented(in, base); prevented {
		f.add(finding)
		return edits
	}
	if now.Seconds > 0 {
		return addAffinityType(edits, now, want, f)
	}
	v := want.Value(dialect.SessionAffinity)
	f.addAll(v.OnUse)
	reportDroppedTimeout(base, clientIP(v.Value.Duration()), f)
	return append(edits, Edit{sessionAffinityTarget, clientIP(v.Value.Duration()).String(), dialect.SessionAffinity, v.Origin})
}

// sessionAffinityTarget is the place of a Service's affinity.
var sessionAffinityTarget = FieldTarget(SessionAffinity)

// affinityOf returns a field's affinity; false if it has a value that is none.
func affinityOf(f *Field) (Affinity, bool) {
	if f.Value == nil {
		return Affinity{}, true
	}
	return ParseAffinity(*f.Value)
}

// clientIP returns the affinity for a timeout, which the API server limits.
func clientIP(d duration.Duration) Affinity {
	return Affinity{Type: AffinityClientIP, Seconds: min(d, maxAffinity).Seconds()}
}

// affinityPrevented returns why a Service must not get ClientIP; false if it may.
func affinityPrevented(in Input, base *baseline) (Finding, bool) {
	if finding, found := affinityConflict(base); found {
		return finding, true
	}
	finding := Finding{Rule: RuleNoSessionAffinity, Actor: Author, Message: msgNoSessionAffinity, Target: FieldTarget("/spec/type")}
	switch o := base.Object; {
	case o.Type == "ExternalName":
		finding.Found = "ExternalName"
	case in.isHeadless():
		finding.Target, finding.Found = FieldTarget("/spec/clusterIP"), "None"
	case o.Type == "LoadBalancer" && o.LoadBalancerClass == "":
		return cloudPrevents(finding, in.Policy.Cloud)
	default:
		return Finding{}, false
	}
	switch {
	case slices.ContainsFunc(in.Controllers, func(c dialect.Installation) bool { return readsStickiness(c, in.Object) }):
	case !in.Policy.StickySessions.FollowServices:
		finding.Message = msgNoFollowers
	case !in.canBeFollowed():
		return noControllerSticks(in), true
	}
	return finding, true
}

// isHeadless reports whether a Service has no ClusterIP.
func (in Input) isHeadless() bool {
	// An update that leaves the address out keeps the old one. The API server fills it in
	// after its webhooks (kubernetes/pkg/registry/core/service/storage
	// patchAllocatedValues).
	return in.Object.Headless || in.Old != nil && in.Old.Headless
}

// affinityConflict looks for an annotation that makes a controller send to the
// ClusterIP, where all its clients have its own address and so would get one pod.
func affinityConflict(base *baseline) (Finding, bool) {
	for _, d := range dialect.All() {
		for _, c := range findConflicts(dialect.Installation{Dialect: d}, base.Object) {
			if c.Suppresses.Contains(dialect.SessionAffinity) {
				return c.finding(), true
			}
		}
	}
	return Finding{}, false
}

// cloudsThatRefuse are the clouds whose own controllers stop building the load
// balancer of a Service with ClientIP (cloud-provider-aws
// pkg/providers/v1/aws.go EnsureLoadBalancer, oci-cloud-controller-manager
// validateService).
var cloudsThatRefuse = map[Cloud]string{CloudAWS: "AWS", CloudOracle: "Oracle"}

// RefusesClientIP returns the name of a cloud whose own controller builds no load balancer
// for a Service with ClientIP.
func (w Cloud) RefusesClientIP() (name string, refuses bool) {
	name, refuses = cloudsThatRefuse[w]
	return name, refuses
}

// cloudPrevents returns the finding about a load balancer that ClientIP would break, or may
// break on a cloud that isn't known; false on other clouds.
func cloudPrevents(finding Finding, cloud Cloud) (Finding, bool) {
	name, refuses := cloudsThatRefuse[cloud]
	switch {
	case refuses:
		finding.Message, finding.Detail = msgCloudRefuses, name
	case cloud == CloudUnknown:
		finding.Message = msgCloudUnknown
	default:
		return Finding{}, false
	}
	finding.Found = "LoadBalancer"
	return finding, true
}

// checkUserAffinity reports what is wrong with the user's own ClientIP, and
// corrects it if the policy asks for that.
func checkUserAffinity(edits []Edit, now Affinity, want *desiredValues, f *Findings) []Edit {
	finding := Finding{
		Rule: RuleOverriddenValue, Actor: Author, Target: sessionAffinityTarget, Setting: dialect.SessionAffinity,
		Found: sessionAffinityCodec{}.Display(now.String()),
	}
	if !*want.overrides.Sticky {
		finding.Found = now.Type
		finding.Message, finding.Origin = msgFieldOverridesLabel, want.Sticky.Origin
		f.add(finding)
		return edits
	}
	written := dialect.DurationOf(duration.Duration(now.Seconds) * duration.Second)
	if ours, ok := want.overrides.Values[dialect.SessionAffinity]; ok && ours.Value != written && !written.Unset() {
		finding.Message, finding.Origin = msgOverriddenByField, ours.Origin
		f.add(finding)
	}
	limits := want.policy.limits(dialect.SessionAffinity)
	right := clientIP(limits.Clamp(written).Duration())
	if written.Unset() || right == now {
		return edits
	}
	finding.Rule, finding.Message, finding.Origin = RuleOutOfBounds, msgAffinityOutOfBounds, Origin{}
	finding.Wanted, finding.Detail = sessionAffinityCodec{}.Display(right.String()), limits.String()
	if want.policy.Corrections != CorrectionsApply {
		finding.Fix = setTo(sessionAffinityTarget, right.String())
		f.add(finding)
		return edits
	}
	finding.Message = msgAffinityCorrected
	f.add(finding)
	origin := Origin{Source: FromUser, Key: SessionAffinity, Text: now.String()}
	return append(edits, Edit{sessionAffinityTarget, right.String(), dialect.SessionAffinity, origin})
}

// addAffinityType adds the edit that gives the user's timeout the type without which
// the API server drops it.
func addAffinityType(edits []Edit, now Affinity, want *desiredValues, f *Findings) []Edit {
	now.Type = AffinityClientIP
	checked := checkUserAffinity(edits, now, want, f)
	if len(checked) > len(edits) {
		return checked
	}
	return append(edits, Edit{sessionAffinityTarget, now.String(), dialect.SessionAffinity, want.Sticky.Origin})
}
