package auditlog_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/auditlog"
)

// FuzzRead puts a text between two events. Whatever it is, both are found.
func FuzzRead(f *testing.F) {
	f.Add("half a line")
	f.Add("\x1f\x8b")
	f.Add(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","stageTimestamp":"x"}`)
	f.Add(event(f, "shop/missed", nil))
	f.Add(event(f, "shop/web", annotate("ingress.holdfast.dev/changes", `{"a":1}`)))
	f.Add(event(f, "previews/", set("responseObject", []any{1})))
	first, last := event(f, "shop/web", set("auditID", "first")), event(f, "shop/side", set("auditID", "last"))
	f.Fuzz(func(t *testing.T, text string) {
		entries, s := read(t, first+text+"\n"+last, auditlog.Options{})
		var ids []string
		for _, e := range entries {
			ids = append(ids, e.AuditID)
		}
		assert.Subset(t, ids, []string{"first", "last"})
		assert.LessOrEqual(t, s.Unreadable, strings.Count(text, "\n")+1)
		assert.LessOrEqual(t, len(entries), s.Events)
	})
}
