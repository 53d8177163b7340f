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

// tooLarge returns the finding about changes that would make the API server or etcd
// refuse the object; false if they don't. Their errors would name only the total size,
// not what Holdfast added. An object that the changes don't make larger is stored as it
// would be without them.
func tooLarge(now *Object, changes []Change) (Finding, bool) {
	annotations, added := now.OtherAnnotations, 0
	for key, value := range now.Annotations {
		annotations += len(key) + len(value)
	}
	grown := annotations
	for i := range changes {
		growth := changes[i].growth()
		added += growth
		if changes[i].Target.IsAnnotation() {
			grown += growth
		}
	}
	switch stored := now.Size + added; {
	case grown > annotations && grown > maxAnnotations:
		return tooLargeFinding(msgAnnotationsTooLong, grown, maxAnnotations), true
	case added > 0 && stored > maxStored-keptFree:
		return tooLargeFinding(msgObjectTooLarge, stored, maxStored), true
	default:
		return Finding{}, false
	}
}

func tooLargeFinding(message Message, size, limit int) Finding {
	return Finding{
		Rule: RuleAnnotationsTooLarge, Actor: Author, Message: message, Target: FieldTarget(AnnotationsPointer),
		Found: strconv.Itoa(size), Wanted: strconv.Itoa(limit),
	}
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
