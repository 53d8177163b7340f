package main

import (
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
)

// description is what describe shows of one object. Its JSON has a field for each of these;
// lists without an element are left out.
type description struct {
	Object audit.Object `json:"object"`
	// File is where the object stands, as FILE:LINE:COLUMN; empty for one of a cluster.
	File string `json:"file,omitempty"`
	// Summary answers what most readers ask, in a few sentences.
	Summary    []string            `json:"summary"`
	Decision   describedDecision   `json:"decision"`
	Settings   []describedSetting  `json:"settings,omitempty"`
	Timers     []describedTimer    `json:"timers,omitempty"`
	Stickiness describedStickiness `json:"stickiness"`
	NextWrite  describedWrite      `json:"nextWrite"`
	Findings   []describedFinding  `json:"findings,omitempty"`
	Commands   []describedCommand  `json:"commands,omitempty"`
	NotKnown   []string            `json:"notKnown,omitempty"`
}

// describedDecision is what decides whether Holdfast changes the object, and how.
type describedDecision struct {
	// Namespace is the object's, and Mode the value of its label holdfast.dev/policy; empty for
	// none, or if it isn't known.
	Namespace string `json:"namespace,omitempty"`
	Mode      string `json:"mode,omitempty"`
	// Changes says that the next write makes the changes of nextWrite. LeftAlone says that those
	// only remove what Holdfast added before: because of OptedOut, the object's label
	// holdfast.dev/policy: ignore, or because no controller is known.
	Changes   bool `json:"changes"`
	LeftAlone bool `json:"leftAlone"`
	OptedOut  bool `json:"optedOut"`
	// Because is why.
	Because string `json:"because"`
	// Policy is where the policy comes from: a file, a ConfigMap, or the built-in one.
	Policy string `json:"policy"`
	// Class is an Ingress's; empty for none. ClassFrom is what names it.
	Class     string `json:"class,omitempty"`
	ClassFrom string `json:"classFrom,omitempty"`
	// Controllers are those that serve an Ingress, or that may serve a Service.
	Controllers []describedController `json:"controllers,omitempty"`
}

// describedController is an ingress controller.
type describedController struct {
	// Dialect is its name in the policy, Title its full name.
	Dialect string `json:"dialect"`
	Title   string `json:"title"`
	// From is how Holdfast knows that it serves the object.
	From string `json:"from"`
	// Options are what the policy declares of its installation.
	Options map[string]string `json:"options,omitempty"`
}

// describedSetting is a setting that the object has, or that the next write adds.
type describedSetting struct {
	Setting string `json:"setting"`
	// Key is the annotation, or the field's path. Element is the part of the annotation, if
	// that holds several settings.
	Key     string `json:"key"`
	Element string `json:"element,omitempty"`
	// Now is the text that is there; null for nothing. Value is the one with the changes.
	Now   *string `json:"now"`
	Value string  `json:"value"`
	// Means is what the controller makes of Value, if that isn't the same.
	Means string `json:"means,omitempty"`
	// WrittenBy is who wrote Now: "user" or "holdfast"; empty if it isn't there.
	WrittenBy string `json:"writtenBy,omitempty"`
	// Wanted is who asks for the value.
	Wanted describedOrigin `json:"wanted"`
	// Overrides are the values that it takes precedence over, the strongest first.
	Overrides []describedOrigin `json:"overrides,omitempty"`
	// Adjusted are sentences about why Value isn't what was asked for.
	Adjusted []string `json:"adjusted,omitempty"`
}

// describedOrigin is who asks for a value.
type describedOrigin struct {
	// Source is user, object, service, foreign, namespace, policy or holdfast; empty for
	// stickiness that stays because not all Services could be read.
	Source policy.Source `json:"source"`
	// Key is the annotation, the label or the policy's field, Value its text.
	Key   string `json:"key,omitempty"`
	Value string `json:"value,omitempty"`
	// Sentence says the same.
	Sentence string `json:"sentence"`
}

// describedTimer is a timer on the way from the client to the pod that closes a WebSocket.
type describedTimer struct {
	// Place is "load balancer", "controller" or "pod"; the timers are in this order.
	Place string `json:"place"`
	// Owner is what has the timer.
	Owner string `json:"owner"`
	// Key is what sets it, On the object with the key if that is another one.
	Key string `json:"key,omitempty"`
	On  string `json:"on,omitempty"`
	// Known says whether the timer is known. NowSeconds is null if it isn't, or if it closes
	// nothing, and AfterSeconds is what the changes make of it.
	Known        bool   `json:"known"`
	NowSeconds   *int64 `json:"nowSeconds"`
	AfterSeconds *int64 `json:"afterSeconds"`
	// Default says that nobody has set it.
	Default bool `json:"default"`
	// Shortest says that no other known timer closes an idle WebSocket earlier.
	Shortest bool `json:"shortest"`
	// OnReload says that it begins with a reload of the controller, and not when a WebSocket
	// becomes idle.
	OnReload bool `json:"onReload"`
	// Sentence says more about it; empty for nothing.
	Sentence string `json:"sentence,omitempty"`

	// of is the object whose annotations set it; empty for another one.
	of string
}

// describedStickiness is what keeps each client on one pod.
type describedStickiness struct {
	// Wanted says whether somebody asks for it, and By who asks for it or against it; null for
	// nobody.
	Wanted bool             `json:"wanted"`
	By     *describedOrigin `json:"by"`
	// Services are the sticky Services of an Ingress.
	Services []string `json:"services,omitempty"`
	// RestsOn is what keeps clients on a pod once the changes are made, and InPlace says that
	// it does so already.
	RestsOn []string `json:"restsOn,omitempty"`
	InPlace bool     `json:"inPlace"`
	// Ends is what it doesn't hold across.
	Ends []string `json:"ends,omitempty"`
}

// describedWrite is what the next write of the object changes.
type describedWrite struct {
	// Refused says that the object would be refused as it is.
	Refused bool `json:"refused"`
	// Changes are made if the decision says so.
	Changes []describedChange `json:"changes,omitempty"`
}

// describedChange is one change, without that of Holdfast's record.
type describedChange struct {
	// Key is the annotation, or the field's path.
	Key string `json:"key"`
	// Now and Then are the values before and after; null for nothing.
	Now  *string `json:"now"`
	Then *string `json:"then"`
}

// describedFinding is something that isn't as it should be.
type describedFinding struct {
	Rule     policy.Rule     `json:"rule"`
	Severity policy.Severity `json:"severity"`
	// Actor is who has to act: author or admin.
	Actor   policy.Actor `json:"actor"`
	Message string       `json:"message"`
	// Command ends the finding; empty if no single command does.
	Command string `json:"command,omitempty"`
}

// describedCommand is a command that changes what Holdfast does with the object.
type describedCommand struct {
	// To is what it is for.
	To      string `json:"to"`
	Command string `json:"command"`
}
