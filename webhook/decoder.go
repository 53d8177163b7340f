package webhook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"

	"github.com/go-json-experiment/json/jsontext"
)

// decoder reads typed values from a stream of tokens. Null reads as nothing
// everywhere.
type decoder struct{ *jsontext.Decoder }

// object goes through an object's members. Each has to consume its value; the
// bytes of its name hold until then.
func (d decoder) object(member func(name []byte) error) error {
	if d.PeekKind() == 'n' {
		return d.SkipValue()
	}
	if err := d.open('{', "an object"); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.bytes()
		if err != nil {
			return err
		}
		if err := member(name); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// end makes sure that nothing comes after the document.
func (d decoder) end() error {
	switch _, err := d.ReadToken(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return errors.New("more than one document")
}

// list goes through a list's elements; each has to be consumed.
func (d decoder) list(element func() error) error {
	if d.PeekKind() == 'n' {
		return d.SkipValue()
	}
	if err := d.open('[', "a list"); err != nil {
		return err
	}
	for d.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// filled reads whether a list has any element.
func (d decoder) filled(out *bool) error {
	*out = false
	return d.list(func() error {
		*out = true
		return d.SkipValue()
	})
}

// bytes reads a text without a copy: they hold until the next thing is read.
func (d decoder) bytes() ([]byte, error) {
	value, err := d.ReadValue()
	if err != nil {
		return nil, err
	}
	switch value.Kind() {
	case 'n':
		return nil, nil
	case '"':
		return unquoted(value)
	default:
		return nil, d.wrongType("a text")
	}
}

// unquoted is what a JSON string says.
func unquoted(value jsontext.Value) ([]byte, error) {
	if bytes.IndexByte(value, '\\') < 0 {
		return value[1 : len(value)-1], nil
	}
	return jsontext.AppendUnquote(nil, value)
}

// copy reads a text into a buffer that is used again and again.
func (d decoder) copy(out *[]byte) error {
	text, err := d.bytes()
	*out = append((*out)[:0], text...)
	return err
}

func (d decoder) text(out *string) error {
	text, err := d.bytes()
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

func (d decoder) optionalText(out **string) error {
	*out = nil
	if d.PeekKind() == 'n' {
		return d.SkipValue()
	}
	*out = new(string)
	return d.text(*out)
}

// texts reads the members of an object of texts that somebody wants.
func (d decoder) texts(out *map[string]string, wanted func(name []byte) bool, other func(name []byte) error) error {
	*out = nil
	return d.object(func(name []byte) error {
		if !wanted(name) {
			return other(name)
		}
		key := string(name)
		text, err := d.bytes()
		if *out == nil {
			*out = make(map[string]string)
		}
		(*out)[key] = string(text)
		return err
	})
}

// length reads how many bytes a text has.
func (d decoder) length() (int, error) {
	value, err := d.ReadValue()
	if err != nil {
		return 0, err
	}
	switch value.Kind() {
	case 'n':
		return 0, nil
	case '"':
		return unquotedLength(value[1 : len(value)-1]), nil
	default:
		return 0, d.wrongType("a text")
	}
}

// unquotedLength is how many bytes the inside of a JSON string stands for.
func unquotedLength(inside []byte) int {
	length := len(inside)
	for {
		i := bytes.IndexByte(inside, '\\')
		switch {
		case i < 0:
			return length
		case inside[i+1] != 'u':
			length--
			inside = inside[i+2:]
		default:
			// A pair of surrogates is one rune, of four bytes.
			end := i + 6
			if utf16.IsSurrogate(rune(parseHex(inside[i+2 : i+6]))) {
				end += 6
			}
			unquoted, _ := jsontext.AppendUnquote(nil, `"`+string(inside[i:end])+`"`)
			length += len(unquoted) - (end - i)
			inside = inside[end:]
		}
	}
}

func parseHex(digits []byte) uint64 {
	n, _ := strconv.ParseUint(string(digits), 16, 32)
	return n
}

func (d decoder) boolean(out *bool) error {
	*out = d.PeekKind() == 't'
	if k := d.PeekKind(); k != 't' && k != 'f' && k != 'n' {
		return d.wrongType("a boolean")
	}
	return d.SkipValue()
}

func (d decoder) integer(out *int64) error {
	*out = 0
	if d.PeekKind() == 'n' {
		return d.SkipValue()
	}
	token, err := d.token('0', "a number")
	if err != nil {
		return err
	}
	if *out, err = token.Int(); err != nil {
		return d.wrongType("a whole number")
	}
	return nil
}

func (d decoder) open(kind jsontext.Kind, what string) error {
	_, err := d.token(kind, what)
	return err
}

// token reads the next token, which has to be of a kind.
func (d decoder) token(kind jsontext.Kind, what string) (jsontext.Token, error) {
	token, err := d.ReadToken()
	if err == nil && token.Kind() != kind {
		err = d.wrongType(what)
	}
	return token, err
}

var errWrongType = errors.New("wrong type")

func (d decoder) wrongType(what string) error {
	return fmt.Errorf("%w at %s: must be %s", errWrongType, d.StackPointer(), what)
}
