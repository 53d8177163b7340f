package policy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Each step of Evaluate alone, from values to values.

type m = map[string]string

const (
	nginxRead     = "nginx.ingress.kubernetes.io/proxy-read-timeout"
	nginxSend     = "nginx.ingress.kubernetes.io/proxy-send-timeout"
	nginxAffinity = "nginx.ingress.kubernetes.io/affinity"
	nginxHash     = "nginx.ingress.kubernetes.io/upstream-hash-by"
	albBalancer   = "alb.ingress.kubernetes.io/load-balancer-attributes"
)

func ingressWith(annotations m) *Object {
	return &Object{Kind: Ingress, Namespace: "chat", Name: "web", Annotations: annotations, Backends: []string{"chat"}, Paths: []string{"/"}}
}

// servedBy is an evaluation of an object that a dialect's controller serves.
func servedBy(name string, o *Object) Input {
	c := Controller{Class: "edge", Dialect: dialect.ByName(name), Source: ByPolicy}
	in := Input{Object: o, Policy: Default(), Namespace: Namespace{Name: "chat"}, Controller: c}
	in.serving = in.controllers()
	return in
}

// baselineOf is an object without what Holdfast injected.
func baselineOf(o *Object) *baseline {
	base := restore(o, nil, nil, new(Findings))
	return &base
}

// resolved is what is wanted of the object of an evaluation.
func resolved(in Input) (*baseline, *desiredValues) {
	base := restore(in.Object, in.Old, nil, new(Findings))
	want := resolve(in, &base, parseOverrides(in, new(Findings)), new(Findings))
	return &base, &want
}

func TestRestore(t *testing.T) {
	for name, c := range map[string]struct {
		now, want m
		live      []string
	}{
		"an object without a record": {now: m{nginxRead: "60"}, want: m{nginxRead: "60"}},
		"a value that was added goes": {
			now:  m{nginxRead: "3600", "a": "b", RecordAnnotation: `{"` + nginxRead + `":"3600"}`},
			want: m{"a": "b"}, live: []string{nginxRead},
		},
		"a value that was changed goes back": {
			now:  m{nginxRead: "3600", RecordAnnotation: `{"` + nginxRead + `":{"set":"3600","was":"1h"}}`},
			want: m{nginxRead: "1h"}, live: []string{nginxRead},
		},
		"a value that the user changed since stays": {
			now:  m{nginxRead: "7200", RecordAnnotation: `{"` + nginxRead + `":"3600"}`},
			want: m{nginxRead: "7200"},
		},
		"an element leaves its annotation": {
			now:  m{albBalancer: "a=b,idle_timeout.timeout_seconds=3600", RecordAnnotation: `{"` + albBalancer + `#idle_timeout.timeout_seconds":"3600"}`},
			want: m{albBalancer: "a=b"}, live: []string{albBalancer + "#idle_timeout.timeout_seconds"},
		},
		"the last element takes the annotation along": {
			now:  m{albBalancer: "idle_timeout.timeout_seconds=3600", RecordAnnotation: `{"` + albBalancer + `#idle_timeout.timeout_seconds":"3600"}`},
			want: m{}, live: []string{albBalancer + "#idle_timeout.timeout_seconds"},
		},
		"a record that can't be read is ignored": {now: m{nginxRead: "3600", RecordAnnotation: "{"}, want: m{nginxRead: "3600"}},
	} {
		t.Run(name, func(t *testing.T) {
			base := baselineOf(ingressWith(c.now))
			assert.Equal(t, c.want, base.Object.Annotations)
			var live []string
			for _, e := range base.live {
				live = append(live, e.key)
			}
			assert.Equal(t, c.live, live)
		})
	}
}

func TestParseOverrides(t *testing.T) {
	in := servedBy("ingress-nginx", ingressWith(m{IdleTimeoutAnnotation: "2h", SendTimeoutAnnotation: "30s", ConnectTimeoutAnnotation: "soon"}))
	in.Object.Labels = m{StickyLabel: "true", PolicyLabel: Ignore}
	var f Findings
	over := parseOverrides(in, &f)
	assert.True(t, over.Ignore)
	assert.True(t, *over.Sticky)
	assert.Equal(t, 2*duration.Hour, over.Values[dialect.ReadTimeout].Value.Duration(), "idle-timeout sets both directions")
	assert.Equal(t, 30*duration.Second, over.Values[dialect.SendTimeout].Value.Duration(), "unless a finer annotation sets one")
	require.Len(t, f.list, 1)
	assert.True(t, f.list[0].Refused)
	assert.Equal(t, AnnotationTarget(ConnectTimeoutAnnotation), f.list[0].Target)
}

func TestDesiredValues(t *testing.T) {
	in := servedBy("ingress-nginx", ingressWith(m{ReadTimeoutAnnotation: "9h", "nginx.org/proxy-send-timeout": "2h"}))
	in.Namespace.Annotations = m{IdleTimeoutAnnotation: "3h", ConnectTimeoutAnnotation: "7s"}
	in.Policy.Timeouts.Read.Maximum = 4 * duration.Hour
	_, want := resolved(in)
	for s, expected := range map[dialect.Setting]struct {
		value  duration.Duration
		source Source
	}{
		dialect.ReadTimeout:    {4 * duration.Hour, FromObject},
		dialect.SendTimeout:    {2 * duration.Hour, FromForeign},
		dialect.ConnectTimeout: {7 * duration.Second, FromNamespace},
		dialect.IdleTimeout:    {4 * duration.Hour, FromObject},
		dialect.DrainTimeout:   {4 * duration.Hour, FromObject},
		dialect.CookieMaxAge:   {3 * duration.Hour, FromPolicy},
	} {
		got := want.Value(s)
		assert.Equal(t, expected.value, got.Value.Duration(), s.String())
		assert.Equal(t, expected.source, got.Origin.Source, s.String())
	}
	clamped := want.Value(dialect.ReadTimeout)
	assert.Len(t, clamped.OnUse, 1, "a clamped value carries its finding")
	assert.Equal(t, clamped, want.Value(dialect.ReadTimeout), "asking changes nothing")
}

func TestAffinityMode(t *testing.T) {
	for name, c := range map[string]struct {
		controller  string
		annotations m
		by          dialect.AffinityMode
		want        dialect.AffinityMode
	}{
		"the policy's mode": {controller: "ingress-nginx", by: dialect.ByClientAddress, want: dialect.ByClientAddress},
		"a cookie, if the controller can't hash addresses": {controller: "azure-agic", by: dialect.ByClientAddress, want: dialect.ByCookie},
		"the user's own mode":                              {controller: "ingress-nginx", by: dialect.ByCookie, annotations: m{nginxHash: "$http_x"}, want: dialect.ByClientAddress},
		"none, if the user switched it off":                {controller: "aws-alb", by: dialect.ByCookie, annotations: m{"alb.ingress.kubernetes.io/target-group-attributes": "stickiness.enabled=false"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := servedBy(c.controller, ingressWith(c.annotations))
			in.Object.Labels = m{StickyLabel: "true"}
			in.Policy.StickySessions.By = c.by
			base, want := resolved(in)
			assert.Equal(t, c.want, assess(in.serving[0], base, want).mode)
		})
	}
	in := servedBy("ingress-nginx", ingressWith(nil))
	base, want := resolved(in)
	assert.Equal(t, dialect.NoAffinity, assess(in.serving[0], base, want).mode, "stickiness isn't requested")
}

func TestFindConflicts(t *testing.T) {
	in := servedBy("ingress-nginx", ingressWith(m{"nginx.ingress.kubernetes.io/ssl-passthrough": "true"}))
	base := baselineOf(in.Object)
	found := findConflicts(in.serving[0], base.Object)
	require.Len(t, found, 1)
	assert.Empty(t, findConflicts(dialect.Installation{Dialect: dialect.ByName("kong")}, base.Object), "each controller has its own")

	_, want := resolved(in)
	passed := assess(in.serving[0], base, want)
	assert.False(t, passed.isOpen(dialect.ReadTimeout, want), "it is suppressed")
	plain := assess(dialect.Installation{Dialect: dialect.ByName("kong")}, base, want)
	assert.True(t, plain.isOpen(dialect.ReadTimeout, want))
}

func TestRender(t *testing.T) {
	in := servedBy("ingress-nginx", ingressWith(m{nginxSend: "600", nginxAffinity: "Cookie"}))
	base, want := resolved(in)
	s := assess(in.serving[0], base, want)
	var f Findings
	edits := render(nil, in, &s, base, want, &f)
	require.Len(t, edits, 1, "the user's own annotations stay")
	assert.Equal(t, Edit{AnnotationTarget(nginxRead), "3600", dialect.ReadTimeout, Origin{Source: FromPolicy}}, edits[0])
	require.Len(t, f.list, 1)
	assert.Equal(t, RuleUnreadableValue, f.list[0].Rule)
	assert.Equal(t, setTo(AnnotationTarget(nginxAffinity), "cookie"), f.list[0].Fix)
}

func TestDiff(t *testing.T) {
	now := ingressWith(m{nginxRead: "3600", nginxSend: "3600", RecordAnnotation: `{"` + nginxRead + `":"3600","` + nginxSend + `":"3600"}`})
	base := baselineOf(now)
	changes, _ := diff(base, []Edit{{Target: AnnotationTarget(nginxRead), Value: "7200"}}, nil, new(Findings))
	var got []string
	for _, c := range changes {
		to := "nothing"
		if c.To != nil {
			to = *c.To
		}
		got = append(got, c.Target.Key()+" -> "+to)
	}
	assert.Equal(t, []string{
		nginxRead + " -> 7200",
		nginxSend + " -> nothing",
		RecordAnnotation + ` -> {"` + nginxRead + `":"7200"}`,
	}, got)
}

func TestDiffKeepsStickinessIfNotAllIsKnown(t *testing.T) {
	now := ingressWith(m{nginxAffinity: "cookie", RecordAnnotation: `{"` + nginxAffinity + `":"cookie"}`})
	base := baselineOf(now)
	changes, _ := diff(base, nil, bothModes, new(Findings))
	assert.Empty(t, changes)
	changes, endsStickiness := diff(base, nil, nil, new(Findings))
	assert.True(t, endsStickiness)
	assert.Len(t, changes, 2)
}

// textCodec is a field that is a plain text.
type textCodec struct{ pointer string }

func (textCodec) Valid(text string) bool     { return strings.HasSuffix(text, "s") }
func (textCodec) Display(text string) string { return text }

func (c textCodec) Members(text *string) []Member {
	if text == nil {
		return []Member{{Pointer: c.pointer}}
	}
	return []Member{{Pointer: c.pointer, JSON: `"` + *text + `"`}}
}

const requestTimeout = "/spec/rules/0/timeouts/request"

// route is an object of a kind that has fields below lists, as routes do.
func route(value *string, element string, annotations m) *Object {
	return &Object{Kind: "TestRoute", Name: "chat", Annotations: annotations, Fields: []Field{
		{Target: FieldTarget(requestTimeout), Codec: textCodec{requestTimeout}, Value: value, ListElement: element},
	}}
}

func TestAFieldBelowAList(t *testing.T) {
	const record = `{"` + requestTimeout + `":{"set":"3600s","element":"rule of /chat"}}`
	injected, theirs := "3600s", "60s"
	edits := func() []Edit { return []Edit{{Target: FieldTarget(requestTimeout), Value: injected}} }

	t.Run("is set and recorded with its element", func(t *testing.T) {
		changes, _ := diff(baselineOf(route(nil, "rule of /chat", nil)), edits(), nil, new(Findings))
		require.Len(t, changes, 2)
		assert.Equal(t, []Member{{requestTimeout, `"3600s"`}}, changes[0].Codec.Members(changes[0].To))
		assert.Equal(t, record, *changes[1].To)
	})
	t.Run("is settled", func(t *testing.T) {
		base := baselineOf(route(&injected, "rule of /chat", m{RecordAnnotation: record}))
		changes, _ := diff(base, edits(), nil, new(Findings))
		assert.Empty(t, changes)
	})
	t.Run("is removed with its reason", func(t *testing.T) {
		result := Undo(route(&injected, "rule of /chat", m{RecordAnnotation: record}))
		require.Len(t, result.Changes, 2)
		assert.Nil(t, result.Changes[0].To)
		assert.Equal(t, requestTimeout, result.Changes[0].Target.Pointer())
	})
	t.Run("is the user's once its element is another one", func(t *testing.T) {
		result := Undo(route(&injected, "rule of /rooms", m{RecordAnnotation: record}))
		require.Len(t, result.Changes, 1, "only the record goes")
		assert.True(t, result.Changes[0].IsRecord())
	})
	t.Run("is the user's once it has another value", func(t *testing.T) {
		result := Undo(route(&theirs, "rule of /chat", m{RecordAnnotation: record}))
		require.Len(t, result.Changes, 1)
		assert.True(t, result.Changes[0].IsRecord())
	})
	t.Run("isn't believed if the kind has no such field", func(t *testing.T) {
		var f Findings
		restore(ingressWith(m{RecordAnnotation: record}), nil, nil, &f)
		require.Len(t, f.list, 1)
		assert.Equal(t, RuleInvalidRecord, f.list[0].Rule)
	})
	t.Run("isn't believed with a value that its codec can't have written", func(t *testing.T) {
		bad := strings.Replace(record, "3600s", "soon", 1)
		var f Findings
		restore(route(&injected, "rule of /chat", m{RecordAnnotation: bad}), nil, nil, &f)
		require.Len(t, f.list, 1)
	})
}

func TestMessagesOnlyNamePartsThatFindingsHave(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "message.go", nil, 0)
	require.NoError(t, err)
	messages := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			messages++
			text, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			assert.NotPanics(t, func() { Message(text).fill(Finding{}) }, text)
		}
		return true
	})
	assert.Greater(t, messages, 40)
	assert.Panics(t, func() { Message("{nothing}").fill(Finding{}) })
}
