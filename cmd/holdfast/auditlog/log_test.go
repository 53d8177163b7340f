package auditlog_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/auditlog"
)

// recorded are events that an API server wrote with the audit policy of config/audit: of
// writes that Holdfast changed, and of one for each reason for which a write doesn't count.
func recorded(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/audit.log")
	require.NoError(t, err)
	return text
}

// event is the recorded one about an object, changed as a case says.
func event(t testing.TB, object string, edit func(e map[string]any)) string {
	t.Helper()
	for line := range strings.Lines(string(recorded(t))) {
		var e map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		ref := e["objectRef"].(map[string]any)
		if name, _ := ref["name"].(string); ref["namespace"].(string)+"/"+name != object {
			continue
		}
		if edit != nil {
			edit(e)
		}
		text, err := json.Marshal(e)
		require.NoError(t, err)
		return string(text) + "\n"
	}
	require.Fail(t, "no event about "+object)
	return ""
}

// set returns an edit that sets a field, such as "responseStatus.code".
func set(path string, value any) func(map[string]any) {
	return func(e map[string]any) {
		names := strings.Split(path, ".")
		for _, name := range names[:len(names)-1] {
			e = e[name].(map[string]any)
		}
		e[names[len(names)-1]] = value
	}
}

// annotate returns an edit that sets an annotation of the event.
func annotate(key, value string) func(map[string]any) {
	return func(e map[string]any) { e["annotations"].(map[string]any)[key] = value }
}

func read(t testing.TB, log string, o auditlog.Options) ([]auditlog.Entry, auditlog.Summary) {
	t.Helper()
	var entries []auditlog.Entry
	l := auditlog.New(o, func(e auditlog.Entry) error {
		entries = append(entries, e)
		return nil
	})
	require.NoError(t, l.Read(t.Context(), strings.NewReader(log)))
	return entries, l.Summary()
}

func TestWhichWritesCount(t *testing.T) {
	web := func(edit func(map[string]any)) string { return event(t, "shop/web", edit) }
	for _, c := range []struct {
		name, log string
		changes   int
		// want is the rest of the summary's sentence, notCounted the reason.
		want, notCounted string
	}{
		{"a change", web(nil), 1, "", ""},
		{"a change with any code of success", web(set("responseStatus.code", 200)), 1, "", ""},
		{"a write that the quota refused afterwards", event(t, "shop/late", nil), 0, "", auditlog.Failed},
		{"a write that conflicted with another", web(set("responseStatus.code", 409)), 0, "", auditlog.Failed},
		{"a write without an answer", web(set("responseStatus", nil)), 0, "", auditlog.Failed},
		{"a dry run", event(t, "shop/trial", nil), 0, "", auditlog.DryRun},
		{"a dry run that is the last part of the URI", web(set("requestURI", "/x?fieldManager=a&dryRun=All")), 0, "", auditlog.DryRun},
		{"a dry run that is written with escapes", web(set("requestURI", "/x?dry%52un=%41ll")), 0, "", auditlog.DryRun},
		{"a field manager whose name looks like a dry run", web(set("requestURI", "/x?fieldManager=%26dryRun=All")), 1, "", ""},
		{"a request that was only received", web(set("stage", "RequestReceived")), 0, "", auditlog.OtherStage},
		{"a request that panicked", web(set("stage", "Panic")), 0, "", auditlog.OtherStage},
		{"both stages of a request", web(set("stage", "RequestReceived")) + web(nil), 1, "", auditlog.OtherStage},
		{"an event twice", web(nil) + web(nil), 1, "", auditlog.Repeated},
		{"two requests for which a client chose the same audit ID", web(nil) + web(set("requestReceivedTimestamp", "2026-11-29T08:55:11.000001Z")), 2, "", ""},
		{"a write in warn mode", event(t, "news/web", nil), 0, "; 1 would have been changed", ""},
		{"a refusal", event(t, "shop/bad", nil), 0, "; 1 refused", ""},
		{"a write that failed open", event(t, "shop/missed", nil), 0, "; 1 failed open", ""},
		{
			"a write that failed open for another webhook", event(t, "shop/missed", annotate("failed-open.mutation.webhook.admission.k8s.io/round_0_index_0", "example.com")),
			0, "", "",
		},
		{"a write that failed open only when Holdfast was called again", web(annotate("failed-open.mutation.webhook.admission.k8s.io/round_1_index_0", "ingress.holdfast.dev")), 1, "", ""},
		{"a write that Holdfast left as it was", web(annotate("ingress.holdfast.dev/outcome", "unchanged")), 0, "", ""},
		{"a decision of another webhook", strings.ReplaceAll(web(nil), "holdfast.dev", "example.com"), 0, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			entries, s := read(t, c.log, auditlog.Options{})
			assert.Equal(t, c.changes, s.Decisions[auditlog.Changed])
			assert.Len(t, entries, c.changes+s.Decisions[auditlog.FailedOpen])
			_, rest, _ := strings.Cut(s.String(), ";")
			assert.Equal(t, strings.TrimPrefix(c.want, ";"), rest)
			want := map[string]int{}
			if c.notCounted != "" {
				want[c.notCounted] = 1
			}
			assert.Equal(t, want, s.NotCounted)
			assert.Zero(t, s.Unreadable)
		})
	}
}

func TestWhoseWriteItWas(t *testing.T) {
	entries, _ := read(t, event(t, "shop/web", nil)+event(t, "shop/side", nil), auditlog.Options{})
	require.Len(t, entries, 2)
	assert.Equal(t, []string{"jane", "admin"}, []string{entries[0].User, entries[0].ImpersonatedBy})
	assert.Equal(t, []string{"admin", ""}, []string{entries[1].User, entries[1].ImpersonatedBy})
}

func TestNamesThatTheAPIServerGenerates(t *testing.T) {
	onlyTheRequest := event(t, "previews/", func(e map[string]any) {
		e["level"] = "Request"
		delete(e, "responseObject")
	})
	for _, c := range []struct{ name, log, want string }{
		{"at the level Metadata", event(t, "shop/", nil), "Ingress in shop, name not in the log: generated"},
		{"at the level Request", onlyTheRequest, "Ingress in previews, name not in the log: generated from pr-"},
		{"at the level RequestResponse", event(t, "previews/", nil), "Ingress previews/pr-lh68k"},
	} {
		t.Run(c.name, func(t *testing.T) {
			entries, _ := read(t, c.log, auditlog.Options{})
			require.Len(t, entries, 1)
			assert.Equal(t, c.want, entries[0].Object.String())
		})
	}
}

func TestObjectsWithoutANameAreDifferentOnes(t *testing.T) {
	first := event(t, "shop/", nil)
	second := event(t, "shop/", set("auditID", "another"))
	_, s := read(t, first+second+event(t, "shop/side", nil)+event(t, "shop/side", set("auditID", "a third")), auditlog.Options{})
	assert.Equal(t, 3, s.Objects)
}

func TestThePeriodAndTheNamespace(t *testing.T) {
	at := time.Date(2026, 11, 29, 8, 55, 15, 0, time.UTC)
	for _, c := range []struct {
		name    string
		options auditlog.Options
		want    string
	}{
		{"all", auditlog.Options{}, "11 events: 6 changes of 5 objects by 2 users under 1 policy; 1 failed open; 1 refused; 1 would have been changed"},
		{"a period", auditlog.Options{Since: at}, "3 events: 1 change of 1 object by 1 user under 1 policy; 1 failed open"},
		{"a Namespace", auditlog.Options{Namespace: "previews"}, "1 event: 1 change of 1 object by 1 user under 1 policy"},
		{"a Namespace without events", auditlog.Options{Namespace: "quiet"}, "0 events: 0 changes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, s := read(t, string(recorded(t)), c.options)
			assert.Equal(t, c.want, s.String())
			// Whether the log is old enough doesn't depend on what of it counts.
			assert.Equal(t, "2026-11-29T08:55:10.334542Z", s.From.Format(time.RFC3339Nano))
		})
	}
}

func TestLinesThatAreNoEventAreCounted(t *testing.T) {
	const long = 29 << 20
	web, side := event(t, "shop/web", nil), event(t, "shop/side", nil)
	for _, c := range []struct {
		name, between string
		unreadable    int
	}{
		{"half a line", web[:200] + "\n", 1},
		{"text", "panic: runtime error\n", 1},
		{"another kind", `{"kind":"Policy","apiVersion":"audit.k8s.io/v1"}` + "\n", 1},
		{"an event of an older version", strings.Replace(web, "audit.k8s.io/v1", "audit.k8s.io/v1beta1", 1), 1},
		{"an event without a time", event(t, "shop/web", set("stageTimestamp", nil)), 1},
		{"changes that are no JSON", event(t, "shop/late", func(e map[string]any) {
			set("responseStatus.code", 201)(e)
			annotate("ingress.holdfast.dev/changes", "{…")(e)
		}), 1},
		{"a line that is too long", lengthened(event(t, "shop/late", nil), long), 1},
		{"empty lines", "\n\r\n  \n", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			entries, s := read(t, web+c.between+side, auditlog.Options{})
			assert.Len(t, entries, 2)
			assert.Equal(t, c.unreadable, s.Unreadable)
		})
	}
}

// lengthened returns an event whose user agent is longer.
func lengthened(event string, by int) string {
	return strings.Replace(event, "kubectl/", strings.Repeat("x", by), 1)
}

func TestALineOfAnyLengthThatAnAPIServerWritesIsRead(t *testing.T) {
	const objects = 27 << 20
	entries, s := read(t, lengthened(event(t, "previews/", nil), objects), auditlog.Options{})
	assert.Len(t, entries, 1)
	assert.Zero(t, s.Unreadable)
}

func TestTheLastLineNeedsNoLineFeed(t *testing.T) {
	entries, _ := read(t, strings.TrimSpace(event(t, "shop/web", nil)), auditlog.Options{})
	assert.Len(t, entries, 1)
}

func TestTheSameTextIsReadInChunksOfAnySize(t *testing.T) {
	want, _ := read(t, string(recorded(t)), auditlog.Options{})
	for _, size := range []int{1, 7, 4096} {
		var got []auditlog.Entry
		l := auditlog.New(auditlog.Options{}, func(e auditlog.Entry) error {
			got = append(got, e)
			return nil
		})
		require.NoError(t, l.Read(t.Context(), &chunks{bytes.NewReader(recorded(t)), size}))
		assert.Equal(t, want, got)
	}
}

// chunks gives at most so many bytes at once, as a pipe may.
type chunks struct {
	*bytes.Reader
	size int
}

func (p *chunks) Read(b []byte) (int, error) { return p.Reader.Read(b[:min(len(b), p.size)]) }
