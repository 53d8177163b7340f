package dialect

import (
	"slices"
	"strings"
)

// TLSAnnotation is an annotation with which an Ingress has TLS without spec.tls.
type TLSAnnotation struct {
	Key string
	// IsPrefix says that Key is only the beginning of the annotation's key.
	IsPrefix bool
	// Aliases are further keys with the same meaning.
	Aliases []string
	// Matches reports whether the annotation's text asks for TLS; nil: any but the empty
	// text does.
	Matches func(text string) bool
}

// HasTLS reports whether annotations ask a controller to end TLS or to pass it on.
func (i Installation) HasTLS(annotations map[string]string) bool {
	for _, a := range i.TLSAnnotations {
		if a.IsPrefix {
			for key, text := range annotations {
				if strings.HasPrefix(key, i.Key(a.Key)) && a.matches(text) {
					return true
				}
			}
			continue
		}
		matches := func(key string) bool { return a.matches(annotations[key]) }
		if matches(i.Key(a.Key)) || slices.ContainsFunc(a.Aliases, matches) {
			return true
		}
	}
	return false
}

func (a TLSAnnotation) matches(text string) bool {
	return text != "" && (a.Matches == nil || a.Matches(text))
}
