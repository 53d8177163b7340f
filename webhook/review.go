package webhook

import (
	"bytes"

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
	err := d.object(func(name []byte) error {
		switch string(name) {
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
	return d.object(func(name []byte) error {
		switch string(name) {
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
	return d.object(func(name []byte) error {
		switch string(name) {
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
	return d.object(func(name []byte) error {
		switch string(name) {
		case "metadata":
			return d.metadata(o)
		case "spec":
			return d.spec(o)
		}
		return d.SkipValue()
	})
}

func (d decoder) metadata(o *reviewed) error {
	return d.object(func(name []byte) error {
		switch string(name) {
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
	var to routes
	err := d.object(func(name []byte) error {
		switch string(name) {
		case "ingressClassName":
			return d.optionalText(&o.ClassName)
		case "rules":
			return d.rules(&to)
		case "defaultBackend":
			return d.backend(&to.byDefault)
		case "tls":
			return d.filled(&o.TLS)
		case "type":
			return d.text(&o.Type)
		case "clusterIP":
			return d.clusterIP(o)
		case "loadBalancerClass":
			return d.text(&o.LoadBalancerClass)
		case "sessionAffinity":
			return d.affinity(o)
		case "sessionAffinityConfig":
			return d.affinityConfig(o)
		}
		return d.SkipValue()
	})
	o.Backends, o.Paths = to.lists()
	return err
}
