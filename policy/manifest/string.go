package manifest

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
	kyaml "sigs.k8s.io/yaml"
)

// isString reports whether a scalar is a string for kubectl. It reads YAML
// with go-yaml 2, which takes more plain scalars for booleans and numbers than
// YAML 1.2 does: off, y.
func isString(n *yaml.Node) bool {
	if n.Style&yaml.TaggedStyle != 0 {
		// Of the tags that it doesn't know it takes the text.
		return !slices.Contains(otherTags[:], n.ShortTag())
	}
	return n.Style&(quotedStyle|blockStyle) != 0 || isPlainString(n.Value)
}

// otherTags are the tags of scalars that aren't strings. A binary one is a string
// that is written in another way; it isn't supported.
var otherTags = [...]string{"!!int", "!!float", "!!bool", "!!null", "!!binary"}

// isPlainString reports whether kubectl reads a plain scalar as a string. A
// scalar of several lines always is one.
func isPlainString(text string) bool {
	if strings.Contains(text, "\n") || isName(text) {
		return true
	}
	json, err := kyaml.YAMLToJSON([]byte("x: " + text))
	return err == nil && strings.HasPrefix(string(json), `{"x":"`)
}

// integer returns the integer that the API server reads from a scalar: kubectl hands
// it the number of YAML 1.1 (0x3c, 60.0) as JSON.
func integer(n *yaml.Node) (value int64, ok bool) {
	if n.Kind != yaml.ScalarNode || isString(n) {
		return 0, false
	}
	json, err := kyaml.YAMLToJSON([]byte("x: " + n.Value))
	if err != nil {
		return 0, false
	}
	number := strings.TrimSuffix(strings.TrimPrefix(string(json), `{"x":`), "}")
	value, err = strconv.ParseInt(number, 10, 32)
	return value, err == nil
}

// isName reports whether every reader of YAML takes a plain scalar for a string
// because of its characters alone, as it does for most names, hosts and paths. It
// saves the parser of isPlainString.
func isName(text string) bool {
	return isIdentifier(text) && !slices.ContainsFunc(notStrings[:], func(s string) bool { return strings.EqualFold(s, text) })
}

// isIdentifier reports whether a text has only letters and slashes and, behind
// the first of them, digits, dots, dashes and underscores.
func isIdentifier(text string) bool {
	for i := range len(text) {
		if c := text[i]; !isLetter(c) && c != '/' && (i == 0 || !isDigit(c) && c != '.' && c != '-' && c != '_') {
			return false
		}
	}
	return text != ""
}

// notStrings are the plain scalars of YAML 1.1 that are booleans or null, in any
// case of their letters.
var notStrings = [...]string{"y", "yes", "n", "no", "on", "off", "true", "false", "null"}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
