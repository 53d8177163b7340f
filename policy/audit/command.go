package audit

import "strings"

// resourceOf returns an object as kubectl's commands name it.
func resourceOf(o Object) string { return strings.ToLower(o.Kind) + "/" + o.Name }

// patch returns the command that merges JSON into an object.
func patch(o Object, json string) string {
	return "kubectl patch " + resourceOf(o) + inNamespace(o) + " --type=merge -p '" + json + "'"
}

// inNamespace returns kubectl's flag for an object's Namespace; empty for an object of the
// whole cluster.
func inNamespace(o Object) string {
	if o.Namespace == "" {
		return ""
	}
	return " -n " + o.Namespace
}
