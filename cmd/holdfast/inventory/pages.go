package inventory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// pageSize is how many objects are asked for at a time, as kubectl does.
const pageSize = 500

// The media types of objects, and of their metadata alone.
const (
	wholeObjects = "application/json"
	metadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
)

// pages reads lists page by page.
type pages struct {
	api rest.Interface
	// path is that of the list, and accept the media type that is asked for.
	path, accept string
	size         int
	// onPage is told how many objects the API server has in all, as far as it says so.
	onPage func(total int64)
}

// each calls a function with each object of the list. The text is only valid during the
// call. If the list's resource version expires meanwhile, the rest is read as it is by
// then.
func (p pages) each(ctx context.Context, do func(text []byte) error) error {
	var read int64
	for next := ""; ; {
		meta, err := p.page(ctx, next, func(text []byte) error {
			read++
			return do(text)
		})
		if later := inconsistent(err); later != "" {
			next = later
			continue
		}
		if err != nil {
			return err
		}
		total := read
		if meta.RemainingItemCount != nil {
			total += *meta.RemainingItemCount
		}
		p.onPage(total)
		if next = meta.Continue; next == "" {
			return nil
		}
	}
}

// inconsistent returns how to go on with a list whose resource version has expired;
// empty if an error is about something else.
func inconsistent(err error) string {
	var status apierrors.APIStatus
	if apierrors.IsResourceExpired(err) && errors.As(err, &status) {
		return status.Status().Continue
	}
	return ""
}

func (p pages) page(ctx context.Context, next string, do func([]byte) error) (meta metav1.ListMeta, err error) {
	request := p.api.Get().AbsPath(p.path).Param("limit", strconv.Itoa(p.size)).SetHeader("Accept", p.accept)
	if next != "" {
		request = request.Param("continue", next)
	}
	body, err := request.Stream(ctx)
	if err != nil {
		return meta, err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	return decodePage(body, do)
}

// decodePage calls a function with each item of a list, and returns the list's metadata.
// Of a page only one item is in memory at a time.
func decodePage(page io.Reader, do func([]byte) error) (meta metav1.ListMeta, err error) {
	d := jsontext.NewDecoder(page, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err := open(d, jsontext.KindBeginObject); err != nil {
		return meta, err
	}
	for d.PeekKind() != jsontext.KindEndObject {
		name, err := d.ReadToken()
		if err != nil {
			return meta, err
		}
		switch name.String() {
		case "items":
			err = items(d, do)
		case "metadata":
			err = value(d, &meta)
		default:
			err = d.SkipValue()
		}
		if err != nil {
			return meta, err
		}
	}
	_, err = d.ReadToken()
	return meta, err
}

func items(d *jsontext.Decoder, do func([]byte) error) error {
	if d.PeekKind() == jsontext.KindNull {
		return d.SkipValue()
	}
	if err := open(d, jsontext.KindBeginArray); err != nil {
		return err
	}
	for d.PeekKind() != jsontext.KindEndArray {
		item, err := d.ReadValue()
		if err != nil {
			return err
		}
		if err := do(item); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// open reads the beginning of an object or an array.
func open(d *jsontext.Decoder, wanted jsontext.Kind) error {
	token, err := d.ReadToken()
	if err == nil && token.Kind() != wanted {
		err = fmt.Errorf("the API server's answer isn't a list: it has %s where %s was expected", token.Kind(), wanted)
	}
	return err
}

func value(d *jsontext.Decoder, into any) error {
	text, err := d.ReadValue()
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
