package webhook

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/holdfast-dev/holdfast/policy"
)

// review is what Holdfast reads of an AdmissionReview: a few names, and what
// matters of the object. All else is skipped, however large it is.
type review struct {
	apiVersion, kind string

	// hasRequest tells a review from any other document.
	hasRequest  bool
	uid         string
	operation   string
	group       string
	version     string
	objectKind  policy.Kind
	subResource string
	namespace   string
	name        string
	dryRun      bool
	object      *reviewed
	old         *reviewed
}

// reviewed is an object of a review. Beside what the engine reads it knows what
// a patch has to find there.
type reviewed struct {
	policy.Object
	// annotated says that metadata.annotations is there.
	annotated bool
	// affinityConfigured says that spec.sessionAffinityConfig is there.
	affinityConfigured bool
}

// readReview reads the bytes of a review in one pass. Of a name that is there
// twice the last one counts, as it does for the API server; names are
// case-sensitive, as they are there. Its errors tell where in the document
// something is of the wrong type.
func readReview(body []byte) (*review, error) {
	d := decoder{jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))}
	var r review
	err := d.object(func(name string) error {
		switch name {
		case "apiVersion":
			return d.text(&r.apiVersion)
		case "kind":
			return d.text(&r.kind)
		case "request":
			return d.request(&r)
		}
		return d.SkipValue()
	})
	if err != nil {
		return nil, err
	}
	for _, o := range []*reviewed{r.object, r.old} {
		if o != nil {
			o.Kind, o.Namespace = r.objectKind, r.namespace
		}
	}
	return &r, nil
}

func (d decoder) request(r *review) error {
	r.hasRequest = d.PeekKind() == '{'
	return d.object(func(name string) error {
		switch name {
		case "uid":
			return d.text(&r.uid)
		case "operation":
			return d.text(&r.operation)
		case "kind":
			return d.groupVersionKind(r)
		case "subResource":
			return d.text(&r.subResource)
		case "namespace":
			return d.text(&r.namespace)
		case "name":
			return d.text(&r.name)
		case "dryRun":
			return d.boolean(&r.dryRun)
		case "object":
			return d.reviewed(&r.object)
		case "oldObject":
			return d.reviewed(&r.old)
		}
		return d.SkipValue()
	})
}

func (d decoder) groupVersionKind(r *review) error {
	return d.object(func(name string) error {
		switch name {
		case "group":
			return d.text(&r.group)
		case "version":
			return d.text(&r.version)
		case "kind":
			return d.text((*string)(&r.objectKind))
		}
		return d.SkipValue()
	})
}

func (d decoder) reviewed(out **reviewed) error {
	*out = nil
	if d.PeekKind() == 'n' {
		return d.SkipValue()
	}
	o := new(reviewed)
	*out = o
	return d.object(func(name string) error {
		switch name {
		case "metadata":
			return d.metadata(o)
		case "spec":
			return d.spec(o)
		}
		return d.SkipValue()
	})
}

func (d decoder) metadata(o *reviewed) error {
	return d.object(func(name string) error {
		switch name {
		case "name":
			return d.text(&o.Name)
		case "labels":
			return d.texts(&o.Labels)
		case "annotations":
			err := d.texts(&o.Annotations)
			o.annotated = o.Annotations != nil
			return err
		case "deletionTimestamp":
			o.Deleting = d.PeekKind() != 'n'
		}
		return d.SkipValue()
	})
}

// spec reads the fields of an Ingress and of a Service: no name means one thing
// in one and another in the other.
func (d decoder) spec(o *reviewed) error {
	return d.object(func(name string) error {
		switch name {
		case "ingressClassName":
			return d.optionalText(&o.ClassName)
		case "type":
			return d.text(&o.Type)
		case "clusterIP":
			var address string
			err := d.text(&address)
			o.Headless = address == "None"
			return err
		case "loadBalancerClass":
			return d.text(&o.LoadBalancerClass)
		case "sessionAffinity":
			return d.affinity(o)
		case "sessionAffinityConfig":
			o.affinityConfigured = d.PeekKind() != 'n'
			return d.affinityConfig(o)
		}
		return d.SkipValue()
	})
}

// affinity reads None as nothing: the API server writes it out for everybody
// who said nothing.
func (d decoder) affinity(o *reviewed) error {
	err := d.text(&o.Affinity.Type)
	if o.Affinity.Type == policy.AffinityNone {
		o.Affinity.Type = ""
	}
	return err
}

func (d decoder) affinityConfig(o *reviewed) error {
	return d.object(func(name string) error {
		if name != "clientIP" {
			return d.SkipValue()
		}
		return d.object(func(name string) error {
			if name != "timeoutSeconds" {
				return d.SkipValue()
			}
			return d.integer(&o.Affinity.Seconds)
		})
	})
}

// decoder reads typed values from a stream of tokens. Null reads as nothing
// everywhere.
type decoder struct{ *jsontext.Decoder }

// object goes through an object's members; each has to consume its value.
func (d decoder) object(member func(name string) error) error {
	if d.PeekKind() == 'n' {
		return d.SkipValue()
	}
	if err := d.open('{', "an object"); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		if err := member(name.String()); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

func (d decoder) text(out *string) error {
	*out = ""
	if d.PeekKind() == 'n' {
		return d.SkipValue()
	}
	token, err := d.token('"', "a text")
	if err == nil {
		*out = token.String()
	}
	return err
}

func (d decoder) optionalText(out **string) error {
	*out = nil
	if d.PeekKind() == 'n' {
		return d.SkipValue()
	}
	*out = new(string)
	return d.text(*out)
}

func (d decoder) texts(out *map[string]string) error {
	*out = nil
	if d.PeekKind() == 'n' {
		return d.SkipValue()
	}
	*out = make(map[string]string)
	return d.object(func(name string) error {
		var text string
		err := d.text(&text)
		(*out)[name] = text
		return err
	})
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
