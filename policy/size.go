package policy

import "strconv"

const (
	// maxAnnotations is the API server's limit for all annotations of an object, keys
	// and values together (apimachinery/pkg/api/validation.TotalAnnotationSizeLimitB).
	maxAnnotations = 256 * 1024

	// maxStored is etcd's limit for a request (embed.DefaultMaxRequestBytes), which the
	// API server doesn't check before: it is of the object in protobuf.
	maxStored = 1536 * 1024

	// keptFree is for what the API server adds after its webhooks (uid, addresses) and
	// for encryption at rest.
	keptFree = 16 * 1024
)

// tooLarge returns the finding about what would make the API server or etcd refuse the
// object because of Holdfast; false if nothing does. Their errors would name only the
// total size, not what Holdfast added.
func tooLarge(base *baseline, changes []Change) (Finding, bool) {
	now := annotationsSize(base.Now.Object)
	without := now
	if base.Object.Object != base.Now.Object {
		without = annotationsSize(base.Object.Object)
	}
	annotations, stored := now, base.Now.Size
	for i := range changes {
		growth := changes[i].growth()
		stored += growth
		if changes[i].Target.IsAnnotation() {
			annotations += growth
		}
	}
	switch {
	case annotations > without && annotations > maxAnnotations:
		return tooLargeFinding(msgAnnotationsTooLong, annotations, maxAnnotations), true
	case stored > base.Now.Size-(now-without) && stored > maxStored-keptFree:
		return tooLargeFinding(msgObjectTooLarge, stored, maxStored), true
	default:
		return Finding{}, false
	}
}

// annotationsSize returns how many bytes the annotations of an object have.
func annotationsSize(o *Object) int {
	size := o.OtherAnnotations
	for key, value := range o.Annotations {
		size += len(key) + len(value)
	}
	return size
}

func tooLargeFinding(message Message, size, limit int) Finding {
	return Finding{
		Rule: RuleAnnotationsTooLarge, Actor: Author, Message: message, Target: FieldTarget(AnnotationsPointer),
		Found: strconv.Itoa(size), Wanted: strconv.Itoa(limit),
	}
}

// ReviewTooLarge returns the finding about an object that can't be evaluated, because
// the request that contains it is larger than the limit. Sizes are in bytes.
func ReviewTooLarge(size, limit int64) Finding {
	return tooLargeFinding(msgReviewTooLarge, int(size), int(limit))
}

// growth returns by how many bytes a change makes the object larger.
func (c *Change) growth() int { return entrySize(c.Target, c.To) - entrySize(c.Target, c.From) }

// entrySize returns how many bytes a value takes with its key; none for no value.
func entrySize(t Target, value *string) int {
	if value == nil {
		return 0
	}
	return len(t.Name) + len(*value)
}
