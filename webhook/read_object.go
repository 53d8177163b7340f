package webhook

import (
	"errors"
	"fmt"

	"github.com/holdfast-dev/holdfast/policy"
)

// ReadObject reads an object as the API server stores it, in JSON, as the webhook reads
// it in a review. The kind is that of the object. Its Ownership has parts of the text.
func ReadObject(text []byte, kind policy.Kind) (*policy.Object, error) {
	for i := range servedKinds {
		if k := &servedKinds[i]; k.kind == kind {
			return k.readObject(text)
		}
	}
	return nil, fmt.Errorf("there are no webhooks for the kind %s", kind)
}

func (k *servedKind) readObject(text []byte) (*policy.Object, error) {
	d := decoder{scanner{document: text}}
	var o *reviewed
	err := d.reviewed(&o, k.readSpec)
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return nil, err
	}
	if o == nil {
		return nil, errors.New("must be an object")
	}
	// A copy, which doesn't keep the text.
	object := o.Object
	object.Kind, object.Namespace = k.kind, string(o.namespace)
	return &object, nil
}
