package webhook

import (
	"errors"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// decoder reads typed values from a document. Null reads as nothing everywhere.
type decoder struct{ scanner }

// object goes through an object's members. Each has to consume its value.
func (d *decoder) object(member func(name []byte) error) error {
	if d.next() != '{' {
		return d.nothing("an object")
	}
	if err := d.enter(); err != nil {
		return err
	}
	for d.next() != '}' {
		name, err := d.name()
		if err != nil {
			return err
		}
		if err := member(name); err != nil {
			return within(string(name), err)
		}
		if err := d.separate('}'); err != nil {
			return err
		}
	}
	d.leave()
	return nil
}

// name reads a member's name.
func (d *decoder) name() ([]byte, error) {
	q, err := d.quoted()
	if err != nil {
		return nil, err
	}
	return q.text(), d.take(':')
}

// list goes through a list's elements; each has to be consumed.
func (d *decoder) list(element func() error) error {
	if d.next() != '[' {
		return d.nothing("a list")
	}
	if err := d.enter(); err != nil {
		return err
	}
	for i := 0; d.next() != ']'; i++ {
		if err := element(); err != nil {
			return within(strconv.Itoa(i), err)
		}
		if err := d.separate(']'); err != nil {
			return err
		}
	}
	d.leave()
	return nil
}

// filled reads whether a list has any element.
func (d *decoder) filled(out *bool) error {
	*out = false
	return d.list(func() error {
		*out = true
		return d.skip()
	})
}

// quotedText reads a text as it is written.
func (d *decoder) quotedText() (quoted, error) {
	if d.next() != '"' {
		return quoted{}, d.nothing("a text")
	}
	return d.quoted()
}

// bytes reads a text without a copy, as long as it holds no escapes.
func (d *decoder) bytes(out *[]byte) error {
	q, err := d.quotedText()
	*out = q.text()
	return err
}

// length reads how many bytes a text has.
func (d *decoder) length() (int, error) {
	q, err := d.quotedText()
	return len(q.inside) - q.escapes, err
}

func (d *decoder) text(out *string) error {
	var text []byte
	err := d.bytes(&text)
	if usual, ok := usualTexts[string(text)]; ok {
		*out = usual
	} else {
		*out = string(text)
	}
	return err
}

// usualTexts need no copy.
var usualTexts = map[string]string{
	"": "", "AdmissionReview": "AdmissionReview", "admission.k8s.io/v1": "admission.k8s.io/v1",
	"networking.k8s.io": "networking.k8s.io", "v1": "v1", "Ingress": "Ingress", "Service": "Service",
	"CREATE": "CREATE", "UPDATE": "UPDATE", "ClusterIP": "ClusterIP", "None": "None",
}

func (d *decoder) optionalText(out **string) error {
	*out = nil
	if d.next() == 'n' {
		return d.skip()
	}
	*out = new(string)
	return d.text(*out)
}

// texts reads the members of an object of texts that somebody wants.
func (d *decoder) texts(out *map[string]string, wanted func(name []byte) bool, other func(name []byte) error) error {
	*out = nil
	return d.object(func(name []byte) error {
		if !wanted(name) {
			return other(name)
		}
		var text []byte
		err := d.bytes(&text)
		if *out == nil {
			*out = make(map[string]string)
		}
		(*out)[string(name)] = string(text)
		return err
	})
}

func (d *decoder) boolean(out *bool) error {
	*out = false
	switch d.next() {
	case 't':
		*out = true
	case 'f':
	default:
		return d.nothing("a boolean")
	}
	return d.skip()
}

func (d *decoder) integer(out *int64) error {
	*out = 0
	if c := d.next(); c != '-' && (c < '0' || c > '9') {
		return d.nothing("a number")
	}
	number, err := d.number()
	if err != nil {
		return err
	}
	if *out, err = strconv.ParseInt(string(number), 10, 64); err != nil {
		return wrongType("a whole number")
	}
	return nil
}

// nothing reads null. What comes instead is of the wrong type, if it is anything.
func (d *decoder) nothing(wanted string) error {
	isNull := d.next() == 'n'
	if err := d.skip(); err != nil || isNull {
		return err
	}
	return wrongType(wanted)
}

// text is what a string says.
func (q quoted) text() []byte {
	if q.escapes == 0 {
		return q.inside
	}
	// It has been held to the grammar.
	text, _ := jsontext.AppendUnquote(make([]byte, 0, len(q.inside)), `"`+string(q.inside)+`"`)
	return text
}

// fault is an error at a place in the document.
type fault struct {
	// pointer is the place (RFC 6901).
	pointer string
	error
}

func (f fault) Error() string { return "at " + f.pointer + ": " + f.error.Error() }
func (f fault) Unwrap() error { return f.error }

// within puts an error into a member of an object, or an element of a list.
func within(name string, err error) error {
	pointer := string(pointerTo("", name))
	if inner, ok := err.(fault); ok { //nolint:errorlint // Nobody wraps it on its way out.
		return fault{pointer + inner.pointer, inner.error}
	}
	return fault{pointer, err}
}

func wrongType(wanted string) error { return errors.New("must be " + wanted) }
