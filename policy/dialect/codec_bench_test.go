package dialect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// codecs returns each codec with the text of the element at an index.
func codecs(t testing.TB) map[string]codecCase {
	numbered := func(format string) func(int) string { return func(i int) string { return fmt.Sprintf(format, i) } }
	return map[string]codecCase{
		"attributes":     {attributes(t), numbered("name%d"), "value"},
		"services":       {services(t), numbered("web%d"), ""},
		"routes":         {routes(t), numbered("/chat%d"), ""},
		"stickyServices": {stickies(t), numbered("web%d"), "route path=/"},
		"filters":        {filters(t), numbered("filter%d"), `"a"`},
	}
}

type codecCase struct {
	dialect.Codec
	name  func(int) string
	value string
}

// elements returns n elements, of which the first has the given number.
func (c codecCase) elements(first, n int) (all []dialect.Element, names []string) {
	for i := first; i < first+n; i++ {
		all = append(all, dialect.Element{Name: c.name(i), Value: c.value})
		names = append(names, c.name(i))
	}
	return all, names
}

func (c codecCase) text(n int) string {
	all, _ := c.elements(0, n)
	parts := make([]string, n)
	for i, e := range all {
		parts[i] = c.Join(e.Name, e.Value)
	}
	return strings.Join(parts, c.Separator())
}

// BenchmarkCodecs shows the time for each element, which must not grow with their
// number.
func BenchmarkCodecs(b *testing.B) {
	for name, c := range codecs(b) {
		for _, n := range []int{1_000, 10_000, 100_000} {
			text := c.text(n)
			added, _ := c.elements(n, n)
			_, removed := c.elements(0, n/2)
			bench := func(what string, run func()) {
				b.Run(fmt.Sprintf("%s/%s/%d", name, what, n), func(b *testing.B) {
					for b.Loop() {
						run()
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/element")
				})
			}
			bench("Split", func() { c.Split(text) })
			bench("Rewrite", func() { dialect.Rewrite(c.Codec, text, removed, added) })
			mistakes := strings.Repeat(",", n)
			bench("SplitMistakes", func() { c.Split(mistakes) })
		}
	}
}

// splitCounter counts how often a text is split.
type splitCounter struct {
	dialect.Codec
	calls int
}

func (c *splitCounter) Split(text string) ([]dialect.Element, *dialect.CodecProblem) {
	c.calls++
	return c.Codec.Split(text)
}

func TestRewriteSplitsATextAFixedNumberOfTimes(t *testing.T) {
	for name, c := range codecs(t) {
		t.Run(name, func(t *testing.T) {
			text := c.text(1000)
			added, _ := c.elements(500, 1000)
			_, removed := c.elements(0, 250)
			counter := &splitCounter{Codec: c.Codec}
			got := dialect.Rewrite(counter, text, removed, added)
			assert.Equal(t, 4, counter.calls, "one for what is removed, one for what is set, two for what is added")
			elements, problem := c.Split(got)
			assert.Nil(t, problem)
			assert.Len(t, elements, 1250)
		})
	}
}

func TestALongListOfMistakesIsCheckedTwiceAtMost(t *testing.T) {
	for _, name := range []string{"", "Web", "web"} {
		text := strings.Repeat(name+",", 40_000)
		calls := 0
		list := dialect.List{Valid: func(name string) bool { calls++; return name == "web" }}
		elements, problem := list.Split(text)
		assert.NotNil(t, problem)
		assert.Len(t, elements, 40_001)
		assert.LessOrEqual(t, calls, 2*40_001)
	}
}

func TestSplittingAllocatesNoMoreForEachOfManyElements(t *testing.T) {
	for name, c := range codecs(t) {
		t.Run(name, func(t *testing.T) {
			allocations := func(n int) float64 {
				text := c.text(n)
				return testing.AllocsPerRun(3, func() { c.Split(text) })
			}
			assert.LessOrEqual(t, allocations(4000), 4*allocations(1000)+16)
		})
	}
}
