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

// manySeeds holds a property against many random worlds, and tells the seed of
// the first one in which it fails.
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

// random makes worlds.
type random struct {
	*rand.Rand
	t *testing.T
}

func (r *random) chance(percent int) bool { return r.IntN(100) < percent }

func one[T any](r *random, from ...T) T { return from[r.IntN(len(from))] }

// What users write. No number is one that Holdfast would write by itself, or as
// a correction of another one.
var (
	usersTimers = []string{"601", "602", "603", "7h", "604s", " 605", "soon", "", "0", "+606", "99999999999999999999"}
	usersWords  = map[string][]string{
		readTimeout:                     usersTimers,
		sendTimeout:                     usersTimers,
		connect:                         usersTimers,
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
		"kubernetes.io/ingress.class":                    {"f5", "nginx", "nobody"},
		"nginx.org/mergeable-ingress-type":               {"master", "minion"},
		nginx + "ssl-passthrough":                        {"true"},
		"traefik.ingress.kubernetes.io/service.nativelb": {"true"},
	}
	ownTimers = []string{"1h", "1800", "90500ms", "500h", "1s", "soon", "0", "-1", ""}
	ownWords  = map[string][]string{
		policy.IdleTimeoutAnnotation:    ownTimers,
		policy.ReadTimeoutAnnotation:    ownTimers,
		policy.SendTimeoutAnnotation:    ownTimers,
		policy.ConnectTimeoutAnnotation: ownTimers,
		policy.StickyTimeoutAnnotation:  {"1h", "1800", "23h", "1s", "86401", ""},
		"holdfast.dev/idle-timeuot":     {"1h"},
	}
	ownLabels = map[string][]string{
		policy.PolicyLabel: {policy.Ignore, policy.Ignore, "enforce", ""},
		policy.StickyLabel: {"true", "true", "false", "yes"},
		"team":             {"chat"},
	}
	policies = []string{
		"", "", byAddress, "ignoreLabel: warn", "cloud: aws", "cloud: gcp", unconcerned,
		"timeouts: {read: {default: 2h}, send: {default: 2h}, connect: {default: 11s}}",
		"timeouts: {read: {minimum: 20m, maximum: 3h}, send: {minimum: 20m, maximum: 3h}}",
		"buffering: {response: disabled, request: disabled}",
		"foreignDialects: all", "foreignDialects: ignore", "stickySessions: {followServices: false}",
		"ingressClasses: {f5: {dialect: nginx-inc, options: {version: \"5.4\"}}, kong: {dialect: kong, options: {serviceTimeouts: true, upstreamPolicy: holdfast}}}",
		"ingressClasses: {nginx: {dialect: ingress-nginx, options: {annotationPrefix: nginx.example.com, riskLevel: Low}}}",
		"stickySessions: {timeout: {minimum: 30m, maximum: 4h}, cookie: {name: route, path: /ours, sameSite: Lax, secure: true, maxAge: 50m}}",
	}
)

// words gives an object some of the words that there are.
func (r *random) words(from map[string][]string, percent int) m {
	words := m{}
	for _, key := range slices.Sorted(maps.Keys(from)) {
		if r.chance(percent) {
			words[key] = one(r, from[key]...)
		}
	}
	return words
}

// object is what a user writes.
func (r *random) object() *policy.Object {
	o := &policy.Object{Kind: one(r, policy.Ingress, policy.Ingress, policy.Service), Namespace: "chat", Name: "web"}
	o.Labels = r.words(ownLabels, 40)
	o.Annotations = r.words(ownWords, 20)
	if o.Kind == policy.Ingress {
		maps.Copy(o.Annotations, r.words(usersWords, 20))
	}
	r.spec(o)
	return o
}

// spec makes the rest of an object.
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
	o.Fields = affinityFields(one(r, policy.Affinity{}, policy.Affinity{}, policy.Affinity{Type: policy.AffinityNone}, policy.Affinity{Type: clientIP, Seconds: 611}, policy.Affinity{Type: clientIP}))
}

// world is all that surrounds an object.
func (r *random) world() policy.Input {
	file := one(r, policies...)
	if r.chance(40) {
		file += "\n" + corrected
	}
	world := policy.Input{Policy: policyFile(r.t, file), Namespace: policy.Namespace{Name: "chat", Annotations: r.words(ownWords, 15)}}
	if r.chance(30) {
		world.Services.Sticky = []policy.StickyService{{Name: "chat", Timeout: one(r, "", "20m", "soon")}}
	}
	return world
}

// on is an evaluation of an object in a world.
func on(world policy.Input, object, old *policy.Object) policy.Input {
	world.Object, world.Old = object, old
	if object.Kind == policy.Ingress {
		world.Controller = world.Policy.ResolveController(object, everyClass)
	} else {
		world.Controllers = world.Policy.Controllers(everyClass)
	}
	return world
}

// stored is an object as Holdfast leaves it.
func stored(t *testing.T, in policy.Input) *policy.Object {
	t.Helper()
	return apply(t, in.Object, policy.Evaluate(in).Changes)
}

func TestPropertyEvaluatingTwiceIsEvaluatingOnce(t *testing.T) {
	manySeeds(t, 3000, func(t *testing.T, r *random) {
		in := on(r.world(), r.object(), nil)
		before := clone(in.Object)
		result := policy.Evaluate(in)
		assert.Equal(t, before, in.Object, "the object has been written to")
		assert.Equal(t, result, policy.Evaluate(in), "the same question has the same answer")
		assertPresentable(t, result)
		assertSettled(t, in, result)
	})
}

func TestPropertyTheLabelIgnoreGivesTheObjectBack(t *testing.T) {
	manySeeds(t, 3000, func(t *testing.T, r *random) {
		world, theirs := r.world(), r.object()
		delete(theirs.Labels, policy.PolicyLabel)
		written := stored(t, on(world, theirs, nil))

		later := r.world()
		later.Policy.IgnoreLabel = policy.IgnoreHonor
		left := stored(t, on(later, with(written, ignored), written))
		delete(left.Labels, policy.PolicyLabel)
		assert.Equal(t, plain(theirs), plain(left))
	})
}

// plain is an object in which no map and an empty one are the same.
func plain(o *policy.Object) *policy.Object {
	c := clone(o)
	if len(c.Labels) == 0 {
		c.Labels = nil
	}
	if len(c.Annotations) == 0 {
		c.Annotations = nil
	}
	return c
}

func TestPropertyTheWayToAnObjectDoesNotMatter(t *testing.T) {
	manySeeds(t, 1500, func(t *testing.T, r *random) {
		theirs, world := r.object(), r.world()
		live := stored(t, on(world, theirs, nil))
		for step := range 8 {
			if r.chance(30) {
				world = r.world()
			}
			was := clone(theirs)
			r.edit(theirs)
			sent, how := r.send(theirs, was, live)
			live = stored(t, on(world, sent, live))
			fresh := stored(t, on(world, theirs, nil))
			require.Equal(t, plain(fresh), plain(live), "step %d, %s", step, how)
		}
	})
}

// edit is a user's change of his own object.
func (r *random) edit(theirs *policy.Object) {
	if theirs.Kind == policy.Ingress && r.chance(50) {
		key := one(r, slices.Sorted(maps.Keys(usersWords))...)
		// Nobody can tell whose a word is that Holdfast wrote and the user
		// then writes too.
		if value := one(r, usersWords[key]...); value != "cookie" && value != "true" {
			theirs.Annotations[key] = value
		}
	}
	if r.chance(40) {
		maps.DeleteFunc(theirs.Annotations, func(string, string) bool { return r.chance(30) })
	}
	if r.chance(30) {
		maps.Copy(theirs.Annotations, r.words(ownWords, 20))
	}
	if r.chance(40) {
		theirs.Labels = r.words(ownLabels, 40)
	}
	if r.chance(20) {
		r.spec(theirs)
	}
}

// send is what the API server makes of a user's object before Holdfast sees
// it, by the ways that clients have.
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

func TestPropertyTheUsersOwnWordsAreNeverChangedUnlessThePolicySaysSo(t *testing.T) {
	manySeeds(t, 3000, func(t *testing.T, r *random) {
		world, theirs := r.world(), r.object()
		world.Policy.Corrections = policy.CorrectionsWarn
		written := stored(t, on(world, theirs, nil))
		assert.Equal(t, theirs.Labels, written.Labels)
		for key, value := range theirs.Annotations {
			if isPacked(key) {
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
		world, theirs := r.world(), r.object()
		world.Policy.Corrections = policy.CorrectionsApply
		result := policy.Evaluate(on(world, theirs, nil))
		for _, c := range result.Changes {
			if c.From == nil || c.Target.Key() == policy.SessionAffinity || isPacked(c.Target.Key()) && strings.Contains(*c.To, *c.From) {
				continue
			}
			assert.True(t, slices.ContainsFunc(warningsOf(result), func(w policy.Finding) bool {
				return w.Subject() == c.Target.Key() && strings.HasSuffix(w.Sentence(), ", please change your manifest too")
			}), "%s is changed without a word", c.Target.Key())
		}
	})
}

// isPacked tells whether an annotation holds more than one setting.
func isPacked(key string) bool {
	return slices.Contains([]string{f5WebSocket, f5Sticky, albBalancer, albTargets, contourRoutes, skipperFilter}, key)
}

// forged is a record that anyone may have written.
func (r *random) forged() string {
	keys := slices.Concat(
		slices.Sorted(maps.Keys(usersWords)), slices.Sorted(maps.Keys(ownWords)),
		[]string{f5WebSocket + "#*", f5Sticky + "#theirs", albBalancer + "#a", albBalancer + "#idle_timeout.timeout_seconds", contourRoutes + "#*", skipperFilter + "#consistentHashKey", "#", "#*", readTimeout + "#x"},
		[]string{policy.SessionAffinity, policy.AnnotationsPointer, policy.RecordAnnotation, "/spec/rules", "kubernetes.io/ingress.class"},
	)
	values := slices.Concat(usersTimers, []string{"cookie", "ClientIP/611", "None", "team-chat", "nginx", "{}", "x", "-1", "theirs", "theirs,more", "route path=/", "/theirs"})
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
		world, o := r.world(), r.object()
		o.Annotations[policy.RecordAnnotation] = r.forged()
		if o.Kind == policy.Service {
			maps.Copy(o.Annotations, r.words(usersWords, 20))
		}
		var old *policy.Object
		if r.chance(50) {
			old = clone(o)
			old.Annotations[policy.RecordAnnotation] = r.forged()
		}
		in := on(world, o, old)
		result := policy.Evaluate(in)
		assertPresentable(t, result)
		assertReachesOnly(t, o.Kind, result.Changes)
		again := in
		again.Object = apply(t, o, result.Changes)
		assert.Empty(t, changeLines(policy.Evaluate(again)), "it takes more than one evaluation to settle")
	})
}

// assertReachesOnly holds changes to what a dialect owns on that kind of
// object, the record and the affinity of a Service.
func assertReachesOnly(t *testing.T, kind policy.Kind, changes []policy.Change) {
	t.Helper()
	for _, c := range changes {
		switch c.Target.Key() {
		case policy.RecordAnnotation:
		case policy.SessionAffinity:
			assert.Equal(t, policy.Service, kind, "an affinity on an %s", kind)
		default:
			assert.True(t, owns(c.Target.Key(), kind), "%s is no dialect's on %s", c.Target.Key(), kind)
		}
	}
}

// FuzzEvaluate holds Evaluate to what is true of every object, whatever
// anybody writes into it.
func FuzzEvaluate(f *testing.F) {
	f.Add("true", "", "1h", "3600s", `{"`+readTimeout+`":"3600"}`, `{`, uint8(0))
	f.Add("false", "ignore", "-1", "-1", hourlongRecord, hourlongRecord, uint8(3))
	f.Add("yes", "enforce", "\x00", "\xff\n", `{"a":null}`, `{"a":{"set":"","was":""}}`, uint8(7))
	f.Add("true", "", "90500ms", " 3600", clientIPRecord, `{"/spec/sessionAffinity":{"set":"ClientIP/10800","was":"None"}}`, uint8(9))
	f.Add("", "", "", "", `{"`+readTimeout+`":{"set":"","was":"-1"}}`, "null", uint8(255))
	f.Add("true", "", "9999999999999", "99999999999999999", `{"/metadata/annotations":{"set":"{}","was":"x"}}`, `{"/metadata/annotations":"{}"}`, uint8(17))
	f.Fuzz(func(t *testing.T, stickyLabel, policyLabel, own, theirs, record, oldRecord string, bits uint8) {
		o := ingress(m{policy.RecordAnnotation: record, policy.IdleTimeoutAnnotation: own, policy.StickyTimeoutAnnotation: own, policy.Prefix + own: theirs})
		if bits&1 != 0 {
			o = service()
			o.Annotations = m{policy.RecordAnnotation: record, policy.StickyTimeoutAnnotation: own}
			if affinity, ok := policy.ParseAffinity(theirs); ok {
				o.Fields = affinityFields(affinity)
			}
		}
		for i, key := range []string{readTimeout, sendTimeout, affinity, cookieMaxAge, upstreamHash} {
			if bits&(1<<(i+3)) == 0 {
				o.Annotations[key] = theirs
			}
		}
		o = with(o, policy.StickyLabel+"="+stickyLabel, policy.PolicyLabel+"="+policyLabel, policy.Prefix+theirs+"="+own)
		s := spec{object: o, namespace: m{policy.IdleTimeoutAnnotation: own}}
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
