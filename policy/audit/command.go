package audit

import (
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// command returns the command that ends a finding of the engine; empty if no single one
// does. In manifests that is holdfast fix. In a cluster it is what the fix says, or a
// write that changes nothing, at which Holdfast makes its changes.
func (v *view) command(f *Finding) string {
	switch {
	case f.Fix == (policy.Fix{}) || f.Fix.Withdraws || f.Fix.OnServices:
		return ""
	case !v.Live:
		return fixFile(f.Position.File)
	case f.Rule.EndsAtNextWrite():
		if v.mode(f.Object.Namespace) == policy.Enforce {
			return patch(f.Object, "{}")
		}
		return ""
	default:
		return FixCommand(f.Object, f.Fix)
	}
}

// fixFile returns the command that writes fixes into a file; empty for standard input.
func fixFile(file string) string {
	if file == "" || file == manifest.StandardInput {
		return ""
	}
	return "holdfast fix --yes -f " + ShellWord(file)
}

// FixCommand returns the command of kubectl that makes a fix in a cluster; empty if no
// simple one does.
func FixCommand(o Object, f policy.Fix) string {
	if f == (policy.Fix{}) || f.Moves || f.Target.Element != "" {
		return ""
	}
	verb := ""
	switch f.Target.Whole() {
	case policy.AnnotationTarget(f.Target.Name):
		verb = "annotate"
	case policy.LabelTarget(f.Target.Name):
		verb = "label"
	default:
		return ""
	}
	if f.Remove {
		return Kubectl(o, verb, f.Target.Name+"-")
	}
	return Kubectl(o, verb+Overwrite, f.Target.Name+"="+ShellWord(f.Value))
}

// Overwrite is the flag that lets kubectl annotate and kubectl label replace a value.
const Overwrite = " --overwrite"

// Kubectl returns a command of kubectl about an object.
func Kubectl(o Object, verb, argument string) string {
	return "kubectl " + verb + " " + resourceOf(o) + inNamespace(o) + " " + argument
}

// ShellWord returns a text as one word of a shell's command.
func ShellWord(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,"
	if text != "" && strings.Trim(text, plain) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// resourceOf returns an object as kubectl's commands name it.
func resourceOf(o Object) string { return strings.ToLower(o.Kind) + "/" + o.Name }

// patch returns the command that merges JSON into an object.
func patch(o Object, json string) string {
	return Kubectl(o, "patch", "--type=merge -p "+ShellWord(json))
}

// inNamespace returns kubectl's flag for an object's Namespace; empty for an object of the
// whole cluster.
func inNamespace(o Object) string {
	if o.Namespace == "" {
		return ""
	}
	return " -n " + o.Namespace
}
