package webhook

import (
	"bytes"
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
)

// review is the part of an AdmissionReview that Holdfast reads: a few names and
// the relevant fields of the object. Everything else is skipped.
type review struct {
	apiVersion, kind string

	// hasRequest is set if the document has a request.
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

// objectName returns the object's name, or what the API server will derive it from.
func (r *review) objectName() string {
	if r.name == "" && r.object != nil {
		return r.object.GenerateName
	}
	return r.name
}

// reviewed is an object of a review, with what a patch needs to know about it
// beside the fields that the engine reads.
type reviewed struct {
	policy.Object
	// missing are the JSON pointers of members that a patch may set, or add members
	// to, and that the object doesn't have.
	missing []string
	// namespace is the object's own, which aliases the document. A review has it beside
	// the object, too.
	namespace []byte
}

// recordPresence records whether the object has a member. The last call for a
// member counts, as does the last of several members with the same name.
func (o *reviewed) recordPresence(pointer string, present bool) {
	o.missing = slices.DeleteFunc(o.missing, func(m string) bool {
		return m == pointer || !present && policy.IsWithin(m, pointer)
	})
	if !present {
		o.missing = append(o.missing, pointer)
	}
}

// lacks reports whether the object has no member at the pointer, according to what
// was recorded.
func (o *reviewed) lacks(pointer string) bool {
	return slices.ContainsFunc(o.missing, func(m string) bool { return policy.IsWithin(pointer, m) })
}

// readReview decodes a review in one pass, as the API server's decoder
// (sigs.k8s.io/json) does: names are case-sensitive, and null is the zero value.
// It deliberately differs in three ways, none of which matters for a review from
// an API server:
//   - the last of several members with the same name counts, where the other
//     decoder merges them;
//   - invalid UTF-8 and an unpaired surrogate are errors, where the other decoder
//     replaces them with U+FFFD;
//   - a skipped value may have any type.
//
// It reads the object's spec as that of the kind k, which the handler knows from
// its path; the review's own kind may come behind the object. Its errors contain
// the JSON pointer of a value of the wrong type.
func readReview(body []byte, k *servedKind) (read review, err error) {
	d := decoder{scanner{document: body}}
	err = d.review(&read, k)
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return review{}, err
	}
	for _, o := range []*reviewed{read.object, read.old} {
		if o != nil {
			o.Kind, o.Namespace = k.kind, read.namespace
		}
	}
	return read, nil
}

// readHead decodes the first bytes of a review. What comes behind them is missing.
func readHead(head []byte, k *servedKind) (read review) {
	d := decoder{scanner{document: head}}
	// It ends before the review does, which is always an error.
	_ = d.review(&read, k)
	return read
}

func (d *decoder) review(r *review, k *servedKind) error {
	return d.object(func(name []byte) error {
		switch string(name) {
		case "apiVersion":
			return d.shortString(&r.apiVersion)
		case "kind":
			return d.shortString(&r.kind)
		case "request":
			return d.request(r, k)
		}
		return d.skip()
	})
}

func (d *decoder) request(r *review, k *servedKind) error {
	*r = review{apiVersion: r.apiVersion, kind: r.kind}
	r.hasRequest = d.next() == '{'
	return d.object(func(name []byte) error {
		switch string(name) {
		case "uid":
			return d.string(&r.uid)
		case "operation":
			return d.shortString(&r.operation)
		case "kind":
			return d.groupVersionKind(r)
		case "subResource":
			return d.shortString(&r.subResource)
		case "namespace":
			return d.shortString(&r.namespace)
		case "name":
			return d.shortString(&r.name)
		case "dryRun":
			return d.boolean(&r.dryRun)
		case "object":
			return d.reviewed(&r.object, k.readSpec)
		case "oldObject":
			return d.reviewed(&r.old, k.readOldSpec)
		}
		return d.skip()
	})
}

func (d *decoder) groupVersionKind(r *review) error {
	r.group, r.version, r.objectKind = "", "", ""
	return d.object(func(name []byte) error {
		switch string(name) {
		case "group":
			return d.shortString(&r.group)
		case "version":
			return d.shortString(&r.version)
		case "kind":
			return d.shortString((*string)(&r.objectKind))
		}
		return d.skip()
	})
}

// reviewed reads an object. It skips the spec if readSpec is nil.
func (d *decoder) reviewed(out **reviewed, readSpec func(*decoder, *reviewed) error) error {
	*out = nil
	if d.next() == 'n' {
		return d.skip()
	}
	o := new(reviewed)
	*out = o
	start, shortening := d.at, d.shortening
	var hasMetadata, hasSpec, specRead bool
	err := d.object(func(name []byte) error {
		switch {
		case string(name) == "metadata":
			hasMetadata = d.next() == '{'
			return d.metadata(o)
		case string(name) == "spec" && readSpec != nil:
			hasSpec, specRead = d.next() == '{', true
			return readSpec(d, o)
		}
		return d.skip()
	})
	o.Size = d.at - start - (d.shortening - shortening)
	if err == nil && readSpec != nil && !specRead {
		// A missing spec has the same fields as one that is null.
		err = readSpec(&decoder{scanner{document: []byte("null")}}, o)
	}
	o.recordPresence("/metadata", hasMetadata)
	o.recordPresence("/spec", hasSpec)
	return err
}

// isHoldfastLabel reports whether a label is one of Holdfast's. Others aren't read.
func isHoldfastLabel(name []byte) bool { return bytes.HasPrefix(name, []byte(policy.Prefix)) }

// isRelevantAnnotation reports whether a rule may read an annotation. None reads
// kubectl's copy of the object, which is as large as the object, as an annotation.
func isRelevantAnnotation(name []byte) bool {
	return string(name) != policy.LastAppliedAnnotation
}

func (d *decoder) metadata(o *reviewed) error {
	o.Name, o.namespace, o.GenerateName, o.Labels, o.Deleting = "", nil, "", nil, false
	o.Annotations, o.OtherAnnotations, o.Ownership = nil, 0, policy.Ownership{}
	annotated := false
	err := d.object(func(name []byte) error {
		switch string(name) {
		case "name":
			return d.string(&o.Name)
		case "namespace":
			return d.bytes(&o.namespace)
		case "generateName":
			return d.string(&o.GenerateName)
		case "labels":
			return d.stringMap(&o.Labels, isHoldfastLabel, func([]byte) error {
				_, err := d.stringLength()
				return err
			})
		case "annotations":
			annotated, o.OtherAnnotations, o.Ownership.LastApplied = d.next() == '{', 0, nil
			return d.stringMap(&o.Annotations, isRelevantAnnotation, func(name []byte) error {
				o.OtherAnnotations = len(name)
				d.next()
				start := d.at
				text, err := d.stringLength()
				o.OtherAnnotations += text
				o.Ownership.LastApplied = d.document[start:d.at]
				return err
			})
		case "managedFields":
			return d.raw(&o.Ownership.ManagedFields)
		case "deletionTimestamp":
			o.Deleting = d.next() != 'n'
		}
		return d.skip()
	})
	o.recordPresence(policy.AnnotationsPointer, annotated)
	return err
}
