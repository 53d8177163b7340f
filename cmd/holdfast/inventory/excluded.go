package inventory

import "slices"

// ExcludedNamespaces are the Namespaces that the webhook's registration excludes whatever
// their labels are. It also excludes Holdfast's own Namespace and those in the chart's
// values, which manifests don't show. Nothing writes to it.
var ExcludedNamespaces = [...]string{"cert-manager", "kube-system"}

// IsExcluded reports whether the webhook is never called for a Namespace.
func IsExcluded(namespace string) bool { return slices.Contains(ExcludedNamespaces[:], namespace) }
