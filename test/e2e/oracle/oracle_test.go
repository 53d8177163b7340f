package oracle

import (
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// table is the table of the work tree.
func table(t *testing.T) Table {
	t.Helper()
	printed, err := dialects()
	require.NoError(t, err)
	read, err := ReadTable(printed)
	require.NoError(t, err)
	return read
}

var dialects = sync.OnceValues(func() ([]byte, error) {
	command := exec.Command("go", "run", "./cmd/holdfast", "dialects", "-o", "json")
	command.Dir = "../../.."
	return command.Output()
})

func TestASeedAndANumberMakeTheSameScenario(t *testing.T) {
	t.Parallel()
	g := Generator{Table: table(t), Seed: 7}
	seen := map[string]bool{}
	for number := range 200 {
		first := g.Scenario(number).String()
		require.Equal(t, first, g.Scenario(number).String())
		seen[first] = true
	}
	assert.Len(t, seen, 200, "no two numbers make the same")
	assert.NotEqual(t, g.Scenario(1).String(), Generator{Table: g.Table, Seed: 8}.Scenario(1).String())
}

func TestScenariosKnowWhatUsersDo(t *testing.T) {
	t.Parallel()
	g := Generator{Table: table(t), Seed: 1}
	var all strings.Builder
	used := map[*Write]bool{}
	for number := range 600 {
		s := g.Scenario(number)
		all.WriteString(s.String())
		for _, step := range s.Steps {
			used[step.Write] = true
		}
	}
	for _, write := range append(append([]*Write{create}, habits...), appliers...) {
		assert.True(t, used[write], write.Name)
	}
	for _, text := range []string{
		"generateName:", "ExternalName", "clusterIP: None", "loadBalancerClass:", "sessionAffinityConfig: {}", "timeoutSeconds: 60",
		"target-group-attributes:", "websocket-services:", "skipper-filter:", "websocket-routes:", "configuration-snippet:", "canary-weight:",
		"holdfast.dev/policy: ignore", "-timeout: soon", "holdfast.dev/injected:", "grüße, 世界", "/<b>", "secretName:",
		"defaultBackend:", padding, "kubernetes.io/ingress.class:", "written as the user's own", "resource:",
	} {
		assert.Contains(t, all.String(), text)
	}
	for _, d := range g.Table {
		if name := d.className(); len(d.FoundBy.Controllers) > 0 {
			assert.Contains(t, all.String(), "ingressClassName: "+name)
		}
	}
}

func TestNamesOfAListMayBePartsOfEachOther(t *testing.T) {
	t.Parallel()
	r := record{"example.com/paths#*": {Set: "/,/a/b,/a%20b,/<b>"}}
	assert.True(t, r.explains("example.com/paths", "/a/b,/<b>,/,/a%20b", ""))
	assert.True(t, r.explains("example.com/paths", "/users,/a/b,/<b>,/,/a%20b", "/users"))
	assert.False(t, r.explains("example.com/paths", "/a/b,/<b>,/a%20b", ""), "one is missing")
	assert.False(t, r.explains("example.com/paths", "/a/b,/<b>,/,/a%20b,/more", ""), "one is too many")
}

// object reads an object of a test.
func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	var u unstructured.Unstructured
	asJSON, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err)
	require.NoError(t, u.UnmarshalJSON(asJSON))
	return &u
}

const (
	plainIngress = `{kind: Ingress, metadata: {name: chat, annotations: {example.com/note: mine}}, spec: {ingressClassName: oracle-ingress-nginx}}`
	injected     = `{kind: Ingress, metadata: {name: chat, annotations: {example.com/note: mine, example.com/timeout: "3600",
		holdfast.dev/injected: '{"example.com/timeout":"3600"}'}}, spec: {ingressClassName: oracle-ingress-nginx}}`
	plainSticky = `{kind: Service, metadata: {name: chat, labels: {holdfast.dev/sticky-session: "true"}}, spec: {type: ClusterIP, sessionAffinity: None}}`
	sticky      = `{kind: Service, metadata: {name: chat, labels: {holdfast.dev/sticky-session: "true"},
		annotations: {holdfast.dev/injected: '{"/spec/sessionAffinity":"ClientIP/10800"}'}},
		spec: {type: ClusterIP, sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 10800}}}}`
	packedUsers    = `{kind: Ingress, metadata: {annotations: {alb.ingress.kubernetes.io/load-balancer-attributes: "a=1"}}, spec: {}}`
	packedInjected = `{kind: Ingress, metadata: {annotations: {alb.ingress.kubernetes.io/load-balancer-attributes: "a=1,idle=3600",
		holdfast.dev/injected: '{"alb.ingress.kubernetes.io/load-balancer-attributes#idle":"3600"}'}}, spec: {}}`
)

// fails returns the names of the rules that don't hold of a pair.
func fails(t *testing.T, without, with string, equal ...string) []string {
	t.Helper()
	p := Pair{Without: object(t, without), With: object(t, with), Equal: record{}, table: Table{
		{
			Name: "ingress-nginx", FoundBy: Dialect{}.FoundBy,
			Annotations: []Annotation{{Setting: "read-timeout", On: Ingress, Key: "example.com/timeout", Written: true}},
		},
		{Name: "aws-alb", Annotations: []Annotation{{Setting: "idle-timeout", On: Ingress, Key: "alb.ingress.kubernetes.io/load-balancer-attributes#idle"}}},
	}}
	p.table[0].FoundBy.Controllers = []string{"example.com/controller"}
	injected, _ := readRecord(p.With)
	for _, key := range equal {
		p.Equal[key] = injected[key]
	}
	var names []string
	for _, rule := range rules {
		if len(rule.Check(p)) > 0 {
			names = append(names, rule.Name)
		}
	}
	return names
}

func TestAllRulesHoldOfWhatIsRight(t *testing.T) {
	t.Parallel()
	for without, with := range map[string]string{plainIngress: injected, plainSticky: sticky, packedUsers: packedInjected} {
		assert.Empty(t, fails(t, without, with), with)
	}
}

// Each rule finds the fault that it is about.
func TestARuleFindsItsFault(t *testing.T) {
	t.Parallel()
	const (
		added     = "what was added is exactly what the record says"
		users     = "every annotation of the user's is there, byte for byte"
		spec      = "the spec is the user's, but for a recorded session affinity"
		untouched = "an object that is ignored is as if it had never met Holdfast"
		metadata  = "labels and all other metadata are the user's"
		owners    = "what was added belongs to no field manager, unless that has the record too"
		bare      = "an Ingress without annotations gets the timers of its controller"
		clientIP  = "a sticky Service that says nothing of its affinity gets ClientIP"
	)
	const ignoredUsers = `{kind: Ingress, metadata: {labels: {holdfast.dev/policy: ignore}, annotations: {a: x}}, spec: {}}`
	found := map[string]bool{}
	for _, c := range []struct {
		fault, without, with string
		rules                []string
	}{
		{"an addition that isn't recorded", plainIngress, strings.Replace(injected, `"example.com/timeout":"3600"`, `"example.com/other":"1"`, 1), []string{added}},
		{"a record of what isn't there", plainIngress, strings.Replace(injected, `"3600",`, `"60",`, 1), []string{added}},
		{"an empty record", plainIngress, `{kind: Ingress, metadata: {name: chat, annotations: {example.com/note: mine, holdfast.dev/injected: '{}'}},
			spec: {ingressClassName: oracle-ingress-nginx}}`, []string{added}},
		{"a value of the user's with a space more", plainIngress, strings.Replace(injected, "note: mine", `note: "mine "`, 1), []string{users}},
		{"a missing one", plainIngress, strings.Replace(injected, "example.com/note: mine, ", "", 1), []string{users}},
		{"the user's value that counts as injected", strings.Replace(plainIngress, "note: mine", `timeout: "3600"`, 1),
			strings.Replace(injected, "example.com/note: mine, ", "", 1), []string{users}},
		{"a composite value whose rest changed", packedUsers, strings.Replace(packedInjected, "a=1,", "a=2,", 1), []string{users, added}},
		{"a composite value with more than is recorded", packedUsers, strings.Replace(packedInjected, "idle=3600", "idle=3600,b=1", 1), []string{users, added}},
		{"an affinity that isn't recorded", plainSticky, strings.Replace(sticky, "annotations", "unread", 1), []string{metadata, spec}},
		{"a sticky Service without affinity", plainSticky, plainSticky, []string{clientIP}},
		{"another field", plainSticky, strings.Replace(sticky, "type: ClusterIP", "type: NodePort", 1), []string{spec}},
		{"a label that is gone", ignoredUsers, `{kind: Ingress, metadata: {annotations: {a: x}}, spec: {}}`, []string{metadata}},
		{"an ignored object with a record", ignoredUsers,
			strings.Replace(ignoredUsers, "a: x", `a: x, b: z, holdfast.dev/injected: '{"b":"z"}'`, 1), []string{untouched}},
		{"an owner of what was added", plainIngress,
			strings.Replace(injected, "name: chat", `name: chat, managedFields: [{manager: one, fieldsV1: {"f:metadata": {"f:annotations": {"f:example.com/timeout": {}}}}}]`, 1), []string{owners}},
		{"a bare Ingress without timers",
			`{kind: Ingress, metadata: {}, spec: {ingressClassName: oracle-ingress-nginx, rules: [{http: {paths: [{path: /, backend: {service: {name: web}}}]}}]}}`,
			`{kind: Ingress, metadata: {}, spec: {ingressClassName: oracle-ingress-nginx, rules: [{http: {paths: [{path: /, backend: {service: {name: web}}}]}}]}}`,
			[]string{bare}},
	} {
		assert.Equal(t, c.rules, fails(t, c.without, c.with), c.fault)
		for _, rule := range c.rules {
			found[rule] = true
		}
	}
	for _, rule := range rules {
		assert.True(t, found[rule.Name], "no case for the rule: %s", rule.Name)
	}
}

// The user's manifest and the record name the same value.
func TestAValueThatTheUserWroteTooIsTheUsersIfAnythingShowsIt(t *testing.T) {
	t.Parallel()
	const key = "example.com/timeout"
	users := strings.Replace(plainIngress, "note: mine", `timeout: "3600"`, 1)
	recorded := strings.Replace(injected, "example.com/note: mine, ", "", 1)
	takenBack := strings.Replace(recorded, `example.com/timeout: "3600",`, "", 1)
	withOwner := func(text, fields string) string {
		return strings.Replace(text, "name: chat", `name: chat, managedFields: [{manager: one, operation: Apply, fieldsV1: {"f:metadata": {"f:annotations": {`+fields+`}}}}]`, 1)
	}
	assert.NotEmpty(t, fails(t, users, recorded), "the user wrote it when it wasn't injected")
	assert.Empty(t, fails(t, users, recorded, key), "the record may go on listing it")
	assert.Empty(t, fails(t, users, takenBack, key), "nothing shows it")
	assert.NotEmpty(t, fails(t, users, withOwner(takenBack, `"f:example.com/timeout": {}`), key), "a field manager shows it")
	assert.Empty(t, fails(t, users, withOwner(takenBack, `"f:example.com/timeout": {}, "f:holdfast.dev/injected": {}`), key), "the manager has copied the record")
	const copied = `holdfast.dev/injected: '{"example.com/timeout":"3600"}', kubectl.kubernetes.io/last-applied-configuration:
		'{"kind":"Ingress","metadata":{"annotations":{"example.com/timeout":"3600"}}}'`
	both := func(text string) string {
		return strings.Replace(text, `holdfast.dev/injected: '{"example.com/timeout":"3600"}'`, copied, 1)
	}
	last := strings.Replace(users, `timeout: "3600"`, `timeout: "3600", `+copied, 1)
	assert.NotEmpty(t, fails(t, last, both(takenBack), key), "kubectl's copy shows it")
	assert.Empty(t, fails(t, last, both(recorded), key))
}

func TestHistoryIsWhatAnObjectShowsOfIt(t *testing.T) {
	t.Parallel()
	p := Pair{Without: object(t, plainIngress), With: object(t, injected)}
	assert.Empty(t, historyMatters(p, object(t, injected)))
	assert.NotEmpty(t, historyMatters(p, object(t, plainIngress)))
	assert.NotEmpty(t, historyMatters(p, object(t, strings.ReplaceAll(injected, "3600", "60"))))
}

func TestTheContractsRefusals(t *testing.T) {
	t.Parallel()
	table := Table{{Annotations: []Annotation{{Setting: "read-timeout", On: Ingress, Key: "example.com/timeout", Written: true}}}}
	old := `{kind: Ingress, metadata: {annotations: {holdfast.dev/idle-timeout: soon}}}`
	for _, c := range []struct {
		what, old, now string
		keys           []string
	}{
		{"good values", "", `{kind: Ingress, metadata: {labels: {holdfast.dev/sticky-session: "true"}, annotations: {holdfast.dev/idle-timeout: 1h}}}`, nil},
		{"a bad duration", "", old, []string{prefix + "idle-timeout"}},
		{"a bad duration that was there", old, old, nil},
		{"a bad duration on an ignored object", "",
			`{kind: Ingress, metadata: {labels: {holdfast.dev/policy: ignore}, annotations: {holdfast.dev/idle-timeout: soon}}}`, nil},
		{"a timeout on a Service that nobody reads there", "", strings.Replace(old, "Ingress", "Service", 1), nil},
		{"a day and an hour of stickiness", "", `{kind: Service, metadata: {annotations: {holdfast.dev/sticky-session-timeout: 25h}}}`, []string{stickyTimeout}},
		{"a bad label", "", `{kind: Service, metadata: {labels: {holdfast.dev/sticky-session: "yes"}}}`, []string{stickyLabel}},
		{"a Namespace's mode on an object", "", `{kind: Ingress, metadata: {labels: {holdfast.dev/policy: enforce}}}`, []string{policyLabel}},
	} {
		var before *unstructured.Unstructured
		if c.old != "" {
			before = object(t, c.old)
		}
		assert.Equal(t, c.keys, table.mustRefuse(before, object(t, c.now)), c.what)
	}
	bad := object(t, old)
	assert.NotEmpty(t, table.checkRefusal(Response{Code: 200}, nil, bad), "admitted though bad")
	refusal := Response{Code: 422, Reason: "Invalid", Causes: []meta.StatusCause{{Field: "metadata.annotations[holdfast.dev/idle-timeout]"}}}
	assert.Empty(t, table.checkRefusal(refusal, nil, bad))
	assert.NotEmpty(t, table.checkRefusal(refusal, bad, bad), "an old fault")
	refusal.Code = 403
	assert.NotEmpty(t, table.checkRefusal(refusal, nil, bad), "another code")
}

func TestDurationsAreSecondsOrGos(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{
		"3600": true, "1h": true, "90m": true, "24h": true, "": false, "0": false, "-1": false, "+5": false, "soon": false, "25h": false, "500ms": false,
	} {
		assert.Equal(t, good, isDuration(text, 24*time.Hour), text)
	}
}

func TestAFailureShrinksToWhatItNeeds(t *testing.T) {
	t.Parallel()
	s := Generator{Table: table(t), Seed: 3}.Scenario(5)
	for i := range s.Steps {
		setAnnotation(s.Steps[i].Manifest, "example.com/culprit", "x")
	}
	try := func(s Scenario) (*Failure, error) {
		for i, step := range s.Steps {
			if step.Manifest.GetAnnotations()["example.com/culprit"] != "" {
				return &Failure{Rule: "any", Scenario: s, Step: i}, nil
			}
		}
		return nil, nil
	}
	first, err := try(s)
	require.NoError(t, err)
	minimal := Shrink(first, time.Now().Add(time.Minute), try)
	require.Len(t, minimal.Scenario.Steps, 1)
	assert.Equal(t, map[string]string{"example.com/culprit": "x"}, minimal.Scenario.Steps[0].Manifest.GetAnnotations())
	assert.Contains(t, minimal.String(), "example.com/culprit: x")
}

func TestWarningsAreShortLines(t *testing.T) {
	t.Parallel()
	assert.Empty(t, checkWarnings([]string{"key: remedy (holdfast)", "another program's " + strings.Repeat("x", 300)}))
	assert.NotEmpty(t, checkWarnings([]string{strings.Repeat("x", 250) + " (holdfast)"}))
	assert.NotEmpty(t, checkWarnings([]string{"holdfast.dev/policy is bad"}))
}

func TestACanarysTimersHarmNobody(t *testing.T) {
	const key, canary = "nginx.ingress.kubernetes.io/proxy-connect-timeout", "nginx.ingress.kubernetes.io/canary"
	u := &unstructured.Unstructured{Object: map[string]any{"kind": string(Ingress), "spec": map[string]any{"ingressClassName": "oracle-ingress-nginx"}}}
	u.SetAnnotations(map[string]string{key: harmful[key].text})
	created := Response{Code: 201}
	assert.NotEmpty(t, Table{}.checkRefusal(created, nil, u))
	setAnnotation(u, canary, "true")
	assert.Empty(t, Table{}.checkRefusal(created, nil, u))
}
