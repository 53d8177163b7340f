// Package agree holds Holdfast's table of dialects to what the controllers' own
// parsers do. A controller's test brings a Parser; all the questions are here.
package agree

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Parser asks a controller's own parser what it goes on with for the spelling's
// setting, on an object of the spelling's kind that carries the annotations.
// Of a packed value it gives what stands for the spelling's Member. An error
// says that the controller refuses the object.
type Parser func(sp *dialect.Annotation, annotations map[string]string) (Heard, error)

// ErrNotAsked is a Parser's error for what the controller's parser knows
// nothing of.
var ErrNotAsked = errors.New("no parser of the controller is asked")

// Controller is a controller that can be asked.
type Controller struct {
	// Dialect is its name in Holdfast's table.
	Dialect string
	// Parser is asked for each of the dialect's settings.
	Parser Parser
	// More are texts beside those that every controller is asked.
	More []string
	// Forwards are the settings whose texts the controller hands on as they are,
	// and who judges them: one that it takes may be refused there.
	Forwards map[dialect.Setting]string
	// Apart are texts of which the table deliberately says something else, and
	// why.
	Apart map[dialect.Setting]map[string]string
}

// Test holds every spelling of the dialect to the controller's parser.
func (c Controller) Test(t *testing.T) {
	t.Helper()
	for _, sp := range find(t, c.Dialect).Annotations {
		if sp.Format == nil {
			continue
		}
		t.Run(fmt.Sprintf("%s on %s %s%s", sp.Setting, sp.On, sp.Key, element(sp)), func(t *testing.T) {
			for _, complaint := range c.Disagreements(sp) {
				t.Error(complaint)
			}
		})
	}
}

func find(t *testing.T, name string) *dialect.Dialect {
	t.Helper()
	d := dialect.ByName(name)
	if d == nil {
		t.Fatalf("Holdfast's table has no dialect %q", name)
	}
	return d
}

func element(a *dialect.Annotation) string {
	if name := a.ElementName(); name != "" {
		return "#" + name
	}
	return ""
}

// Disagreements lists where a spelling says something else than the
// controller's parser does: of what users may write, of what Holdfast writes,
// of other keys for the same, and of what holds where nothing is written.
func (c Controller) Disagreements(sp *dialect.Annotation) []string {
	if l, ok := sp.Layout.(dialect.ElementPerItem); ok {
		ofBackend := *sp
		ofBackend.Layout = dialect.OneElement{Codec: l.Codec, Name: backend}
		sp = &ofBackend
	}
	bare, err := c.Parser(sp, nil)
	if err != nil {
		return []string{fmt.Sprintf("nothing written: %v", err)}
	}
	one := comparison{sp: sp, parser: c.Parser, bare: bare, forwards: c.Forwards[sp.Setting] != ""}
	one.holdsByDefault()
	for _, text := range slices.Concat(texts, c.More) {
		one.reads(text, c.Apart[sp.Setting][text])
	}
	if from, ok := sp.Source.(dialect.FromCookie); ok {
		for _, cookie := range cookies {
			if text, ok := from.Write(cookie); ok {
				one.writes(text, dialect.Value{})
			}
		}
	} else {
		for _, wish := range wishesFor(sp) {
			if text, ok := sp.Format.Write(wish); ok {
				one.writes(text, wish)
			}
		}
	}
	return one.found.sentences()
}

// comparison is of one spelling with one parser.
type comparison struct {
	sp       *dialect.Annotation
	parser   Parser
	bare     Heard
	forwards bool
	found    disagreements
}

// holdsByDefault compares what both say of an object without the annotation.
func (c *comparison) holdsByDefault() {
	says := c.sp.Format.Parse(c.sp.Default)
	if c.bare.Set && c.sp.Default != "" && says.Problem == "" && says.Value != c.bare.Value {
		c.found.add("nothing written", fmt.Sprintf("the controller goes on with %s, the table says %q", c.bare, c.sp.Default))
	}
}

// reads compares what both make of a text. Of one that the table reads apart,
// for a reason, they have to say different things.
func (c *comparison) reads(text, apart string) {
	heard, asked, err := c.ask(c.sp.Key, text)
	if !asked {
		return
	}
	says := c.sp.Format.Parse(text)
	switch fits := c.fits(text, says, heard, err); {
	case fits && apart != "":
		c.found.add(strconv.Quote(text), fmt.Sprintf("both say that it %s, and not apart: %s", said(says), apart))
	case !fits && apart == "":
		of, what := tell(text, heard, err)
		c.found.add(of, what+", the table says that it "+said(says))
	}
}

// writes holds the controller to a text that Holdfast writes for a wish, under
// each of the keys that say the same. A wish may get longer, in a coarser unit,
// and never shorter.
func (c *comparison) writes(text string, wish dialect.Value) {
	says := c.sp.Format.Parse(text)
	for _, key := range append([]string{c.sp.Key}, c.sp.Aliases...) {
		heard, asked, err := c.ask(key, text)
		if !asked || key != c.sp.Key && errors.Is(err, ErrNotAsked) {
			continue
		}
		if err != nil || !heard.Set || heard.Value != says.Value || heard.Duration() < wish.Duration() {
			of, what := tell(text, heard, err)
			c.found.add(key+": "+of, "Holdfast writes it: "+what+", the table says that it "+said(says))
		}
	}
}

// ask puts a text where the controller looks for it. A text that is several
// members of a packed value, or none, is no question for one of them.
func (c *comparison) ask(key, text string) (heard Heard, asked bool, err error) {
	if packing := c.sp.Codec(); packing != nil {
		value := text
		text = packing.Join(c.sp.ElementName(), value)
		pieces, fault := packing.Split(text)
		if fault != nil || len(pieces) != 1 || pieces[0].Value != value {
			return Heard{}, false, nil
		}
	}
	heard, err = c.parser(c.sp, map[string]string{key: text})
	return heard, true, err
}

// fits tells whether a reading says what a controller does: it has the value, no
// value at all, or a problem. An ignored text leaves all as it is without one. Of any
// other problem the controller has to be the cause: it refuses the object, goes
// on with a time that has run out or with another word than was written, or
// hands the text to who refuses it.
func (c *comparison) fits(text string, says dialect.Parsed, heard Heard, err error) bool {
	switch {
	case errors.Is(err, ErrNotAsked):
		return false
	case says == dialect.Parsed{}:
		return err == nil && !heard.Set
	case says.Problem == "":
		return err == nil && heard.Set && heard.Value == says.Value
	case says.Problem == dialect.Ignored:
		return err == nil && heard == c.bare
	case err != nil:
		return true
	default:
		ranOut := heard.Set && heard.Duration() <= 0 && heard.Text == ""
		return heard != c.bare && (ranOut || changed(text, heard) || c.forwards)
	}
}

// changed tells whether a controller goes on with a word of its own making.
func changed(text string, heard Heard) bool {
	return heard.Text != "" && heard.Text != text && heard != Switch(true) && heard != Switch(false)
}

// tell says what a controller makes of a text.
func tell(text string, heard Heard, err error) (of, what string) {
	of = strconv.Quote(text)
	switch {
	case err != nil:
		return of, fmt.Sprintf("the controller refuses it (%v)", err)
	case changed(text, heard):
		return of + " as " + strconv.Quote(heard.Text), "the controller goes on with it, changed"
	case heard.Text != "" && heard.Text == text:
		return of, "the controller goes on with it"
	default:
		return of, fmt.Sprintf("the controller goes on with %s", heard)
	}
}

func said(r dialect.Parsed) string {
	switch {
	case r.Problem != "":
		return r.Problem
	case r.Value.Unset():
		return "is nothing"
	}
	return "is " + r.Value.String()
}
