package oracle

// Holdfast's keys, as its users know them.
const (
	prefix           = "holdfast.dev/"
	policyLabel      = prefix + "policy"
	ignore           = "ignore"
	stickyLabel      = prefix + "sticky-session"
	stickyTimeout    = prefix + "sticky-session-timeout"
	recordAnnotation = prefix + "injected"
	// affinityPointer is how the record calls a Service's session affinity.
	affinityPointer = "/spec/sessionAffinity"
	// elementMark stands before an element's name in a key of the record.
	elementMark = "#"
	// listElement is the name of what was added to a list.
	listElement = "*"
)

// lastApplied is where kubectl apply keeps the manifest.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// timeoutKeys are Holdfast's annotations about timers, with the settings that each
// of them sets.
var timeoutKeys = map[string][]string{
	prefix + "idle-timeout":    {"read-timeout", "send-timeout"},
	prefix + "read-timeout":    {"read-timeout"},
	prefix + "send-timeout":    {"send-timeout"},
	prefix + "connect-timeout": {"connect-timeout"},
}
