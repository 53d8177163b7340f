package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// The axis of lifetimes is logarithmic, from a second to a day: 10 s and 1 h are both seen
// on it.
const axisEnd = 24 * duration.Hour

// axisTicks are the lifetimes that the axis names. Nothing writes to it.
var axisTicks = [...]duration.Duration{duration.Second, 10 * duration.Second, duration.Minute, 10 * duration.Minute, duration.Hour, 6 * duration.Hour, axisEnd}

// onAxis returns where a lifetime is on the axis, from 0 to 1. What is longer than a day,
// or never ends, is at its end.
func onAxis(seconds *int64) float64 {
	if seconds == nil {
		return 1
	}
	position := math.Log(float64(max(*seconds, 1))) / math.Log(float64(axisEnd.Seconds()))
	return min(position, 1)
}

// lifetimeText returns a lifetime in words: "1h".
func lifetimeText(seconds *int64) string {
	if seconds == nil {
		return "no limit"
	}
	return (duration.Duration(*seconds) * duration.Second).String()
}

// lifetimeKey is a Lifetime that can be compared: -1 is one that never ends.
type lifetimeKey struct{ now, wanted int64 }

func (l Lifetime) key() lifetimeKey {
	key := lifetimeKey{-1, -1}
	if l.Now != nil {
		key.now = *l.Now
	}
	if l.Wanted != nil {
		key.wanted = *l.Wanted
	}
	return key
}

// differs reports whether idle WebSockets live shorter or longer than the policy wants.
func (l *Lifetime) differs() bool {
	return l != nil && l.key() != lifetimeKey{l.key().wanted, l.key().wanted}
}

// lifetimeRow are the objects whose idle WebSockets live equally long.
type lifetimeRow struct {
	Lifetime
	objects []string
}

// lifetimeRows returns the rows of the picture, the shortest life first.
func (r *Report) lifetimeRows() []lifetimeRow {
	var rows []lifetimeRow
	index := make(map[lifetimeKey]int)
	for _, f := range r.Findings {
		if !f.counts() || !f.Lifetime.differs() {
			continue
		}
		i, found := index[f.Lifetime.key()]
		if !found {
			i = len(rows)
			index[f.Lifetime.key()] = i
			rows = append(rows, lifetimeRow{Lifetime: *f.Lifetime})
		}
		// The findings of an object are neighbours.
		if name := f.object(); len(rows[i].objects) == 0 || rows[i].objects[len(rows[i].objects)-1] != name {
			rows[i].objects = append(rows[i].objects, name)
		}
	}
	slices.SortStableFunc(rows, func(a, b lifetimeRow) int {
		return cmp.Or(cmp.Compare(onAxis(a.Now), onAxis(b.Now)), cmp.Compare(onAxis(a.Wanted), onAxis(b.Wanted)))
	})
	return rows
}

// writeLifetimes writes the picture of how long idle WebSockets live, and how long the
// policy wants.
func (p *page) writeLifetimes() {
	rows := p.lifetimeRows()
	if len(rows) == 0 {
		return
	}
	p.start("section", "class", "lifetimes")
	p.element("h2", "How long an idle WebSocket lives")
	p.writeLegend()
	p.writeAxis()
	p.start("ul")
	for _, row := range rows {
		p.start("li")
		p.writeObjects(row.objects)
		p.writeLifetime(row.Lifetime, axisTicks[:])
		p.writeLifetimeText(row.Lifetime)
		p.end()
	}
	p.end()
	p.end()
}

// writeLegend writes what the parts of a bar mean.
func (p *page) writeLegend() {
	p.start("p", "class", "legend")
	for _, each := range []struct{ class, text string }{
		{"lives", "lives"}, {"missing", "closed before the policy wants"}, {"longer", "lives longer than the policy wants"}, {"wanted", "the policy's end"},
	} {
		p.start("span")
		p.start("svg", "class", "key", "aria-hidden", "true")
		p.void("rect", "class", each.class, "width", "100%", "height", "100%")
		p.end()
		p.text(each.text)
		p.end()
	}
	p.end()
}

// writeAxis writes the names of the ticks.
func (p *page) writeAxis() {
	p.start("div", "class", "axis", "aria-hidden", "true")
	p.start("svg")
	for i, tick := range axisTicks {
		seconds := tick.Seconds()
		anchor := "middle"
		switch i {
		case 0:
			anchor = "start"
		case len(axisTicks) - 1:
			anchor = "end"
		}
		p.element("text", tick.String(), "x", percent(onAxis(&seconds)), "y", "12", "text-anchor", anchor)
	}
	p.end()
	p.end()
}

// writeObjects writes what a row is about: one object, and the others collapsed.
func (p *page) writeObjects(objects []string) {
	p.start("div", "class", "who")
	if len(objects) == 1 {
		p.element("b", objects[0])
	} else {
		p.start("details")
		p.start("summary")
		p.text(objects[0] + " ")
		p.element("span", fmt.Sprintf("and %d more", len(objects)-1))
		p.end()
		p.start("ul")
		for _, object := range objects[1:] {
			p.element("li", object)
		}
		p.end()
		p.end()
	}
	p.end()
}

// writeLifetime writes a bar: what of a WebSocket's life there is, what is missing of it or
// too much, and a mark where the policy ends it.
func (p *page) writeLifetime(l Lifetime, ticks []duration.Duration) {
	now, wanted := onAxis(l.Now), onAxis(l.Wanted)
	p.start("svg", "class", "life", "aria-hidden", "true")
	for _, tick := range ticks {
		seconds := tick.Seconds()
		x := percent(onAxis(&seconds))
		p.void("line", "class", "tick", "x1", x, "x2", x, "y1", "0", "y2", "100%")
	}
	p.void("rect", "class", "lives", "y", "6", "height", "12", "width", percent(min(now, wanted)))
	switch {
	case now < wanted:
		p.void("rect", "class", "missing", "y", "6", "height", "12", "x", percent(now), "width", percent(wanted-now))
	case now > wanted:
		p.void("rect", "class", "longer", "y", "6", "height", "12", "x", percent(wanted), "width", percent(now-wanted))
	}
	p.void("line", "class", "wanted", "x1", percent(wanted), "x2", percent(wanted), "y1", "1", "y2", "23")
	p.end()
}

// writeLifetimeText writes in words what a bar shows.
func (p *page) writeLifetimeText(l Lifetime) {
	p.start("span", "class", "ends")
	if l.Now == nil {
		p.text("never closed; the policy wants ")
	} else {
		p.text("closed after ")
		p.element("b", lifetimeText(l.Now))
		p.text("; the policy wants ")
	}
	p.element("b", lifetimeText(l.Wanted))
	p.end()
}
