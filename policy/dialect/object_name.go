package dialect

import (
	"errors"
	"regexp"
)

// dnsName matches what Kubernetes accepts as most objects' names, and before the
// "/" of an annotation's key (RFC 1123).
var dnsName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)

// objectName is the format of an annotation that names another object.
var objectName = Text{Pattern: dnsName, AnyEnables: true, Example: "holdfast"}

// checkObjectName returns an error for a text that can't be an object's name.
func checkObjectName(text string) error {
	if !dnsName.MatchString(text) {
		return errors.New(`must be an object's name: lower-case letters, digits, "-" and "."`)
	}
	return nil
}
