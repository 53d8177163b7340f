package report

import (
	"bufio"
	"html"
	"io"
)

// markup writes HTML. All texts and all values of attributes pass through it and are
// escaped, so none of them can become markup. An error of the writer is returned by flush.
type markup struct {
	out *bufio.Writer
	// open are the names of the elements that haven't ended.
	open []string
}

func newMarkup(out io.Writer) *markup { return &markup{out: bufio.NewWriter(out)} }

// start begins an element. Its attributes are names and values in turns.
func (m *markup) start(name string, attributes ...string) {
	m.tag(name, attributes, ">")
	m.open = append(m.open, name)
}

// end ends the element that was begun last.
func (m *markup) end() {
	last := len(m.open) - 1
	m.write("</" + m.open[last] + ">\n")
	m.open = m.open[:last]
}

// void writes an element that has no content.
func (m *markup) void(name string, attributes ...string) { m.tag(name, attributes, "/>") }

// element writes an element that has only a text.
func (m *markup) element(name, text string, attributes ...string) {
	m.tag(name, attributes, ">")
	m.text(text)
	m.write("</" + name + ">")
}

// text writes a text. Characters that can't be seen, such as those that reverse the
// direction of what follows, become spaces.
func (m *markup) text(text string) { m.write(html.EscapeString(printable(text))) }

// code writes what is in an element as it is: a style sheet or a script of ours.
func (m *markup) code(name, content string) {
	m.write("<" + name + ">" + content + "</" + name + ">\n")
}

func (m *markup) tag(name string, attributes []string, end string) {
	m.write("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		m.write(" " + attributes[i])
		if value := attributes[i+1]; value != "" {
			m.write(`="` + html.EscapeString(printable(value)) + `"`)
		}
	}
	m.write(end)
}

// write writes markup. The writer keeps the first error, which flush returns.
func (m *markup) write(markup string) { _, _ = m.out.WriteString(markup) }

func (m *markup) flush() error { return m.out.Flush() }
