package webhook

import (
	"encoding/json"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func FuzzUnquotedLength(f *testing.F) {
	for _, s := range []string{"", `a`, `\n`, `\\\"`, `\u00e4`, `\ud83d\ude00x`, `\u003c`, `ä\\u`, `\\ud83d`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, inside string) {
		value := []byte(`"` + inside + `"`)
		if !jsontext.Value(value).IsValid() {
			t.Skip()
		}
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			t.Fatal(err)
		}
		if got := unquotedLength([]byte(inside)); got != len(text) {
			t.Fatalf("%q: %d, not %d", inside, got, len(text))
		}
	})
}
