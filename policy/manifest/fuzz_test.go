package manifest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// seeds are streams that a fuzzer can start from.
func seeds(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(generator{rand.New(rand.NewPCG(seed, 2))}.stream())
	}
	files, err := filepath.Glob(filepath.Join("testdata", "real", "*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, text := range []string{
		"", "---", "...", "\ufeff", "%YAML 1.1\n---\n", "{}{}", "{\"a\":1}\n{",
		serviceType + "metadata: {annotations: &a {x: v}}\nspec: *a\n",
		serviceType + "metadata:\n  annotations:\n    <<: {x: v}\nspec: {x: v}\n",
		serviceType + "metadata:\n  annotations:\n    ? x\n    : |+\n     v\n\nspec: {x: v}\n",
		serviceType + "metadata: {annotations: {x: v ,y}}\nspec: {x: v}\n",
		serviceType + "metadata: {annotations: [x: v]}\nspec: [x: {}]\n",
		serviceType + "? metadata\n: annotations\n: \n",
		serviceType + "metadata:\n  annotations:\n    x: |1-\n     v\r\r\n\u0085    \u2028\n",
		serviceType + "metadata: {annotations: {x: v, x: w}, annotations: {x: v, y: w, x: u}}\nspec: {x: v}\n",
		serviceType + "x: &a {x: v}\nmetadata:\n  annotations:\n    x: w\n    <<: *a\n    <<: {y: z}\nspec: {x: v}\n",
		serviceType + "spec: {x: v}\nmetadata:\n  annotations:\n    x: v\n    <<:\n      x: |\n        w",
		"&a\napiVersion: v1\nkind: ServiceList\nitems:\n- *a\n- <<: *a\n",
	} {
		f.Add(text)
	}
}

// FuzzReader requires that the documents of a stream make up the stream.
func FuzzReader(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, stream string) {
		var all bytes.Buffer
		r := manifest.NewReader(strings.NewReader(stream), "in.yaml")
		for {
			d, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(d.Text()) == 0 {
				t.Fatal("a document of no bytes")
			}
			all.Write(d.Text())
		}
		if all.String() != stream {
			t.Fatalf("%q became %q", stream, all.String())
		}
	})
}

// FuzzWrite changes whatever can be read. Either the change is refused, or the
// output has it, and undoing it returns the input.
func FuzzWrite(f *testing.F) {
	seeds(f)
	const key, value = "holdfast.example/added", `"it's"`
	f.Fuzz(func(t *testing.T, stream string) {
		for _, d := range readAll(t, stream) {
			c, ok := readWell(d)
			if !ok {
				continue
			}
			parents := make([]string, len(c.Objects))
			for i, o := range c.Objects {
				if _, there := o.Annotations[key]; there {
					return
				}
				parents[i] = record(o)
				o.Change([]policy.Change{change(key, value)})
			}
			written, faults := c.Bytes()
			if len(faults) > 0 {
				continue
			}
			as := readAll(t, string(written))
			if len(as) != 1 {
				t.Fatalf("%q became %d documents:\n%q", d.Text(), len(as), written)
			}
			again, ok := readWell(as[0])
			if !ok || len(again.Objects) != len(c.Objects) {
				t.Fatalf("%q can't be read as it became:\n%q", d.Text(), written)
			}
			for i, o := range again.Objects {
				if o.Annotations[key] != value {
					t.Fatalf("%q lacks the change:\n%q", d.Text(), written)
				}
				o.Change([]policy.Change{change(key), {Target: policy.ParseKey(policy.RecordAnnotation), From: &parents[i]}})
			}
			back, faults := again.Bytes()
			if len(faults) == 0 && !bytes.Equal(back, d.Text()) {
				t.Fatalf("%q became\n%q and not what it was:\n%q", d.Text(), written, back)
			}
		}
	})
}

// record returns what the engine records of an object's empty annotations.
func record(o *manifest.Object) string {
	text, empty := o.EmptyParents[policy.AnnotationsPointer]
	switch {
	case !empty:
		return "{}"
	case text == policy.NoParent:
		return `{"/metadata/annotations":"{}"}`
	default:
		was, _ := json.Marshal(text)
		return `{"/metadata/annotations":{"set":"{}","was":` + string(was) + `}}`
	}
}

// readWell reads a document with nothing wrong in it.
func readWell(d *manifest.Document) (*manifest.Contents, bool) {
	c, err := d.Read()
	if err != nil {
		return nil, false
	}
	for _, o := range c.Objects {
		if len(o.Faults) > 0 {
			return nil, false
		}
	}
	return c, true
}

// FuzzAdd adds to an annotation's value, however it is written, and removes that
// again.
func FuzzAdd(f *testing.F) {
	for _, text := range append(lineTexts, blockTexts...) {
		f.Add(text, ",x=1")
		f.Add(text, ` -> k("'\`+"\n#")
	}
	f.Fuzz(func(t *testing.T, text, add string) {
		d, err := manifest.NewReader(strings.NewReader(serviceType+"metadata:\n  annotations:\n    a: b\n    packed: "+text+"\n"), "in.yaml").Next()
		if err != nil {
			t.Skip()
		}
		c, err := d.Read()
		if err != nil || len(c.Objects) != 1 || len(c.Objects[0].Faults) > 0 {
			t.Skip()
		}
		now, there := c.Objects[0].Annotations["packed"]
		if !there || !utf8.ValidString(add) {
			t.Skip()
		}
		for _, want := range []string{now + add, add + now, add} {
			changed, possible := changedText(t, string(d.Text()), want)
			if !possible {
				continue
			}
			if got, _ := changedText(t, changed, now); readObject(t, got).Annotations["packed"] != now {
				t.Errorf("%q doesn't come back from\n%s", now, changed)
			}
		}
	})
}

// changedText sets an annotation; possible is false if that is refused.
func changedText(t *testing.T, stream, to string) (out string, possible bool) {
	c := read(t, stream)
	c.Objects[0].Change([]policy.Change{{Target: policy.ParseKey("packed"), To: &to}})
	text, faults := c.Bytes()
	if len(faults) > 0 {
		return stream, false
	}
	if got := readObject(t, string(text)).Annotations["packed"]; got != to {
		t.Errorf("%q, not %q, in\n%s", got, to, text)
	}
	return string(text), true
}
