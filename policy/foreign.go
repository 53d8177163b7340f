package policy

import (
	"fmt"
	"slices"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// neverEnds is what "never" comes to where the policy has no maximum.
const neverEnds = duration.Day

// readForeignWords reads what the user wrote in the words of controllers that
// don't serve the object. Its timers are wishes, whoever serves it.
func (e *evaluation) readForeignWords() {
	if e.Policy.ForeignDialects == ForeignIgnore || !e.mayHoldForeignWords() {
		return
	}
	var read []string
	for _, d := range dialect.All() {
		if e.isServing(d) {
			continue
		}
		said := words{}
		for _, sp := range d.Annotations {
			key, text, written := e.written(sp)
			if !written || slices.Contains(read, key) || e.isServed(key) {
				continue
			}
			e.readForeign(d, sp, key, text, &said)
			if sp.Codec() == nil {
				read = append(read, key)
			}
		}
		e.mergeForeign(said)
	}
}

// mayHoldForeignWords tells whether any annotation is a word of a controller that
// doesn't serve the object: most objects have none, and the table is long.
func (e *evaluation) mayHoldForeignWords() bool {
	for key := range e.plain.Annotations {
		if dialect.Known(key) && !e.isServed(key) {
			return true
		}
	}
	return false
}

// isServing tells whether a controller that serves the object speaks a dialect.
func (e *evaluation) isServing(d *dialect.Dialect) bool {
	return slices.ContainsFunc(e.controllers, func(c dialect.Installation) bool { return c.Dialect == d })
}

// isServed tells whether a key is a word of a controller that serves the object,
// whatever others make of it.
func (e *evaluation) isServed(key string) bool {
	return slices.ContainsFunc(e.controllers, func(c dialect.Installation) bool {
		for sp := range c.AnnotationsOn(e.Object.Kind) {
			if sp.HasKey(key) {
				return true
			}
		}
		return false
	})
}

// readForeign takes in one word. A value that its own controller couldn't read
// is no wish; of two words of one controller the first says it.
func (e *evaluation) readForeign(d *dialect.Dialect, sp *dialect.Annotation, key, text string, said *words) {
	origin := Origin{Source: FromForeign, Key: key, Text: text}
	if sp.Codec() != nil && sp.ElementName() != "" && !isNameList(sp) {
		origin.Text = sp.Codec().Join(sp.ElementName(), text)
	}
	if sp.Setting.EnablesAffinity() {
		if e.foreignStickiness.Key == "" && e.switchesOn(sp, text) {
			e.foreignStickiness, e.foreignDialect = origin, d
		}
		return
	}
	timers := sp.Setting.Directions()
	if len(timers) == 0 {
		return
	}
	reading := sp.Format.Parse(text)
	if reading.Problem != "" {
		return
	}
	for _, s := range timers {
		if _, already := said.wishes[s]; !already {
			said.set(s, Wish{Value: e.ended(s, reading.Value), Origin: origin})
		}
	}
}

// ended gives "never" an end.
func (e *evaluation) ended(s dialect.Setting, v dialect.Value) dialect.Value {
	if v.Duration() == dialect.Never {
		v = dialect.DurationOf(neverEnds)
		if longest := e.Policy.bounds(s).Maximum; longest > 0 {
			v = dialect.DurationOf(longest)
		}
	}
	return v
}

// mergeForeign takes in what one controller's words say. Of two that disagree
// the longer one holds.
func (e *evaluation) mergeForeign(said words) {
	for _, s := range [...]dialect.Setting{dialect.ReadTimeout, dialect.SendTimeout, dialect.ConnectTimeout} {
		w, ok := said.wishes[s]
		if !ok {
			continue
		}
		before, already := e.foreign.wishes[s]
		if already && before.Value != w.Value {
			long, short := before, w
			if w.Value.Duration() > before.Value.Duration() {
				long, short = w, before
			}
			if e.readsOn(s) {
				e.warn(RuleForeignWord, long.Origin.Key, fmt.Sprintf("%s is longer than %s: %s and holds; keep one of the two", quote(long.Origin.Text), short.Origin.Key, quote(short.Origin.Text)))
			}
			w = long
		}
		e.foreign.set(s, w)
		if own, ok := e.own.wishes[s]; ok && own.Value != w.Value {
			e.warn(RuleHiddenWord, own.Origin.Key, fmt.Sprintf("%s holds and hides %s: %s; keep one of the two", quote(own.Origin.Text), w.Origin.Key, quote(w.Origin.Text)))
		}
	}
}

// warnOfForeignStickiness tells the writer that a word that asks for stickiness
// is not read.
func (e *evaluation) warnOfForeignStickiness() {
	if e.foreignStickiness.Key == "" || e.Policy.ForeignDialects != ForeignTimeouts || e.own.sticky != nil || e.sticky.asked {
		return
	}
	e.warn(RuleForeignWord, e.foreignStickiness.Key, fmt.Sprintf("is %s's word for stickiness and not read here; label it %s: \"true\"", e.foreignDialect.Name, StickyLabel))
}

// warnOfUnheardTimers tells the writer of a Service that nothing reads its
// timers there.
func (e *evaluation) warnOfUnheardTimers() {
	if len(e.Controllers) == 0 {
		return
	}
	for _, s := range [...]dialect.Setting{dialect.ReadTimeout, dialect.SendTimeout, dialect.ConnectTimeout} {
		w, wished := e.foreign.wishes[s]
		if wished && !e.readsOn(s) {
			e.warn(RuleForeignWord, w.Origin.Key, fmt.Sprintf("%s is read by no controller of this cluster; annotate the Ingress with %s%s", quote(w.Origin.Text), Prefix, s))
		}
	}
}
