package policy

// IsInjected reports whether an annotation holds what Holdfast injected and nothing that
// the object's author wrote.
func IsInjected(o *Object, key string) bool {
	recorded, _, _ := parseRecord(o.Annotations[RecordAnnotation], parse(o))
	return recorded.includes(AnnotationTarget(key))
}
