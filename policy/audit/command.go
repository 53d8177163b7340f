package audit

import (
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// command returns the command that ends a finding of the engine about an object; empty if
// none does. In manifests that is holdfast fix. In a cluster it is what the fix says, or a
// write that changes nothing, at which Holdfast makes its changes.
func (v *view) command(o *policy.Object, f *Finding) string {
	switch {
	case f.Fix == (policy.Fix{}) || f.Fix.Withdraws || f.Fix.OnServices && !v.Live:
		return ""
	case !v.Live:
		return fixFile(f.Position.File)
	case f.Rule.EndsAtNextWrite():
		if v.mode(f.Object.Namespace) == policy.Enforce {
			return patch(f.Object, "{}")
		}
		return ""
	default:
		return FixCommand(o, f.Finding)
	}
}

// fixFile returns the command that writes fixes into a file; empty for standard input.
func fixFile(file string) string {
	if file == "" || file == manifest.StandardInput {
		return ""
	}
	return "holdfast fix --yes -f " + ShellWord(file)
}

// FixCommand returns the commands of kubectl that end a finding about an object in a cluster,
// as one line; empty if no simple ones do.
func FixCommand(o *policy.Object, f policy.Finding) string {
	verb := verbOf(f.Fix.Target)
	if verb == "" {
		return ""
	}
	here := ObjectOf(o)
	if f.Fix.Remove {
		return Kubectl(here, verb, ShellWord(f.Fix.Target.Name+"-"))
	}
	var all []string
	value := ShellWord(f.Fix.Target.Name) + "=" + ShellWord(f.Fix.Value)
	if f.Fix.OnServices {
		for _, service := range o.Backends {
			// A Service may have another value on purpose, so kubectl isn't told to replace it.
			all = append(all, Kubectl(Object{Kind: string(policy.Service), Namespace: o.Namespace, Name: service}, verb, value))
		}
	} else if !f.Fix.Moves || !o.Has(f.Fix.Target) {
		all = append(all, Kubectl(here, verb+Overwrite, value))
	}
	if f.Fix.Moves {
		all = append(all, Kubectl(here, verbOf(f.Target), ShellWord(f.Target.Name+"-")))
	}
	return strings.Join(all, " && ")
}

// verbOf returns the verb of kubectl that writes a target; empty if none does.
func verbOf(t policy.Target) string {
	switch {
	case t == policy.Target{}:
		return ""
	case t == policy.AnnotationTarget(t.Name):
		return "annotate"
	case t == policy.LabelTarget(t.Name):
		return "label"
	}
	return ""
}

// Overwrite is the flag that lets kubectl annotate and kubectl label replace a value.
const Overwrite = " --overwrite"

// Kubectl returns a command of kubectl about an object.
func Kubectl(o Object, verb, argument string) string {
	return "kubectl " + verb + " " + resourceOf(o) + inNamespace(o) + " " + argument
}

// resourceOf returns an object as kubectl's commands name it.
func resourceOf(o Object) string { return ShellWord(strings.ToLower(o.Kind) + "/" + o.Name) }

// ShellWord returns a text as one word of a shell's command. What manifests have as names may
// be anything.
func ShellWord(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,"
	if text != "" && strings.Trim(text, plain) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

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
	return " -n " + ShellWord(o.Namespace)
}
