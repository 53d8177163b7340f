package policy

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy/strictyaml"
)

// Found is a policy that was found in a file.
type Found struct {
	// At is where the policy is in the file, such as "data[policy.yaml]"; empty if it is
	// the whole file.
	At string
	// Policy is nil if there are Faults. Their lines are those of the file.
	Policy *Policy
	Faults strictyaml.Faults
	// Digest is that of the policy file; empty for values of the chart, of which Helm
	// makes the policy file.
	Digest string
}

// policyFileKey is the key of the policy file in the chart's ConfigMap.
const policyFileKey = "policy.yaml"

// valuesKey is the key of the policy in the chart's values.
const valuesKey = "policy"

// Find reads the policies in a file as admins have it: a policy file, manifests with
// ConfigMaps that hold policy files, or values of the chart.
func Find(data []byte) []Found {
	roots, syntax := strictyaml.Parse(data)
	f := finder{lines: bytes.Split(data, []byte("\n"))}
	for _, root := range roots {
		f.find(root)
	}
	switch {
	case len(f.found) > 0 && len(syntax) > 0:
		return append([]Found{{Faults: syntax}}, f.found...)
	case len(f.found) > 0:
		return f.found
	case len(syntax) > 0 && !f.isPolicyFile:
		return []Found{{Faults: syntax}}
	case f.configMap != nil:
		return []Found{{Faults: strictyaml.Faults{{
			Line: f.configMap.Line, Column: f.configMap.Column,
			Message: fmt.Sprintf("no policy found: a ConfigMap has it under the key %s, or under one whose value has kind: %s", policyFileKey, FileKind),
		}}}}
	default:
		return []Found{readText(data, "")}
	}
}

// readText reads a policy file that is at a place of a file.
func readText(data []byte, at string) Found {
	found := Found{At: at, Digest: Digest(data)}
	found.Policy, found.Faults = readFile(data)
	return found
}

// finder looks for policies in the documents of a file.
type finder struct {
	lines [][]byte
	found []Found
	// isPolicyFile says that the file itself is a policy file.
	isPolicyFile bool
	// configMap is the last ConfigMap without a policy.
	configMap *yaml.Node
}

func (f *finder) find(root *yaml.Node) {
	kind := scalar(root, "kind")
	switch values := strictyaml.Member(root, valuesKey); {
	case kind == FileKind:
		f.isPolicyFile = true
	case kind == "ConfigMap":
		f.configMapData(root)
	case strings.HasSuffix(kind, "List"):
		if items := strictyaml.Member(root, "items"); items != nil {
			for _, item := range items.Content {
				f.find(item)
			}
		}
	case kind == "" && scalar(root, "apiVersion") == "" && values != nil && values.Kind == yaml.MappingNode:
		f.values(values)
	}
}

// configMapData reads the policies in a ConfigMap.
func (f *finder) configMapData(configMap *yaml.Node) {
	before := len(f.found)
	if data := strictyaml.Member(configMap, "data"); data != nil && data.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(data.Content); i += 2 {
			key, value := data.Content[i].Value, data.Content[i+1]
			if value.Kind == yaml.ScalarNode && (key == policyFileKey || isPolicy(value.Value)) {
				found := readText([]byte(value.Value), "data["+key+"]")
				for n, fault := range found.Faults {
					found.Faults[n] = f.inFile(value, found.At, fault)
				}
				f.found = append(f.found, found)
			}
		}
	}
	if len(f.found) == before {
		f.configMap = configMap
	}
}

// inFile returns a fault of a policy file that is a text of the file. In a literal
// block each line of the text is a line of the file; for any other text the fault is
// where the text begins, and names the text's line.
func (f *finder) inFile(text *yaml.Node, at string, fault strictyaml.Fault) strictyaml.Fault {
	lines := strings.Split(text.Value, "\n")
	line, here := text.Line+fault.Line, fault.Line-1
	if text.Style&yaml.LiteralStyle != 0 && line <= len(f.lines) && here < len(lines) {
		outer := bytes.TrimRight(f.lines[line-1], "\r")
		if indent, ok := bytes.CutSuffix(outer, []byte(lines[here])); ok {
			fault.Line, fault.Column = line, fault.Column+utf8.RuneCount(indent)
			if fault.Other > 0 {
				fault.Other += text.Line
			}
			return fault
		}
	}
	return strictyaml.Fault{
		Line: text.Line, Column: text.Column,
		Message: fmt.Sprintf("line %d of %s: %s", fault.Line, at, fault.Text()),
	}
}

// isPolicy reports whether a text is a policy file, valid or not.
func isPolicy(text string) bool {
	if !strings.Contains(text, FileKind) {
		return false
	}
	roots, _ := strictyaml.Parse([]byte(text))
	return len(roots) > 0 && scalar(roots[0], "kind") == FileKind
}

// values reads the policy in values of the chart. The chart's own values, which are the
// built-in policy, are below it.
func (f *finder) values(node *yaml.Node) {
	found := Found{At: valuesKey}
	p := Default()
	found.Policy, found.Faults = p.validated(strictyaml.DecodeNode(node, []string{valuesKey}, p))
	f.found = append(f.found, found)
}

// scalar returns the text of a scalar field; empty if there is none.
func scalar(mapping *yaml.Node, name string) string {
	if n := strictyaml.Member(mapping, name); n != nil && n.Kind == yaml.ScalarNode {
		return n.Value
	}
	return ""
}
