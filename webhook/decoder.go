package webhook

import (
	"errors"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/holdfast-dev/holdfast/policy"
)

// decoder reads typed values from a JSON document. Every method accepts null and
// then sets the zero value.
type decoder struct{ scanner }

// object reads an object. It calls member for each member, which must consume the
// value.
func (d *decoder) object(member func(name []byte) error) error {
	if d.next() != '{' {
		return d.null("an object")
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
	return q.unescaped(), d.expect(':')
}

// list reads a list. It calls element for each element, which must consume it.
func (d *decoder) list(element func() error) error {
	if d.next() != '[' {
		return d.null("a list")
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

// nonEmpty reads a list and sets whether it has any element.
func (d *decoder) nonEmpty(out *bool) error {
	*out = false
	return d.list(func() error {
		*out = true
		return d.skip()
	})
}

// stringToken reads a string without resolving its escapes.
func (d *decoder) stringToken() (quoted, error) {
	if d.next() != '"' {
		return quoted{}, d.null("a string")
	}
	return d.quoted()
}

// bytes reads a string. It copies it only if it has escapes.
func (d *decoder) bytes(out *[]byte) error {
	q, err := d.stringToken()
	*out = q.unescaped()
	return err
}

// stringLength reads a string and returns its length in bytes.
func (d *decoder) stringLength() (int, error) {
	q, err := d.stringToken()
	return len(q.inside) - q.shortening, err
}

func (d *decoder) string(out *string) error {
	var text []byte
	err := d.bytes(&text)
	if s, ok := interned[string(text)]; ok {
		*out = s
	} else {
		*out = string(text)
	}
	return err
}

// shortString reads a string that is logged or answered, and cuts it.
func (d *decoder) shortString(out *string) error {
	err := d.string(out)
	*out = cut(*out)
	return err
}

// interned are strings of almost every review, which need no copy.
var interned = map[string]string{
	"": "", "AdmissionReview": "AdmissionReview", "admission.k8s.io/v1": "admission.k8s.io/v1",
	"networking.k8s.io": "networking.k8s.io", "v1": "v1", "Ingress": "Ingress", "Service": "Service",
	"CREATE": "CREATE", "UPDATE": "UPDATE", "ClusterIP": "ClusterIP", "None": "None",
}

func (d *decoder) optionalString(out **string) error {
	*out = nil
	if d.next() == 'n' {
		return d.skip()
	}
	*out = new(string)
	return d.string(*out)
}

// stringMap reads an object of strings. It sets the members whose names are
// wanted, but no more than policy.MaxKeys, and calls other for the rest, which must
// consume the value. A map takes several times the memory of its text.
func (d *decoder) stringMap(out *map[string]string, wanted func(name []byte) bool, other func(name []byte) error) error {
	*out = nil
	return d.object(func(name []byte) error {
		if !wanted(name) {
			return other(name)
		}
		if len(*out) >= policy.MaxKeys {
			_, err := d.stringToken()
			return err
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
		return d.null("a boolean")
	}
	return d.skip()
}

func (d *decoder) integer(out *int64) error {
	*out = 0
	if c := d.next(); c != '-' && (c < '0' || c > '9') {
		return d.null("a number")
	}
	number, err := d.number()
	if err != nil {
		return err
	}
	if *out, err = strconv.ParseInt(string(number), 10, 64); err != nil {
		return wrongType("an integer")
	}
	return nil
}

// raw consumes a value and keeps its text, which aliases the document. A null has
// none.
func (d *decoder) raw(out *jsontext.Value) error {
	*out = nil
	isNull := d.next() == 'n'
	start := d.at
	err := d.skip()
	if !isNull {
		*out = d.document[start:d.at]
	}
	return err
}

// null consumes a null. Any other value is an error that names the wanted type.
func (d *decoder) null(wanted string) error {
	isNull := d.next() == 'n'
	if err := d.skip(); err != nil || isNull {
		return err
	}
	return wrongType(wanted)
}

// unescaped returns the string without its escapes.
func (q quoted) unescaped() []byte {
	if q.shortening == 0 {
		return q.inside
	}
	// The scanner has validated it, so there is no error.
	text, _ := jsontext.AppendUnquote(make([]byte, 0, len(q.inside)), `"`+string(q.inside)+`"`)
	return text
}

// fault is an error at a position in the document.
type fault struct {
	// pointer is the JSON pointer of the position (RFC 6901).
	pointer string
	error
}

func (f fault) Error() string { return "at " + f.pointer + ": " + f.error.Error() }
func (f fault) Unwrap() error { return f.error }

// within prefixes the position of an error with a member's name or an element's
// index.
func within(name string, err error) error {
	pointer := "/" + escapePointer.Replace(name)
	if inner, ok := err.(fault); ok { //nolint:errorlint // Between here and its origin nothing wraps it.
		return fault{pointer + inner.pointer, inner.error}
	}
	return fault{pointer, err}
}

// escapePointer escapes a name in a JSON pointer (RFC 6901, section 3).
var escapePointer = strings.NewReplacer("~", "~0", "/", "~1")

func wrongType(wanted string) error { return errors.New("must be " + wanted) }
