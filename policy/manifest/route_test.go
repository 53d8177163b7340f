package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"
	kyaml "sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/policy"
)

// A TestRoute is a kind of these tests. Each of its rules has the timeout that
// Holdfast sets at timeouts.request and, with a text such as "10s/2", a retry
// beside it.
var testRoute = kindReader{typeMeta{"test.holdfast.dev/v1", "TestRoute"}, func(c *Contents, n *yaml.Node) {
	o := c.readObject(n, "TestRoute")
	for i, rule := range items(o.field("spec", "rules")) {
		if e, there := c.index.entryOf(rule, "timeouts"); there && isEmpty(e.value) {
			o.noteEmpty(fmt.Sprintf("/spec/rules/%d/timeouts", i), c.source.behindKey(e))
		}
		o.Fields = append(o.Fields, routeField(c, rule, i))
	}
	c.Objects = append(c.Objects, o)
}, false}

const routeType = "apiVersion: test.holdfast.dev/v1\nkind: TestRoute\n"

// requestCodec is the codec of the timeout of the rule at a pointer.
type requestCodec struct{ rule string }

func (c requestCodec) Valid(string) bool          { return true }
func (c requestCodec) Display(text string) string { return text }

func (c requestCodec) Members(text *string) []policy.Member {
	request, retry := policy.Member{Pointer: c.rule + "/timeouts/request"}, policy.Member{Pointer: c.rule + "/retry"}
	if text != nil {
		timeout, attempts, hasRetry := strings.Cut(*text, "/")
		request.JSON = strconv.Quote(timeout)
		if hasRetry {
			retry.JSON = `{"attempts":` + attempts + `,"backoff":{"enabled":true}}`
		}
	}
	return []policy.Member{request, retry}
}

// routeField returns the field of the rule at an index.
func routeField(c *Contents, rule *yaml.Node, index int) policy.Field {
	pointer := fmt.Sprintf("/spec/rules/%d", index)
	f := policy.Field{Target: policy.FieldTarget(pointer + "/timeouts/request"), Codec: requestCodec{pointer}}
	e, there := c.index.entryOf(c.index.member(rule, "timeouts"), "request")
	switch attempts := c.index.field(rule, "retry", "attempts"); {
	case !there:
	case isNull(e.value):
		f.EmptyText = c.source.behindKey(e)
	case attempts != nil:
		text := e.value.Value + "/" + attempts.Value
		f.Value = &text
	default:
		f.Value = &e.value.Value
	}
	return f
}

// readRoute reads a document with one TestRoute.
func readRoute(t testing.TB, text string) (*Contents, *Object) {
	t.Helper()
	d, err := NewReader(strings.NewReader(text), "in.yaml").Next()
	require.NoError(t, err)
	c, err := d.readKinds([]kindReader{testRoute})
	require.NoError(t, err, "%s", text)
	require.Len(t, c.Objects, 1, "%s", text)
	return c, c.Objects[0]
}

// recorded is an entry of a record.
type recorded struct {
	Set string  `json:"set"`
	Was *string `json:"was"`
}

// injectRoute sets the timeouts of rules, and notes them in a record.
func injectRoute(t testing.TB, stream, text string, rules ...int) (string, []*Fault) {
	t.Helper()
	c, o := readRoute(t, stream)
	record := make(map[string]any)
	for pointer, was := range o.EmptyParents {
		record[pointer] = recorded{policy.NoParent, &was}
		if was == policy.NoParent {
			record[pointer] = policy.NoParent
		}
	}
	var changes []policy.Change
	for i, f := range o.Fields {
		if len(rules) > 0 && !slices.Contains(rules, i) {
			continue
		}
		changes = append(changes, policy.Change{Target: f.Target, From: f.Value, To: &text, Codec: f.Codec})
		record[f.Target.Key()] = text
		if f.Value != nil {
			record[f.Target.Key()] = recorded{text, f.Value}
		} else if f.EmptyText != "" {
			record[f.Target.Key()] = recorded{text, &f.EmptyText}
		}
	}
	written, err := json.Marshal(record)
	require.NoError(t, err)
	to := string(written)
	o.Change(append(changes, policy.Change{Target: policy.AnnotationTarget(policy.RecordAnnotation), To: &to}))
	out, faults := c.Bytes()
	return string(out), faults
}

// uninjectRoute undoes what the record has.
func uninjectRoute(t testing.TB, stream string) (string, []*Fault) {
	t.Helper()
	c, o := readRoute(t, stream)
	text := o.Annotations[policy.RecordAnnotation]
	var record map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(text), &record))
	changes := []policy.Change{{Target: policy.AnnotationTarget(policy.RecordAnnotation), From: &text}}
	for _, f := range o.Fields {
		noted, there := record[f.Target.Key()]
		if !there {
			continue
		}
		change := policy.Change{Target: f.Target, From: f.Value, Codec: f.Codec}
		var e recorded
		if json.Unmarshal(noted, &e) == nil && e.Was != nil && !strings.HasPrefix(*e.Was, ":") {
			change.To = e.Was
		}
		changes = append(changes, change)
	}
	o.Change(changes)
	out, faults := c.Bytes()
	return string(out), faults
}

// requests returns the timeout of each rule as kubectl reads it.
func requests(t testing.TB, stream string) []string {
	t.Helper()
	var route struct {
		Spec struct {
			Rules []struct {
				Timeouts struct {
					Request string `json:"request"`
				} `json:"timeouts"`
			} `json:"rules"`
		} `json:"spec"`
	}
	require.NoError(t, kyaml.Unmarshal([]byte(stream), &route), "%s", stream)
	var all []string
	for _, rule := range route.Spec.Rules {
		all = append(all, rule.Timeouts.Request)
	}
	return all
}

// TestFieldsBelowLists sets the timeouts of rules, and undoes that. The object's
// first lines and its record are left out.
func TestFieldsBelowLists(t *testing.T) {
	for name, test := range map[string]struct {
		text     string
		rules    []int
		in, want string
	}{
		"a rule in block style": {"10s", nil,
			"  rules:\n  - name: a\n    # end\n",
			"  rules:\n  - name: a\n    timeouts:\n      request: \"10s\"\n    # end\n"},
		"a list that is deeper than its key": {"10s", nil,
			"    rules:\n        - name: a\n          matches: []\n",
			"    rules:\n        - name: a\n          matches: []\n          timeouts:\n              request: \"10s\"\n"},
		"each of several rules": {"10s", nil,
			"  rules:\n  - name: a\n  -   name: 'b'\n      timeouts: {backend: 1s}\n  - {name: c}\n  hosts: []\n",
			"  rules:\n  - name: a\n    timeouts:\n      request: \"10s\"\n  -   name: 'b'\n      timeouts: {backend: 1s, request: \"10s\"}\n" +
				"  - {name: c, timeouts: {request: \"10s\"}}\n  hosts: []\n"},
		"one of several rules": {"10s", []int{1},
			"  rules:\n  - name: a\n  - name: b\n  - name: c\n",
			"  rules:\n  - name: a\n  - name: b\n    timeouts:\n      request: \"10s\"\n  - name: c\n"},
		"timeouts with another member": {"10s", nil,
			"  rules:\n  - timeouts: # c\n      backend: 1s\n    name: a\n",
			"  rules:\n  - timeouts: # c\n      backend: 1s\n      request: \"10s\"\n    name: a\n"},
		"timeouts that are empty": {"10s", nil,
			"  rules:\n  - timeouts: {} # none\n    name: a\n  - timeouts:\n    name: b\n",
			"  rules:\n  - timeouts: # none\n      request: \"10s\"\n    name: a\n  - timeouts:\n      request: \"10s\"\n    name: b\n"},
		"a timeout that is null": {"10s", nil,
			"  rules:\n  - timeouts:\n      request: ~ # none\n",
			"  rules:\n  - timeouts:\n      request: \"10s\" # none\n"},
		"another timeout": {"10s", nil,
			"  rules:\n  - timeouts:\n      request: '5s' # c\n    name: a\n",
			"  rules:\n  - timeouts:\n      request: '10s' # c\n    name: a\n"},
		"an empty rule": {"10s", nil,
			"  rules:\n  - {}\n  - { } # c\n  - { # c\n    }\n",
			"  rules:\n  - {timeouts: {request: \"10s\"}}\n  - { timeouts: {request: \"10s\"}} # c\n  - { # c\n    timeouts: {request: \"10s\"}}\n"},
		"rules in braces": {"10s", nil,
			"  rules: [{name: a}, {}, { timeouts: { backend: 1s } }]\n",
			"  rules: [{name: a, timeouts: {request: \"10s\"}}, {timeouts: {request: \"10s\"}}, { timeouts: { backend: 1s, request: \"10s\" } }]\n"},
		"a list in a list item": {"10s", nil,
			"  rules:\n  -\n    name: a\n",
			"  rules:\n  -\n    name: a\n    timeouts:\n      request: \"10s\"\n"},
		"an object, a number and a boolean": {"10s/2", nil,
			"  rules:\n  - name: 'a'\n",
			"  rules:\n  - name: 'a'\n    timeouts:\n      request: '10s'\n    retry:\n      attempts: 2\n      backoff:\n        enabled: true\n"},
	} {
		t.Run(name, func(t *testing.T) {
			head := routeType + "metadata:\n  annotations:\n    a: b\nspec:\n"
			for _, windows := range []bool{false, true} {
				in, want := head+test.in, head+test.want
				if windows {
					in, want = strings.ReplaceAll(in, "\n", "\r\n"), strings.ReplaceAll(want, "\n", "\r\n")
				}
				got, faults := injectRoute(t, in, test.text, test.rules...)
				require.Empty(t, faults)
				assert.Equal(t, want, withoutRecord(got))
				back, faults := uninjectRoute(t, got)
				require.Empty(t, faults)
				assert.Equal(t, in, back)
			}
		})
	}
}

// withoutRecord removes the line of a record.
func withoutRecord(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if !strings.Contains(line, policy.RecordAnnotation) {
			out.WriteString(line)
		}
	}
	return out.String()
}

// TestFieldsAreRemovedFromWhatOthersHaveWritten removes timeouts of rules that a
// tool has sorted or a person has edited since.
func TestFieldsAreRemovedFromWhatOthersHaveWritten(t *testing.T) {
	for name, test := range map[string]struct{ in, want string }{
		"first in its rule":         {"  - timeouts:\n      request: 10s\n    name: a\n", "  - name: a\n"},
		"first, before a comment":   {"  - timeouts:\n      request: 10s\n    # c\n    name: a\n", "  -     # c\n    name: a\n"},
		"first of two":              {"  - retry: {attempts: 2}\n    timeouts: {request: 10s}\n    name: a\n", "  - name: a\n"},
		"first and last":            {"  - retry:\n      attempts: 2\n    name: a\n    timeouts:\n      request: 10s\n", "  - name: a\n"},
		"alone":                     {"  - timeouts:\n      request: 10s\n", "  - {}\n"},
		"alone on lines of its own": {"  -\n    timeouts:\n      request: 10s\n", "  -\n    {}\n"},
		"alone in braces":           {"  - {timeouts: {request: 10s}}\n", "  - {}\n"},
		"first in braces":           {"  - {timeouts: {request: 10s}, name: a}\n", "  - {name: a}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			in := routeType + "metadata: {name: web}\nspec:\n  rules:\n"
			c, o := readRoute(t, in+test.in+"  - name: z\n")
			f := o.Fields[0]
			o.Change([]policy.Change{{Target: f.Target, From: f.Value, Codec: f.Codec}})
			got, faults := c.Bytes()
			require.Empty(t, faults)
			assert.Equal(t, in+test.want+"  - name: z\n", string(got))
		})
	}
}

func TestFieldsBelowListsAreRefused(t *testing.T) {
	second := requestCodec{"/spec/rules/1"}
	for name, test := range map[string]struct{ spec, want string }{
		"no list":                  {"{name: a}", "in.yaml:4:7: TestRoute web: spec.rules: must be a list that has an element 1"},
		"a list that is null":      {"{rules: ~}", "in.yaml:4:15: TestRoute web: spec.rules: must be a list that has an element 1"},
		"a mapping":                {"{rules: {\"1\": {}}}", ""},
		"a string":                 {"{rules: a}", "in.yaml:4:15: TestRoute web: spec.rules: must be a list that has an element 1"},
		"a list that is too short": {"{rules: [{name: a}]}", "in.yaml:4:15: TestRoute web: spec.rules: must be a list that has an element 1"},
		"an element that is null":  {"{rules: [{}, ~]}", "in.yaml:4:20: TestRoute web: spec.rules[1]: must be a mapping"},
		"an alias": {"{rules: [&a {name: a}, *a]}",
			"in.yaml:4:30: TestRoute web: spec.rules[1]: is an alias (*a), so a change would change other places too; write it out"},
		"an element with an anchor": {"{rules: [{}, &a {name: a}], x: *a}",
			"in.yaml:4:20: TestRoute web: spec.rules[1]: an alias (*a) uses this at another place too, which would change as well; write it out there"},
		"a list with an anchor": {"{rules: &a [{}, {name: a}], x: *a}",
			"in.yaml:4:15: TestRoute web: spec.rules: an alias (*a) uses this at another place too, which would change as well; write it out there"},
		"timeouts that are a string": {"{rules: [{}, {timeouts: a}]}", "in.yaml:4:31: TestRoute web: spec.rules[1].timeouts: must be a mapping"},
		"a retry without a timeout": {"{rules: [{}, {retry: {attempts: 2}}]}",
			"in.yaml:4:28: TestRoute web: spec.rules[1].retry: must not be set when spec.rules[1].timeouts.request is not set"},
	} {
		t.Run(name, func(t *testing.T) {
			in := routeType + "metadata: {name: web}\nspec: " + test.spec + "\n"
			c, o := readRoute(t, in)
			to := "10s"
			o.Change([]policy.Change{{Target: policy.FieldTarget("/spec/rules/1/timeouts/request"), To: &to, Codec: second}})
			got, faults := c.Bytes()
			if test.want == "" {
				assert.Empty(t, faults)
				return
			}
			require.Len(t, faults, 1, "%s", got)
			assert.Equal(t, test.want, faults[0].Error())
			assert.Equal(t, in, string(got))
		})
	}
}

// TestARoundTripOfFieldsBelowLists makes many routes that real files could hold.
func TestARoundTripOfFieldsBelowLists(t *testing.T) {
	for seed := range uint64(1000) {
		g := routeGenerator{rand.New(rand.NewPCG(seed, 7))}
		stream := g.stream()
		text := g.one("10s", "10s/2")
		injected, faults := injectRoute(t, stream, text)
		require.Empty(t, faults, "seed %d\n%s", seed, stream)
		for _, request := range requests(t, injected) {
			require.Equal(t, "10s", request, "seed %d\n%s", seed, injected)
		}
		again, faults := injectRoute(t, injected, text)
		require.Empty(t, faults)
		assert.Equal(t, requests(t, injected), requests(t, again))
		back, faults := uninjectRoute(t, injected)
		require.Empty(t, faults, "seed %d\n%s", seed, injected)
		require.Equal(t, stream, back, "seed %d\n%s", seed, injected)
	}
}

// FuzzFieldsBelowLists sets timeouts in whatever can be read: it is refused, or
// has the timeouts and can be restored.
func FuzzFieldsBelowLists(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(routeGenerator{rand.New(rand.NewPCG(seed, 8))}.stream(), "10s/2")
	}
	f.Fuzz(func(t *testing.T, stream, text string) {
		d, err := NewReader(strings.NewReader(stream), "in.yaml").Next()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		c, err := d.readKinds([]kindReader{testRoute})
		if err != nil || len(c.Objects) != 1 || len(c.Objects[0].Faults) > 0 {
			return
		}
		if !json.Valid([]byte(strconv.Quote(text))) || c.Objects[0].Annotations[policy.RecordAnnotation] != "" {
			return
		}
		stream = string(d.Text())
		hasValues := false
		for i, rule := range items(c.Objects[0].field("spec", "rules")) {
			request := c.index.field(rule, "timeouts", "request")
			hasValues = hasValues || request != nil && !isNull(request)
			if c.index.member(rule, "retry") != nil || c.Objects[0].Fields[i].Value != nil && !isString(request) {
				return
			}
		}
		injected, faults := injectRoute(t, stream, text)
		if len(faults) > 0 {
			assert.Equal(t, stream, injected)
			return
		}
		back, faults := uninjectRoute(t, injected)
		switch {
		case len(faults) > 0:
		case hasValues:
			// A value that Holdfast has overridden comes back as another scalar.
			assert.Equal(t, canonical(t, stream), canonical(t, back), "by way of\n%s", injected)
		default:
			assert.Equal(t, stream, back, "by way of\n%s", injected)
		}
	})
}

// canonical returns a document as JSON.
func canonical(t *testing.T, stream string) string {
	t.Helper()
	out, err := kyaml.YAMLToJSON(bytes.TrimPrefix([]byte(stream), byteOrderMark))
	if err != nil {
		t.Skip()
	}
	return string(out)
}

// routeGenerator writes TestRoutes in all the ways that people have.
type routeGenerator struct{ *rand.Rand }

func (g routeGenerator) one(of ...string) string { return of[g.IntN(len(of))] }

func (g routeGenerator) stream() string {
	if g.IntN(3) == 0 {
		return g.json()
	}
	var out strings.Builder
	out.WriteString(g.one("", "", "\ufeff", "---\n", "# first\n") + routeType)
	out.WriteString(g.one("metadata:\n  name: web\n", "metadata: {name: web}\n", "metadata:\n  annotations: {}\n", "metadata:\n    annotations:\n        a: b\n"))
	step := strings.Repeat(" ", 1+g.IntN(4))
	out.WriteString("spec:" + g.comment() + "\n")
	out.WriteString(step + "hosts: [a]\n")
	if g.IntN(4) == 0 {
		out.WriteString(step + "rules: [" + g.flowRule() + ", " + g.flowRule() + "]\n")
	} else {
		g.block(&out, step)
	}
	out.WriteString(g.one("", step+"x: y\n", "status: {}\n"))
	text := out.String()
	if g.IntN(5) == 0 {
		text = strings.TrimRight(text, "\n")
	}
	if g.IntN(5) == 0 {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

func (g routeGenerator) comment() string { return g.one("", "", " # c", " # ä: {b}") }

// block writes rules in block style.
func (g routeGenerator) block(out *strings.Builder, step string) {
	indent := g.one(step, step+step)
	out.WriteString(step + "rules:" + g.comment() + "\n")
	for range 1 + g.IntN(3) {
		if g.IntN(4) == 0 {
			out.WriteString(indent + "- " + g.flowRule() + g.comment() + "\n")
			continue
		}
		dash := g.one("- ", "-   ")
		inner := indent + strings.Repeat(" ", len(dash))
		parts := g.parts(inner)
		out.WriteString(indent + dash + strings.TrimPrefix(strings.Join(parts, ""), inner))
	}
}

// parts are the entries of a rule in block style.
func (g routeGenerator) parts(inner string) []string {
	deeper := inner + g.one(" ", "  ", "    ")
	parts := []string{
		inner + "name: " + g.one("a", "'a'", `"a"`, "&x a", "|-\n"+deeper+"a", "\n"+deeper+"a") + g.one("", "\n"+inner+"# c") + "\n",
		inner + "matches:" + g.comment() + "\n" + inner + "- path: /\n",
	}
	switch g.IntN(7) {
	case 0:
		parts = append(parts, inner+"timeouts:"+g.one("", " {}", " ~", " { }", " # c")+"\n")
	case 1:
		parts = append(parts, inner+"timeouts:"+g.comment()+"\n"+deeper+"backend: "+g.one("1s", "'1s'")+g.comment()+"\n")
	case 2:
		parts = append(parts, inner+"timeouts: "+g.flowTimeouts()+"\n")
	case 3:
		parts = append(parts, inner+"timeouts:\n"+deeper+"request:"+g.one("", " ~", " null")+g.comment()+"\n"+deeper+"backend: 1s\n")
	}
	g.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return parts
}

func (g routeGenerator) flowRule() string {
	return g.one("{}", "{ }", "{name: a}", "{ name: 'a' , x: [b] }", "{timeouts: "+g.flowTimeouts()+"}", "{timeouts: "+g.flowTimeouts()+", name: a}")
}

func (g routeGenerator) flowTimeouts() string {
	return g.one("{}", "{ }", "{backend: 1s}", "{ backend: '1s' }", "{request: ~, backend: 1s}")
}

func (g routeGenerator) json() string {
	rule := func() any {
		switch g.IntN(5) {
		case 0:
			return map[string]any{}
		case 1:
			return map[string]any{"name": "a", "timeouts": map[string]any{}}
		case 2:
			return map[string]any{"timeouts": map[string]any{"backend": "1s"}}
		case 3:
			return map[string]any{"timeouts": map[string]any{"request": nil, "backend": "1s"}, "zone": "z"}
		default:
			return map[string]any{"name": "a", "matches": []any{}}
		}
	}
	route := map[string]any{
		"apiVersion": "test.holdfast.dev/v1", "kind": "TestRoute",
		"metadata": map[string]any{"name": "web"},
		"spec":     map[string]any{"rules": []any{rule(), rule()}},
	}
	var out []byte
	if g.IntN(2) == 0 {
		out, _ = json.Marshal(route)
	} else {
		out, _ = json.MarshalIndent(route, "", g.one("  ", "\t", "    "))
	}
	return string(out) + g.one("", "\n")
}
