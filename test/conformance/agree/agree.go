// Package agree compares Holdfast's table of dialects with the controllers'
// parsers. A controller's test brings a Parser; all the questions are here.
package agree

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Parser asks a controller's parser for the value of the annotation's setting, on
// an object of the annotation's kind that carries the annotations. Of a composite
// annotation it returns the value of the element. An error means that the
// controller refuses the object.
type Parser func(a *dialect.Annotation, annotations map[string]string) (Heard, error)

// ErrNotAsked is a Parser's error for what the controller's parser doesn't cover.
var ErrNotAsked = errors.New("no parser of the controller is asked")

// Controller is a controller that can be asked.
type Controller struct {
	// Dialect is its name in Holdfast's table.
	Dialect string
	// Parser is asked for each of the dialect's settings.
	Parser Parser
	// More are texts beside those that every controller is asked.
	More []string
	// Forwards are the settings whose texts the controller passes on unchanged,
	// and who checks them: a text that the controller accepts may be refused
	// there.
	Forwards map[dialect.Setting]string
	// Apart are texts for which the table deliberately differs, and why.
	Apart map[dialect.Setting]map[string]string
}

// Test compares every annotation of the dialect with the controller's parser.
func (c Controller) Test(t *testing.T) {
	t.Helper()
	for _, a := range find(t, c.Dialect).Annotations {
		if a.Format == nil {
			continue
		}
		t.Run(fmt.Sprintf("%s on %s %s%s", a.Setting, a.On, a.Key, element(a)), func(t *testing.T) {
			for _, complaint := range c.Disagreements(a) {
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

// Disagreements returns where an annotation of the table differs from the
// controller's parser: for what users may write, for what Holdfast writes, for
// the aliases, and for the default.
func (c Controller) Disagreements(a *dialect.Annotation) []string {
	if l, ok := a.Layout.(dialect.ElementPerItem); ok {
		ofBackend := *a
		ofBackend.Layout = dialect.OneElement{Codec: l.Codec, Name: backend}
		a = &ofBackend
	}
	bare, err := c.Parser(a, nil)
	if err != nil {
		return []string{fmt.Sprintf("nothing written: %v", err)}
	}
	one := comparison{a: a, parser: c.Parser, bare: bare, forwards: c.Forwards[a.Setting] != ""}
	one.holdsByDefault()
	for _, text := range slices.Concat(texts, c.More) {
		one.reads(text, c.Apart[a.Setting][text])
	}
	if from, ok := a.ValueFrom.(dialect.FromCookie); ok {
		for _, cookie := range cookies {
			if text, ok := from.Write(cookie); ok {
				one.writes(text, dialect.Value{})
			}
		}
	} else {
		for _, value := range valuesFor(a) {
			if text, ok := a.Format.Write(value); ok {
				one.writes(text, value)
			}
		}
	}
	return one.found.sentences()
}

// comparison compares one annotation with one parser.
type comparison struct {
	a        *dialect.Annotation
	parser   Parser
	bare     Heard
	forwards bool
	found    disagreements
}

// holdsByDefault compares the values of an object without the annotation.
func (c *comparison) holdsByDefault() {
	says := c.a.Format.Parse(c.a.Default)
	if c.bare.Set && c.a.Default != "" && says.Problem == "" && says.Value != c.bare.Value {
		c.found.add("nothing written", fmt.Sprintf("the controller goes on with %s, the table says %q", c.bare, c.a.Default))
	}
}

// reads compares what both make of a text. If the table reads it differently for
// a reason, they have to differ.
func (c *comparison) reads(text, apart string) {
	heard, asked, err := c.ask(c.a.Key, text)
	if !asked {
		return
	}
	says := c.a.Format.Parse(text)
	switch fits := c.fits(text, says, heard, err) || err == nil && c.bothBalance(text, says, heard); {
	case fits && apart != "":
		c.found.add(strconv.Quote(text), fmt.Sprintf("both say that it %s, and not apart: %s", said(says), apart))
	case !fits && apart == "":
		of, what := tell(text, heard, err)
		c.found.add(of, what+", the table says that it "+said(says))
	}
}

// bothBalance reports whether both accept a text by which pods are chosen. Whether that
// keeps a client on one pod is for the table alone: a controller hashes whatever it is
// told to.
func (c *comparison) bothBalance(text string, says dialect.Parsed, heard Heard) bool {
	takes := heard.IsOn() || heard.Value == dialect.TextOf(text)
	return c.a.Setting == dialect.AddressAffinity && takes && !says.Value.Unset()
}

// writes checks that the controller reads a text that Holdfast writes for a
// value, under the key and each alias. A duration may get longer in a coarser
// unit, but never shorter.
func (c *comparison) writes(text string, value dialect.Value) {
	says := c.a.Format.Parse(text)
	for _, key := range append([]string{c.a.Key}, c.a.Aliases...) {
		heard, asked, err := c.ask(key, text)
		if !asked || key != c.a.Key && errors.Is(err, ErrNotAsked) {
			continue
		}
		same := heard.Value == says.Value || c.bothBalance(text, says, heard)
		if err != nil || !heard.Set || !same || heard.Duration() < value.Duration() {
			of, what := tell(text, heard, err)
			c.found.add(key+": "+of, "Holdfast writes it: "+what+", the table says that it "+said(says))
		}
	}
}

// ask has the parser read a text. A text that is several elements of a composite
// annotation, or none, can't be asked for one of them.
func (c *comparison) ask(key, text string) (heard Heard, asked bool, err error) {
	if codec := c.a.Codec(); codec != nil {
		value := text
		text = codec.Join(c.a.ElementName(), value)
		elements, problem := codec.Split(text)
		if problem != nil || len(elements) != 1 || elements[0].Value != value {
			return Heard{}, false, nil
		}
	}
	heard, err = c.parser(c.a, map[string]string{key: text})
	return heard, true, err
}

// fits reports whether a parsed text matches what the controller does: it has the
// value, no value at all, or a problem. An ignored text has the same effect as no
// annotation. The controller has to cause any other problem: it refuses the
// object, goes on with an expired timer or with another text than was written, or
// passes the text on to what refuses it.
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

// changed reports whether a controller goes on with a text of its own.
func changed(text string, heard Heard) bool {
	return heard.Text != "" && heard.Text != text && heard != Switch(true) && heard != Switch(false)
}

// tell describes what a controller makes of a text.
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
