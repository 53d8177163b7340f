package webhook

import (
	"bytes"

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

// readReview reads the bytes of a review in one pass, as the API server's own decoder
// would (sigs.k8s.io/json): names are case-sensitive, and null is nothing. Three
// rules are its own, of which no API server makes use:
//   - of a name that is there twice the last one counts, where the other decoder
//     mixes the two;
//   - what isn't UTF-8, or half of a surrogate pair, is refused, where the other
//     one puts U+FFFD in its place;
//   - what isn't read is of any type.
//
// Its errors tell where in the document something is of the wrong type.
func readReview(body []byte) (*review, error) {
	d := decoder{scanner{document: body}}
	read := new(review)
	err := d.object(func(name []byte) error {
		switch string(name) {
		case "apiVersion":
			return d.text(&read.apiVersion)
		case "kind":
			return d.text(&read.kind)
		case "request":
			return d.request(read)
		}
		return d.skip()
	})
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return nil, err
	}
	for _, o := range []*reviewed{read.object, read.old} {
		if o != nil {
			o.Kind, o.Namespace = read.objectKind, read.namespace
		}
	}
	return read, nil
}

func (d *decoder) request(r *review) error {
	*r = review{apiVersion: r.apiVersion, kind: r.kind}
	r.hasRequest = d.next() == '{'
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
			return d.reviewed(&r.object, true)
		case "oldObject":
			return d.reviewed(&r.old, false)
		}
		return d.skip()
	})
}

func (d *decoder) groupVersionKind(r *review) error {
	r.group, r.version, r.objectKind = "", "", ""
	return d.object(func(name []byte) error {
		switch string(name) {
		case "group":
			return d.text(&r.group)
		case "version":
			return d.text(&r.version)
		case "kind":
			return d.text((*string)(&r.objectKind))
		}
		return d.skip()
	})
}

// reviewed reads an object, of which the spec doesn't always matter.
func (d *decoder) reviewed(out **reviewed, whole bool) error {
	*out = nil
	if d.next() == 'n' {
		return d.skip()
	}
	o := new(reviewed)
	*out = o
	return d.object(func(name []byte) error {
		switch {
		case string(name) == "metadata":
			return d.metadata(o)
		case string(name) == "spec" && whole:
			return d.spec(o)
		}
		return d.skip()
	})
}

// isOwn tells whether a label is Holdfast's: no other is read.
func isOwn(name []byte) bool { return bytes.HasPrefix(name, []byte(policy.Prefix)) }

// isRead tells whether anybody reads an annotation. The one that kubectl keeps a
// copy of the object in, as large as the object, nobody does.
func isRead(name []byte) bool {
	return string(name) != "kubectl.kubernetes.io/last-applied-configuration"
}

func (d *decoder) metadata(o *reviewed) error {
	o.Name, o.Labels, o.Deleting = "", nil, false
	o.Annotations, o.annotated, o.OtherAnnotations = nil, false, 0
	return d.object(func(name []byte) error {
		switch string(name) {
		case "name":
			return d.text(&o.Name)
		case "labels":
			return d.texts(&o.Labels, isOwn, func([]byte) error {
				_, err := d.length()
				return err
			})
		case "annotations":
			o.annotated, o.OtherAnnotations = d.next() == '{', 0
			return d.texts(&o.Annotations, isRead, func(name []byte) error {
				o.OtherAnnotations = len(name)
				text, err := d.length()
				o.OtherAnnotations += text
				return err
			})
		case "deletionTimestamp":
			o.Deleting = d.next() != 'n'
		}
		return d.skip()
	})
}

// spec reads the fields of an Ingress and of a Service: no name means one thing
// in one and another in the other.
func (d *decoder) spec(o *reviewed) error {
	o.ClassName, o.TLS = nil, false
	o.Type, o.Headless, o.LoadBalancerClass = "", false, ""
	o.Affinity, o.affinityConfigured = policy.Affinity{}, false
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
		return d.skip()
	})
	o.Backends, o.Paths = to.lists()
	return err
}
