package policy_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// manySeeds checks a property with many seeds, and logs the first seed with which
// it fails.
func manySeeds(t *testing.T, n uint64, property func(t *testing.T, r *random)) {
	t.Helper()
	for seed := range n {
		if t.Failed() {
			return
		}
		func() {
			defer func() {
				if t.Failed() {
					t.Logf("seed %d", seed)
				}
			}()
			property(t, &random{rand.New(rand.NewPCG(seed, 0)), t})
		}()
	}
}

// random generates objects, and clusters around them.
type random struct {
	*rand.Rand
	t *testing.T
}

func (r *random) chance(percent int) bool { return r.IntN(100) < percent }

func one[T any](r *random, from ...T) T { return from[r.IntN(len(from))] }

// Values that users write. Holdfast would write none of these numbers, not even as
// a correction of another one.
var (
	userTimeouts    = []string{"601", "602", "603", "7h", "604s", " 605", "soon", "", "0", "+606", "99999999999999999999"}
	userAnnotations = map[string][]string{
		readTimeout:                     userTimeouts,
		sendTimeout:                     userTimeouts,
		connect:                         userTimeouts,
		buffering:                       {"on", "Off", "true", ""},
		affinity:                        {"cookie", "Cookie", "ip", ""},
		affinityMode:                    {"balanced", "Persistent", "x"},
		cookieMaxAge:                    {"607", "608s", "-1", "0"},
		nginx + "session-cookie-name":   {"theirs", "a;b"},
		nginx + "session-cookie-path":   {"/theirs", "x y"},
		nginx + "session-cookie-secure": {"true", "TRUE", "no"},
		upstreamHash:                    {"$http_x", "a;b", ""},
		"example.com/owner":             {"team-chat", "~/é\n"},

		f5Read:         {"612", "10m13s", "soon"},
		f5WebSocket:    {"theirs", "theirs,more", "theirs, more", ""},
		f5Sticky:       {"serviceName=theirs route path=/", "serviceName=theirs route;serviceName=more other", "nonsense", ""},
		albBalancer:    {"a=b", `a=b\,c`, "a=b,", " a = b , c=d ", "", "a=b,,c", "idle_timeout.timeout_seconds=609"},
		albTargets:     {"slow_start.duration_seconds=30", "stickiness.type=app_cookie", ""},
		contourRoutes:  {"/theirs", " /theirs , /more ", "", "theirs"},
		skipperFilter:  {`setPath("/a->b")`, `a() -> b("x")`, "", "nonsense"},
		skipperBalance: {"leastRequests", "x"},
		"haproxy-ingress.github.io/timeout-tunnel":       {"614s", "3600"},
		"konghq.com/read-timeout":                        {"615000", "1h"},
		"kubernetes.io/ingress.class":                    {"f5", "nginx", "unknown"},
		"nginx.org/mergeable-ingress-type":               {"master", "minion"},
		nginx + "ssl-passthrough":                        {"true"},
		"traefik.ingress.kubernetes.io/service.nativelb": {"true"},
	}
	holdfastTimeouts    = []string{"1h", "1800", "90500ms", "500h", "1s", "soon", "0", "-1", ""}
	holdfastAnnotations = map[string][]string{
		policy.IdleTimeoutAnnotation:    holdfastTimeouts,
		policy.ReadTimeoutAnnotation:    holdfastTimeouts,
		policy.SendTimeoutAnnotation:    holdfastTimeouts,
		policy.ConnectTimeoutAnnotation: holdfastTimeouts,
		policy.StickyTimeoutAnnotation:  {"1h", "1800", "23h", "1s", "86401", ""},
		"holdfast.dev/idle-timeuot":     {"1h"},
	}
	holdfastLabels = map[string][]string{
		policy.PolicyLabel: {policy.Ignore, policy.Ignore, "enforce", ""},
		policy.StickyLabel: {"true", "true", "false", "yes"},
		"team":             {"chat"},
	}
	policies = []string{
		"", "", byAddress, "ignoreLabel: warn", "cloud: aws", "cloud: gcp", unknownIgnored,
		"timeouts: {read: {default: 2h}, send: {default: 2h}, connect: {default: 11s}}",
		"timeouts: {read: {minimum: 20m, maximum: 3h}, send: {minimum: 20m, maximum: 3h}}",
		"buffering: {response: disabled, request: disabled}",
		"foreignDialects: all", "foreignDialects: ignore", "stickySessions: {followServices: false}",
		"ingressClasses: {f5: {dialect: nginx-inc, options: {version: \"5.4\"}}, kong: {dialect: kong, options: {serviceTimeouts: true, upstreamPolicy: holdfast}}}",
		"ingressClasses: {nginx: {dialect: ingress-nginx, options: {annotationPrefix: nginx.example.com, riskLevel: Low}}}",
		"stickySessions: {timeout: {minimum: 30m, maximum: 4h}, cookie: {name: route, path: /ours, sameSite: Lax, secure: true, maxAge: 50m}}",
	}
)

// some picks some of the keys, each with one of its values.
func (r *random) some(from map[string][]string, percent int) m {
	picked := m{}
	for _, key := range slices.Sorted(maps.Keys(from)) {
		if r.chance(percent) {
			picked[key] = one(r, from[key]...)
		}
	}
	return picked
}

// object returns an object as a user writes it.
func (r *random) object() *policy.Object {
	o := &policy.Object{Kind: one(r, policy.Ingress, policy.Ingress, policy.Service), Namespace: "chat", Name: "web"}
	o.Labels = r.some(holdfastLabels, 40)
	o.Annotations = r.some(holdfastAnnotations, 20)
	if o.Kind == policy.Ingress {
		maps.Copy(o.Annotations, r.some(userAnnotations, 20))
	}
	r.spec(o)
	return o
}

// spec sets the spec of an object.
func (r *random) spec(o *policy.Object) {
	if o.Kind == policy.Ingress {
		o.ClassName = one(r, new("nginx"), new("nginx"), new("other"), new("f5"), new("alb"), new("contour"), new("skipper"), new("haproxy-community"), nil)
		o.Backends = one(r, []string{"chat"}, []string{"chat", "rooms"}, nil)
		o.Paths = one(r, []string{"/"}, []string{"/", "/ws"}, nil)
		o.TLS = r.chance(30)
		return
	}
	o.Type = one(r, "", "ClusterIP", "NodePort", loadBalancer, "ExternalName")
	o.LoadBalancerClass = one(r, "", "example.com/lb")
	o.Headless = r.chance(15)
	o.Fields = affinityFields(one(r, policy.Affinity{}, policy.Affinity{}, policy.Affinity{Type: policy.AffinityNone}, policy.Affinity{Type: clientIP, Seconds: 611}, policy.Affinity{Type: clientIP, Seconds: 612}))
}

// cluster returns an input that lacks only its object.
func (r *random) cluster() policy.Input {
	file := one(r, policies...)
	if r.chance(40) {
		file += "\n" + corrected
	}
	cluster := policy.Input{Policy: policyFile(r.t, file), Namespace: policy.Namespace{Name: "chat", Annotations: r.some(holdfastAnnotations, 15)}}
	if r.chance(30) {
		cluster.Services.Sticky = []policy.StickyService{{Name: "chat", Timeout: one(r, "", "20m", "soon")}}
	}
	return cluster
}

// on returns the input for an object in a cluster.
func on(cluster policy.Input, object, old *policy.Object) policy.Input {
	cluster.Object, cluster.Old = object, old
	if object.Kind == policy.Ingress {
		cluster.Controller = cluster.Policy.ResolveController(object, everyClass)
	} else {
		cluster.Controllers = cluster.Policy.Controllers(everyClass)
	}
	return cluster
}

// stored returns the input's object with the changes applied.
func stored(t *testing.T, in policy.Input) *policy.Object {
	t.Helper()
	return apply(t, in.Object, policy.Evaluate(in).Changes)
}

func TestPropertyEvaluatingTwiceIsEvaluatingOnce(t *testing.T) {
	manySeeds(t, 3000, func(t *testing.T, r *random) {
		in := on(r.cluster(), r.object(), nil)
		before := clone(in.Object)
		result := policy.Evaluate(in)
		assert.Equal(t, before, in.Object, "the object has been written to")
		assert.Equal(t, result, policy.Evaluate(in), "the same input has the same result")
		assertPresentable(t, result)
		assertSettled(t, in, result)
	})
}

func TestPropertyTheLabelIgnoreGivesTheObjectBack(t *testing.T) {
	manySeeds(t, 3000, func(t *testing.T, r *random) {
		cluster, theirs := r.cluster(), r.object()
		delete(theirs.Labels, policy.PolicyLabel)
		written := stored(t, on(cluster, theirs, nil))

		later := r.cluster()
		later.Policy.IgnoreLabel = policy.IgnoreHonor
		left := stored(t, on(later, with(written, ignored), written))
		delete(left.Labels, policy.PolicyLabel)
		assert.Equal(t, normalized(theirs), normalized(left))
	})
}

// normalized returns a copy of an object with nil in place of empty maps.
func normalized(o *policy.Object) *policy.Object {
	c := clone(o)
	if len(c.Labels) == 0 {
		c.Labels = nil
	}
	if len(c.Annotations) == 0 {
		c.Annotations = nil
	}
	return c
}

func TestPropertyTheHistoryOfAnObjectDoesNotMatter(t *testing.T) {
	manySeeds(t, 1500, func(t *testing.T, r *random) {
		theirs, cluster := r.object(), r.cluster()
		live := stored(t, on(cluster, theirs, nil))
		for step := range 8 {
			if r.chance(30) {
				cluster = r.cluster()
			}
			was := clone(theirs)
			r.edit(theirs)
			sent, how := r.send(theirs, was, live)
			live = stored(t, on(cluster, sent, live))
			fresh := stored(t, on(cluster, theirs, nil))
			require.Equal(t, normalized(fresh), normalized(live), "step %d, %s", step, how)
		}
	})
}

// edit changes an object as its user would.
func (r *random) edit(theirs *policy.Object) {
	if theirs.Kind == policy.Ingress && r.chance(50) {
		key := one(r, slices.Sorted(maps.Keys(userAnnotations))...)
		// An annotation that Holdfast injected and the user then writes with
		// the same value can't be attributed to either.
		if value := one(r, userAnnotations[key]...); value != "cookie" && value != "true" {
			theirs.Annotations[key] = value
		}
	}
	if r.chance(40) {
		maps.DeleteFunc(theirs.Annotations, func(string, string) bool { return r.chance(30) })
	}
	if r.chance(30) {
		maps.Copy(theirs.Annotations, r.some(holdfastAnnotations, 20))
	}
	if r.chance(40) {
		theirs.Labels = r.some(holdfastLabels, 40)
	}
	if r.chance(20) {
		// A Service keeps its address, or has none for good.
		headless := theirs.Headless
		r.spec(theirs)
		theirs.Headless = headless
	}
}

// send returns the object that the API server passes to Holdfast when a client
// writes it, and the client's method.
func (r *random) send(theirs, was, live *policy.Object) (sent *policy.Object, how string) {
	how = one(r, "kubectl replace", "kubectl apply", "a client that drops the record and keeps all else")
	if how == "kubectl replace" {
		return clone(theirs), how
	}
	sent = clone(theirs)
	sent.Annotations = maps.Clone(live.Annotations)
	if sent.Annotations == nil {
		sent.Annotations = m{}
	}
	for key := range was.Annotations {
		if _, kept := theirs.Annotations[key]; !kept {
			delete(sent.Annotations, key)
		}
	}
	maps.Copy(sent.Annotations, theirs.Annotations)
	if affinityText(theirs) == affinityText(was) && !strings.HasPrefix(affinityText(theirs), clientIP) {
		sent.Fields = slices.Clone(live.Fields)
	}
	if how != "kubectl apply" {
		delete(sent.Annotations, policy.RecordAnnotation)
	}
	return sent, how
}

func TestPropertyUserAnnotationsNeverChangeUnlessThePolicyCorrectsThem(t *testing.T) {
	manySeeds(t, 3000, func(t *testing.T, r *random) {
		cluster, theirs := r.cluster(), r.object()
		cluster.Policy.Corrections = policy.CorrectionsWarn
		written := stored(t, on(cluster, theirs, nil))
		assert.Equal(t, theirs.Labels, written.Labels)
		for key, value := range theirs.Annotations {
			if isComposite(key) {
				assert.Contains(t, written.Annotations[key], value, key)
			} else {
				assert.Equal(t, value, written.Annotations[key], key)
			}
		}
		if strings.HasPrefix(affinityText(theirs), clientIP) {
			assert.Equal(t, affinityText(theirs), affinityText(written))
		}
	})
}

func TestPropertyOnlyWhatAControllerCannotReadOrThePolicyForbidsIsCorrected(t *testing.T) {
	manySeeds(t, 3000, func(t *testing.T, r *random) {
		cluster, theirs := r.cluster(), r.object()
		cluster.Policy.Corrections = policy.CorrectionsApply
		result := policy.Evaluate(on(cluster, theirs, nil))
		for _, c := range result.Changes {
			if c.From == nil || c.Target.Key() == policy.SessionAffinity || isComposite(c.Target.Key()) && strings.Contains(*c.To, *c.From) {
				continue
			}
			assert.True(t, slices.ContainsFunc(warningsOf(result), func(w policy.Finding) bool {
				return w.Subject() == c.Target.Key() && strings.HasSuffix(w.Sentence(), ", please change your manifest too")
			}), "%s is changed without a warning", c.Target.Key())
		}
	})
}

// isComposite reports whether an annotation holds more than one setting.
func isComposite(key string) bool {
	return slices.Contains([]string{f5WebSocket, f5Sticky, albBalancer, albTargets, contourRoutes, skipperFilter}, key)
}

// forged returns a record that Holdfast need not have written.
func (r *random) forged() string {
	keys := slices.Concat(
		slices.Sorted(maps.Keys(userAnnotations)), slices.Sorted(maps.Keys(holdfastAnnotations)),
		[]string{f5WebSocket + "#*", f5Sticky + "#theirs", albBalancer + "#a", albBalancer + "#idle_timeout.timeout_seconds", contourRoutes + "#*", skipperFilter + "#consistentHashKey", "#", "#*", readTimeout + "#x"},
		[]string{policy.SessionAffinity, policy.AnnotationsPointer, policy.RecordAnnotation, "/spec/rules", "kubernetes.io/ingress.class"},
	)
	values := slices.Concat(userTimeouts, []string{"cookie", "ClientIP/611", "None", "team-chat", "nginx", "{}", "x", "-1", "theirs", "theirs,more", "route path=/", "/theirs"})
	var entries []string
	for range r.IntN(5) {
		entry := fmt.Sprintf("%q:%q", one(r, keys...), one(r, values...))
		if r.chance(50) {
			entry = fmt.Sprintf(`%q:{"set":%q,"was":%q}`, one(r, keys...), one(r, values...), one(r, values...))
		}
		entries = append(entries, entry)
	}
	text := "{" + strings.Join(entries, ",") + "}"
	if r.chance(10) {
		text = text[:r.IntN(len(text))]
	}
	return text
}

func TestPropertyAForgedRecordReachesNothingThatIsNotHoldfasts(t *testing.T) {
	manySeeds(t, 5000, func(t *testing.T, r *random) {
		cluster, o := r.cluster(), r.object()
		o.Annotations[policy.RecordAnnotation] = r.forged()
		if o.Kind == policy.Service {
			maps.Copy(o.Annotations, r.some(userAnnotations, 20))
		}
		var old *policy.Object
		if r.chance(50) {
			old = clone(o)
			old.Annotations[policy.RecordAnnotation] = r.forged()
		}
		in := on(cluster, o, old)
		result := policy.Evaluate(in)
		assertPresentable(t, result)
		assertReachesOnly(t, o.Kind, result.Changes)
		again := in
		again.Object = apply(t, o, result.Changes)
		assert.Empty(t, changeLines(policy.Evaluate(again)), "it takes more than one evaluation to settle")
	})
}

// assertReachesOnly checks that changes have no targets but a dialect's annotations
// for that kind, the record and the affinity of a Service.
func assertReachesOnly(t *testing.T, kind policy.Kind, changes []policy.Change) {
	t.Helper()
	for _, c := range changes {
		switch c.Target.Key() {
		case policy.RecordAnnotation:
		case policy.SessionAffinity:
			assert.Equal(t, policy.Service, kind, "an affinity on an %s", kind)
		default:
			assert.True(t, owns(c.Target.Key(), kind), "no dialect has %s on %s", c.Target.Key(), kind)
		}
	}
}

// FuzzEvaluate checks what must hold for every object, with arbitrary labels,
// annotations and records.
func FuzzEvaluate(f *testing.F) {
	f.Add("true", "", "1h", "3600s", `{"`+readTimeout+`":"3600"}`, `{`, uint8(0))
	f.Add("false", "ignore", "-1", "-1", hourlongRecord, hourlongRecord, uint8(3))
	f.Add("yes", "enforce", "\x00", "\xff\n", `{"a":null}`, `{"a":{"set":"","was":""}}`, uint8(7))
	f.Add("true", "", "90500ms", " 3600", clientIPRecord, `{"/spec/sessionAffinity":{"set":"ClientIP/10800","was":"None"}}`, uint8(9))
	f.Add("", "", "", "", `{"`+readTimeout+`":{"set":"","was":"-1"}}`, "null", uint8(255))
	f.Add("true", "", "9999999999999", "99999999999999999", `{"/metadata/annotations":{"set":"{}","was":"x"}}`, `{"/metadata/annotations":"{}"}`, uint8(17))
	f.Fuzz(func(t *testing.T, stickyLabel, policyLabel, holdfastValue, userValue, record, oldRecord string, bits uint8) {
		o := ingress(m{policy.RecordAnnotation: record, policy.IdleTimeoutAnnotation: holdfastValue, policy.StickyTimeoutAnnotation: holdfastValue, policy.Prefix + holdfastValue: userValue})
		if bits&1 != 0 {
			o = service()
			o.Annotations = m{policy.RecordAnnotation: record, policy.StickyTimeoutAnnotation: holdfastValue}
			if affinity, ok := policy.ParseAffinity(userValue); ok {
				o.Fields = affinityFields(affinity)
			}
		}
		for i, key := range []string{readTimeout, sendTimeout, affinity, cookieMaxAge, upstreamHash} {
			if bits&(1<<(i+3)) == 0 {
				o.Annotations[key] = userValue
			}
		}
		o = with(o, policy.StickyLabel+"="+stickyLabel, policy.PolicyLabel+"="+policyLabel, policy.Prefix+userValue+"="+holdfastValue)
		s := spec{object: o, namespace: m{policy.IdleTimeoutAnnotation: holdfastValue}}
		if bits&2 != 0 {
			s.policy = corrected
		}
		if bits&4 != 0 {
			s.old = clone(o)
			s.old.Annotations[policy.RecordAnnotation] = oldRecord
		}
		in := s.input(t)
		result := policy.Evaluate(in)
		assertPresentable(t, result)
		assertReachesOnly(t, o.Kind, result.Changes)
		in.Object = apply(t, o, result.Changes)
		assert.Empty(t, changeLines(policy.Evaluate(in)))
	})
}

func owns(key string, on dialect.Kind) bool {
	_, owned := dialect.Owner(key, "", on)
	return owned
}
