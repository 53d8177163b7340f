package webhook

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy"
)

// routeReader reads the specs of TestRoute, a kind of these tests whose fields lie
// below a list: spec.rules[*].timeouts.request.
type routeReader struct{ fields []policy.Field }

func (r *routeReader) kind() *servedKind {
	return &servedKind{group: "test.holdfast.dev", version: "v1", kind: "TestRoute", readSpec: r.readSpec}
}

func (r *routeReader) readSpec(d *decoder, o *reviewed) error {
	return d.object(func(name []byte) error {
		if string(name) != "rules" {
			return d.skip()
		}
		return d.list(func() error { return r.readRule(d, o) })
	})
}

func (r *routeReader) readRule(d *decoder, o *reviewed) error {
	timeouts := "/spec/rules/" + strconv.Itoa(len(r.fields)) + "/timeouts"
	target := policy.FieldTarget(timeouts + "/request")
	field := policy.Field{Target: target, Codec: stringCodec{target.Pointer()}}
	hasTimeouts := false
	err := d.object(func(name []byte) error {
		if string(name) != "timeouts" {
			return d.skip()
		}
		hasTimeouts = d.next() == '{'
		return d.object(func(name []byte) error {
			if string(name) != "request" {
				return d.skip()
			}
			return d.optionalString(&field.Value)
		})
	})
	o.recordPresence(target.Pointer(), field.Value != nil)
	o.recordPresence(timeouts, hasTimeouts)
	r.fields = append(r.fields, field)
	return err
}

// stringCodec is the codec of a field that is a string.
type stringCodec struct{ pointer string }

func (stringCodec) Valid(string) bool          { return true }
func (stringCodec) Display(text string) string { return text }

func (c stringCodec) Members(text *string) []policy.Member {
	member := policy.Member{Pointer: c.pointer}
	if text != nil {
		member.JSON = strconv.Quote(*text)
	}
	return []policy.Member{member}
}

const aTestRoute = `{"group":"test.holdfast.dev","version":"v1","kind":"TestRoute"}`

// readRoute returns a TestRoute of a review, and its fields.
func readRoute(t *testing.T, object string) (*reviewed, []policy.Field) {
	t.Helper()
	var r routeReader
	read, err := readReview([]byte(reviewOf(aTestRoute, "CREATE", object, "null")), r.kind())
	require.NoError(t, err)
	return read.object, r.fields
}

// patched returns the object with the changes made.
func patched(t *testing.T, object string, o *reviewed, changes []policy.Change) string {
	t.Helper()
	return applyPatch(t, object, appendOperations(nil, operations(o, changes)))
}

func setField(f policy.Field, to *string) policy.Change {
	return policy.Change{Target: f.Target, From: f.Value, To: to, Codec: f.Codec}
}

func setAnnotation(o *reviewed, key string, to *string) policy.Change {
	c := policy.Change{Target: policy.AnnotationTarget(key), To: to}
	if text, ok := o.Annotations[key]; ok {
		c.From = &text
	}
	return c
}

func TestAPatchCreatesMissingParentsOnce(t *testing.T) {
	const object = `{"metadata":{},"spec":{"rules":[{"timeouts":{"request":"1s"}},{"timeouts":{}},{"timeouts":null},{}]}}`
	o, fields := readRoute(t, object)
	require.Len(t, fields, 4)
	var changes []policy.Change
	for _, f := range fields {
		changes = append(changes, setField(f, new("2h")))
	}
	changes = append(changes, setAnnotation(o, "a/b~c", new("x")), setAnnotation(o, "d", new("y")))

	var paths []string
	for _, operation := range operations(o, changes) {
		assert.Equal(t, "add", operation.Operation)
		paths = append(paths, operation.Path)
	}
	assert.Equal(t, []string{
		"/spec/rules/0/timeouts/request", "/spec/rules/1/timeouts/request",
		"/spec/rules/2/timeouts", "/spec/rules/2/timeouts/request",
		"/spec/rules/3/timeouts", "/spec/rules/3/timeouts/request",
		"/metadata/annotations", "/metadata/annotations/a~1b~0c", "/metadata/annotations/d",
	}, paths)
	assert.JSONEq(t, `{"metadata":{"annotations":{"a/b~c":"x","d":"y"}},"spec":{"rules":[
		{"timeouts":{"request":"2h"}},{"timeouts":{"request":"2h"}},{"timeouts":{"request":"2h"}},{"timeouts":{"request":"2h"}}]}}`,
		patched(t, object, o, changes))
}

func TestAPatchRemovesOnlyWhatIsThere(t *testing.T) {
	const object = `{"metadata":{},"spec":{"rules":[{"timeouts":{"request":"1s","backend":"1s"}},{"timeouts":{}},{}]}}`
	o, fields := readRoute(t, object)
	var changes []policy.Change
	for _, f := range fields {
		changes = append(changes, setField(f, nil))
	}
	assert.JSONEq(t, `{"metadata":{},"spec":{"rules":[{"timeouts":{"backend":"1s"}},{"timeouts":{}},{}]}}`,
		patched(t, object, o, changes))
}

// Whichever parents an object has, a patch applies and makes its changes and no
// others.
func TestAPatchAppliesToObjectsWithAnyParents(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		object := randomRoute(random)
		text := encoded(t, object)
		o, fields := readRoute(t, text)
		var changes []policy.Change
		for i, f := range fields {
			if to := randomValue(random); random.IntN(2) == 0 {
				changes = append(changes, setField(f, to))
				setIn(object["spec"].(map[string]any)["rules"].([]any)[i].(map[string]any), "timeouts", "request", to)
			}
		}
		for _, key := range []string{"a", "b/~c"} {
			to := randomValue(random)
			if c := setAnnotation(o, key, to); c.From != nil || c.To != nil {
				changes = append(changes, c)
				setIn(object["metadata"].(map[string]any), "annotations", key, to)
			}
		}
		random.Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
		require.JSONEq(t, encoded(t, object), patched(t, text, o, changes), "%s", text)
	}
}

// randomRoute returns a TestRoute that has some of its members.
func randomRoute(random *rand.Rand) map[string]any {
	metadata := map[string]any{"name": "chat"}
	randomParent(random, metadata, "annotations", "a", "b/~c", "other")
	var rules []any
	for range random.IntN(4) {
		rule := map[string]any{"name": "x"}
		randomParent(random, rule, "timeouts", "request", "other")
		rules = append(rules, rule)
	}
	return map[string]any{"metadata": metadata, "spec": map[string]any{"rules": rules}}
}

// randomParent adds an object with some of the members, or null, or nothing.
func randomParent(random *rand.Rand, in map[string]any, name string, members ...string) {
	switch random.IntN(4) {
	case 0:
	case 1:
		in[name] = nil
	default:
		parent := make(map[string]any)
		for _, member := range members {
			if value := randomValue(random); value != nil {
				parent[member] = *value
			}
		}
		in[name] = parent
	}
}

func randomValue(random *rand.Rand) *string {
	if random.IntN(3) == 0 {
		return nil
	}
	return new(fmt.Sprintf("%d \"s\"", random.IntN(100)))
}

// setIn sets a member of a parent, which it creates only for a value.
func setIn(object map[string]any, parent, name string, to *string) {
	members, ok := object[parent].(map[string]any)
	switch {
	case to == nil:
		delete(members, name)
	case !ok:
		object[parent] = map[string]any{name: *to}
	default:
		members[name] = *to
	}
}

func encoded(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

func TestASessionAffinityIsSetAndRemovedAsOneValue(t *testing.T) {
	const (
		clientIP    = `{"sessionAffinity":"ClientIP"}`
		clientIP600 = `{"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":600}}}`
	)
	for name, c := range map[string]struct {
		spec string
		to   *string
		want string
	}{
		"set in an empty spec":         {`{}`, new("ClientIP/600"), clientIP600},
		"set in place of None":         {`{"sessionAffinity":"None"}`, new("ClientIP/600"), clientIP600},
		"set where there is no spec":   {`null`, new("ClientIP"), clientIP},
		"set without a timeout":        {`{"sessionAffinity":"None","sessionAffinityConfig":{}}`, new("ClientIP"), clientIP},
		"removed":                      {clientIP600, nil, `{}`},
		"removed without a timeout":    {clientIP, nil, `{}`},
		"removed beside a null config": {`{"sessionAffinity":"ClientIP","sessionAffinityConfig":null}`, nil, `{"sessionAffinityConfig":null}`},
		"removed beside other fields":  {`{"type":"NodePort","sessionAffinity":"ClientIP"}`, nil, `{"type":"NodePort"}`},
		"removed where there is none":  {`{"type":"NodePort"}`, nil, `{"type":"NodePort"}`},
	} {
		t.Run(name, func(t *testing.T) {
			object := `{"metadata":{"name":"chat"},"spec":` + c.spec + `}`
			read, err := readReview([]byte(reviewOf(aService, "UPDATE", object, "null")), kindOf(ServicePath))
			require.NoError(t, err)
			field := read.object.Fields[0]
			assert.JSONEq(t, `{"metadata":{"name":"chat"},"spec":`+c.want+`}`,
				patched(t, object, read.object, []policy.Change{setField(field, c.to)}))
		})
	}
}

func TestOperationsAreEncodedAsTheLibraryDoes(t *testing.T) {
	const object = `{"metadata":{},"spec":{"rules":[{},{"timeouts":{"request":"1s"}}]}}`
	o, fields := readRoute(t, object)
	patch := operations(o, []policy.Change{
		setField(fields[0], new("\"<&>\u2028")), setField(fields[1], nil), setAnnotation(o, "a/b", new("\x00\xff")),
	})
	want, err := json.Marshal(patch)
	require.NoError(t, err)
	assert.JSONEq(t, string(want), string(appendOperations(nil, patch)))
}
