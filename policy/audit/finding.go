package audit

import (
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/duration"
	"github.com/holdfast-dev/holdfast/policy/manifest"
)

// Finding is one thing in a cluster, or in manifests, that isn't as the policy says.
type Finding struct {
	policy.Finding
	// Object is what it is about; one without a name for the cluster itself.
	Object Object
	// Position is where that stands in a file; zero for an object of a cluster.
	Position manifest.Position
	// ServedBy is the name of the dialect of the controller that serves the object; empty
	// if that isn't known.
	ServedBy string
	// Lifetime is how long idle WebSockets live; zero if the finding isn't about that.
	Lifetime Lifetime
	// Command is what ends the finding; empty if no single command does.
	Command string
	// Accepted is the acceptance that the object has for the rule; nil for none.
	Accepted *Acceptance
}

// Lifetime is how long an idle WebSocket lives, and how long the policy wants it to.
type Lifetime struct {
	// Now is zero if it isn't known, and dialect.Never if no timer closes it.
	Now, Wanted duration.Duration
}

// Acceptance says that a finding is accepted.
type Acceptance struct {
	// Reason is its author's; never empty.
	Reason string `json:"reason"`
	// Until is the last day on which it holds, as YYYY-MM-DD; empty for no end.
	Until string `json:"until,omitempty"`
}
