package policy

import "slices"

// Rule is the stable name of a kind of finding, the same in outputs, metrics,
// audit annotations and docs.
type Rule string

// The rules.
const (
	RuleInvalidValue          Rule = "invalid-value"
	RuleHarmfulValue          Rule = "harmful-value"
	RuleUnreadableValue       Rule = "unreadable-value"
	RuleOutOfBounds           Rule = "out-of-bounds"
	RuleOverriddenValue       Rule = "overridden-value"
	RuleUnknownKey            Rule = "unknown-key"
	RuleUnknownAnnotation     Rule = "unknown-annotation"
	RuleMisplacedKey          Rule = "misplaced-key"
	RuleInvalidNamespaceValue Rule = "invalid-namespace-value"
	RuleUnknownController     Rule = "unknown-controller"
	RuleAmbiguousClass        Rule = "ambiguous-class"
	RuleUnverifiedController  Rule = "unverified-controller"
	RuleNoSessionAffinity     Rule = "no-session-affinity"
	RuleIgnoreNotHonored      Rule = "ignore-not-honored"
	RuleInvalidRecord         Rule = "invalid-record"
	RuleAnnotationsTooLarge   Rule = "annotations-too-large"
	RuleTooManyItems          Rule = "too-many-items"
	RuleWouldChange           Rule = "would-change"
	RuleReloadClosesSockets   Rule = "reload-closes-sockets"
	RuleNoAnnotation          Rule = "no-annotation"
	RuleNoEffect              Rule = "no-effect"
	RuleWrongKind             Rule = "wrong-kind"
	RuleForeignAnnotation     Rule = "foreign-annotation"
	RuleConflictingAnnotation Rule = "conflicting-annotation"
	RuleAboveControllerLimit  Rule = "above-controller-limit"
	RuleAppliesOnNextWrite    Rule = "applies-on-next-write"
	RuleStickinessScope       Rule = "stickiness-scope"
	RuleRemovalHasNoEffect    Rule = "removal-has-no-effect"
	RuleInjectionRemoved      Rule = "injection-removed"
	RuleInjectionRestored     Rule = "injection-restored"
	RuleDroppedTimeout        Rule = "dropped-timeout"
)

// RuleInfo describes a rule to its readers.
type RuleInfo struct {
	Name     Rule
	Severity Severity
	// Title says in half a line what was found.
	Title string
	// Text is a paragraph: what happens to a WebSocket and after how long, and what
	// to do.
	Text string
	// Example is a part of a manifest that raises the rule.
	Example string
	// Cluster says that the rule is about a cluster's own objects and parts, and never
	// about a single Ingress or Service.
	Cluster bool
	// Audit says that the rule is about what is stored, alone or beside other objects, and
	// that a single write never raises it.
	Audit bool
}

// Rules returns all rules in the order in which they are explained: those about
// the writes of objects, those that only an audit checks, then those about a cluster.
func Rules() []RuleInfo { return slices.Concat(rules[:], auditRules[:], clusterRules[:]) }

// Info returns the rule's entry in the table. A name that no rule has gets an
// empty one.
func (r Rule) Info() RuleInfo {
	for _, table := range [][]RuleInfo{rules[:], auditRules[:], clusterRules[:]} {
		for _, info := range table {
			if info.Name == r {
				return info
			}
		}
	}
	return RuleInfo{}
}

// rules is the table of the rules about objects. Nothing writes to it.
var rules = [...]RuleInfo{
	{
		Name: RuleInvalidValue, Severity: SeverityError,
		Title: "a value under holdfast.dev/ can't be read",
		Text: "A label or an annotation of Holdfast's has a value that it doesn't know, so what its author wants isn't known. " +
			"In an enforced namespace the write is refused; a value that the object held before only causes a warning, and the next weaker setting " +
			"(Namespace, then policy) is used. Write a duration (\"1h\", \"90m\", or \"3600\" for seconds), \"true\" or \"false\", or \"ignore\".",
		Example: "metadata:\n  annotations:\n    holdfast.dev/idle-timeout: soon",
	},
	{
		Name: RuleHarmfulValue, Severity: SeverityError,
		Title: "a controller's annotation has a value that harms other objects too",
		Text: "The controller puts the value into a configuration that it shares with every other host, and the proxy or the cloud refuses all of it. From then on no change " +
			"of any Ingress takes effect until the value is gone. In an enforced namespace the write is refused. Write a value as the sentence says.",
		Example: "metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/proxy-read-timeout: \"-1\"",
	},
	{
		Name: RuleUnreadableValue, Severity: SeverityWarning,
		Title: "a controller's annotation has a value that the controller can't read",
		Text: "The controller ignores the value, or does something else than it says; an idle WebSocket is then closed after the controller's default, usually 60 s. " +
			"Write the value that the sentence names. With corrections: apply in the policy Holdfast writes it, and the manifest should be changed too.",
		Example: "metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/proxy-read-timeout: 3600s",
	},
	{
		Name: RuleOutOfBounds, Severity: SeverityWarning,
		Title: "a value is outside of the policy's minimum and maximum",
		Text: "The cluster's policy limits how long timeouts and stickiness may be. A value under holdfast.dev/ is replaced by the nearest one that is allowed; " +
			"a controller's own annotation stays as it is, unless the policy says corrections: apply. Write a value within the limits, or ask an admin to widen them.",
		Example: "# policy: timeouts: {read: {maximum: 2h}, send: {maximum: 2h}}\nmetadata:\n  annotations:\n    holdfast.dev/idle-timeout: 9h",
	},
	{
		Name: RuleOverriddenValue, Severity: SeverityWarning,
		Title: "one setting on the object takes precedence over another one",
		Text: "Two annotations or fields of the object say different things about the same setting, and the stronger one is used: the controller's own annotation, " +
			"then Holdfast's, then those of other controllers. The socket lives as long as the stronger one says. Remove one of them.",
		Example: "metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/proxy-read-timeout: \"600\"\n    holdfast.dev/read-timeout: 2h",
	},
	{
		Name: RuleUnknownKey, Severity: SeverityWarning,
		Title: "a label or annotation under holdfast.dev/ is unknown",
		Text: "Nothing reads the key, so what it was meant to set isn't set: a WebSocket gets the timeouts of the Namespace or the policy. " +
			"The sentence names the nearest key that exists.",
		Example: "metadata:\n  annotations:\n    holdfast.dev/idle-timeuot: 1h",
	},
	{
		Name: RuleUnknownAnnotation, Severity: SeverityWarning,
		Title: "an annotation looks like the controller's, and the controller doesn't know it",
		Text: "Some controllers read what is under their prefix strictly: for one unknown key Traefik drops the Service's routes and Pomerium the Ingress's, " +
			"and then no WebSocket gets through. A mistyped annotation, one of a former release, or one that only guides know, is ignored, so what it was meant to set isn't set. " +
			"Write the key that the sentence names, or remove the annotation.",
		Example: "# served by Traefik\nkind: Service\nmetadata:\n  annotations:\n    traefik.ingress.kubernetes.io/service.sticky.cookie.max-age: \"3600\"",
	},
	{
		Name: RuleMisplacedKey, Severity: SeverityWarning,
		Title: "a key under holdfast.dev/ is in a place where nothing reads it",
		Text: "A label is written as an annotation or the other way round, or an annotation is on a kind of object that doesn't read it, so it has no effect. " +
			"Move it as the sentence says.",
		Example: "kind: Service\nmetadata:\n  annotations:\n    holdfast.dev/idle-timeout: 1h",
	},
	{
		Name: RuleInvalidNamespaceValue, Severity: SeverityWarning,
		Title: "a value under holdfast.dev/ on the Namespace can't be read",
		Text: "The author of an object can't fix the Namespace, so the write isn't refused and the policy's default is used instead. " +
			"The Namespace's owner should write a duration: \"1h\", \"90m\", or \"3600\" for seconds.",
		Example: "kind: Namespace\nmetadata:\n  annotations:\n    holdfast.dev/idle-timeout: forever",
	},
	{
		Name: RuleUnknownController, Severity: SeverityWarning,
		Title: "no controller is known for the Ingress",
		Text: "Without the controller Holdfast can't know which annotations to write, so it writes none, and an idle WebSocket lives as long as the controller's default. " +
			"Correct the class, or let an admin name its dialect in the policy: under controllers by the IngressClass's spec.controller, or under ingressClasses by the class's name. " +
			"dialect: none there leaves the controller alone, and unknownController: ignore silences this rule.",
		Example: "spec:\n  ingressClassName: edge   # no such IngressClass, and not in the policy",
	},
	{
		Name: RuleAmbiguousClass, Severity: SeverityNote,
		Title: "only a class's name shows which controller serves an Ingress",
		Text: "Several controllers usually have a class of that name, and neither an IngressClass nor the policy says which of them it is. Annotations of the wrong controller " +
			"do nothing, and idle WebSockets are closed after 60 s. Name the dialect under ingressClasses in the policy.",
		Example: "spec:\n  ingressClassName: nginx   # with no IngressClass of that name",
	},
	{
		Name: RuleUnverifiedController, Severity: SeverityNote,
		Title: "the controller's source isn't public, so what Holdfast writes for it wasn't verified",
		Text: "Holdfast's tables are made from the controllers' sources. Of this one only documentation exists, and it may ignore an annotation without a word: " +
			"an idle WebSocket is then closed after the default. An admin should check once what the sentence names.",
		Example: "# an IngressClass with controller: eks.amazonaws.com/alb\nspec:\n  ingressClassName: alb",
	},
	{
		Name: RuleNoSessionAffinity, Severity: SeverityWarning,
		Title: "a sticky Service doesn't get sessionAffinity: ClientIP",
		Text: "A headless Service and one of type ExternalName have no session affinity; the cloud controllers of AWS and Oracle stop building the load balancer of a Service that has it. " +
			"So none is set, and clients that reach the Service directly may change pods. Its Ingresses can be sticky all the same. On another cloud an admin can set cloud in the policy.",
		Example: "kind: Service\nmetadata:\n  labels:\n    holdfast.dev/sticky-session: \"true\"\nspec:\n  type: LoadBalancer",
	},
	{
		Name: RuleIgnoreNotHonored, Severity: SeverityWarning,
		Title: "the policy doesn't let users opt an object out",
		Text: "The label holdfast.dev/policy: ignore has no effect under ignoreLabel: warn, and the object is treated like any other. " +
			"Ask the cluster's admins if the object must be left alone.",
		Example: "# policy: ignoreLabel: warn\nmetadata:\n  labels:\n    holdfast.dev/policy: ignore",
	},
	{
		Name: RuleInvalidRecord, Severity: SeverityWarning,
		Title: "the annotation holdfast.dev/injected isn't what Holdfast wrote",
		Text: "Holdfast keeps in it what it injected, to be able to remove that again. An entry that it can't have written is ignored, and so is the whole annotation if it can't be read: " +
			"values that it listed are then treated as written by the user. Leave the annotation to Holdfast.",
		Example: "metadata:\n  annotations:\n    holdfast.dev/injected: \"true\"",
	},
	{
		Name: RuleAnnotationsTooLarge, Severity: SeverityWarning,
		Title: "the injected annotations would make the object too large",
		Text: "The API server refuses an object whose annotations have more than 262,144 bytes together, and etcd one of more than 1.5 MiB. The write would fail because of Holdfast, " +
			"so nothing is injected, and idle WebSockets are closed after the controller's default. The same holds for an object whose admission review has more than 7 MiB, " +
			"which Holdfast doesn't read. Shorten the other annotations, or split the object.",
	},
	{
		Name: RuleTooManyItems, Severity: SeverityWarning,
		Title: "the object has more paths, backends, annotations or list elements than Holdfast handles",
		Text: "Holdfast handles 10,000 paths, backends, annotations, elements of one annotation and recorded values, so that no object can keep it busy. " +
			"Above that nothing is changed, the record included. " +
			"Split the Ingress.",
	},
	{
		Name: RuleWouldChange, Severity: SeverityNote,
		Title: "holdfast.dev/policy: enforce would change this",
		Text: "The Namespace is in warn mode: nothing is changed, and the author sees what would be. " +
			"Label the Namespace holdfast.dev/policy=enforce to have it changed at the next write.",
		Example: "kind: Namespace\nmetadata:\n  labels:\n    holdfast.dev/policy: warn",
	},
	{
		Name: RuleReloadClosesSockets, Severity: SeverityNote,
		Title: "a reload of the controller closes open WebSockets before their timeouts",
		Text: "When its configuration changes the controller starts new workers, and ends the old ones with all their sockets after a while: ingress-nginx after 240 s, the HAProxies after 10 and 30 minutes. " +
			"In a busy cluster that happens many times a day, whatever the timeouts. An admin sets the key that the sentence names.",
		Example: "spec:\n  ingressClassName: nginx",
	},
	{
		Name: RuleNoAnnotation, Severity: SeverityNote,
		Title: "the controller has no annotation for a setting that is wanted",
		Text: "What is wanted can only be set in the controller's configuration, or in another object; until then the controller's default applies, and `holdfast dialects NAME` shows it. " +
			"An admin sets what the sentence names.",
		Example: "spec:\n  ingressClassName: contour",
	},
	{
		Name: RuleNoEffect, Severity: SeverityWarning,
		Title: "what the object asks for has no effect",
		Text: "The controller that serves the object has no annotation for it, or something else that it needs is missing. An idle WebSocket is closed after the controller's default, " +
			"and without stickiness a client's next request may reach another pod. Do what the sentence says, or remove the key.",
		Example: "# served by Cilium\nmetadata:\n  annotations:\n    holdfast.dev/idle-timeout: 4h",
	},
	{
		Name: RuleWrongKind, Severity: SeverityWarning,
		Title: "the controller reads this from another kind of object",
		Text: "Some controllers read timeouts or stickiness from the Service and not from the Ingress, and ignore them here. " +
			"Write it on the object that the sentence names.",
		Example: "# served by Traefik\nkind: Ingress\nmetadata:\n  labels:\n    holdfast.dev/sticky-session: \"true\"",
	},
	{
		Name: RuleForeignAnnotation, Severity: SeverityWarning,
		Title: "an annotation of another controller",
		Text: "The controller that serves the object doesn't read it. Holdfast translates timeouts of other controllers; of two that disagree the longer one is used. " +
			"Stickiness isn't translated, unless the policy says foreignDialects: all: without the label a client's next request may reach another pod.",
		Example: "# served by Traefik\nmetadata:\n  annotations:\n    nginx.ingress.kubernetes.io/affinity: cookie",
	},
	{
		Name: RuleConflictingAnnotation, Severity: SeverityWarning,
		Title: "an annotation keeps others from having an effect",
		Text: "With this annotation the controller ignores timeouts or stickiness, or breaks WebSockets altogether; so Holdfast doesn't inject what would have no effect. " +
			"Change it as the sentence says, if sockets are to live.",
		Example: "metadata:\n  annotations:\n    nginx.ingress.kubernetes.io/ssl-passthrough: \"true\"",
	},
	{
		Name: RuleAboveControllerLimit, Severity: SeverityWarning,
		Title: "the controller can't do as much as is wanted",
		Text: "The controller or the cloud behind it has a limit of its own, and the largest value that it takes is used. The socket is closed after that time if it is idle. " +
			"Let clients send pings more often than that.",
		Example: "# served by the AWS Load Balancer Controller, at most 4000 s\nmetadata:\n  annotations:\n    holdfast.dev/idle-timeout: 2h",
	},
	{
		Name: RuleAppliesOnNextWrite, Severity: SeverityNote,
		Title: "the Ingresses of a Service follow its label when they are next written",
		Text: "An Ingress whose backend Service is sticky is made sticky too, but only when the Ingress itself is written, and so not if it is created before the Service. " +
			"kubectl patch ingress NAME --type=merge -p '{}' is such a write; an unchanged kubectl apply isn't.",
		Example: "kubectl label service web holdfast.dev/sticky-session=true",
	},
	{
		Name: RuleStickinessScope, Severity: SeverityWarning,
		Title: "stickiness reaches further than the object that asks for it",
		Text: "Some controllers know stickiness only for a whole Ingress, others only for a whole Service, so clients of other Services or Ingresses stay on one pod too. " +
			"Split the Ingress, or label every Service that is meant.",
		Example: "# two backends, and only one of the Services is labelled holdfast.dev/sticky-session: \"true\"\nkind: Ingress",
	},
	{
		Name: RuleRemovalHasNoEffect, Severity: SeverityWarning,
		Title: "removing an annotation doesn't undo what it did",
		Text: "AWS keeps an attribute of a load balancer after the annotation that set it is gone. " +
			"To go back write the value that the sentence names.",
		Example: "# the label holdfast.dev/sticky-session was removed from an Ingress of class alb",
	},
	{
		Name: RuleInjectionRemoved, Severity: SeverityNote,
		Title: "what Holdfast injected was removed, and its author may have written the same",
		Text: "What Holdfast injected goes when its reason is gone: a label, the class, the policy. If the author wrote the same value, it stays: kubectl apply, helm 4 and Argo CD leave that on the object. " +
			"kubectl edit, patch, replace and helm 3 don't, so the sentence names what was removed; without it an idle WebSocket is closed after the controller's default. Write it again if it is yours.",
		Example: "kubectl label ingress web holdfast.dev/policy=ignore",
	},
	{
		Name: RuleInjectionRestored, Severity: SeverityNote,
		Title: "an injected annotation was removed, and Holdfast put it back",
		Text: "A write that removes only the value that Holdfast injected doesn't keep it out: the value is injected again with the same write. " +
			"Label the object holdfast.dev/policy=ignore to leave it out, or write another value: a value of the user's own stays.",
		Example: "kubectl annotate ingress web nginx.ingress.kubernetes.io/proxy-read-timeout-",
	},
	{
		Name: RuleDroppedTimeout, Severity: SeverityWarning,
		Title: "a sticky Service has a timeout without sessionAffinity: ClientIP",
		Text: "The API server drops sessionAffinityConfig where there is no sessionAffinity, so Holdfast can't know the timeout when the Service is created by a server-side apply, and clients stay on one pod " +
			"as long as the policy says until the Service is applied again. A timeout out of the API server's range, 1 to 86400, is never used. Write sessionAffinity: ClientIP beside the timeout.",
		Example: "kind: Service\nmetadata:\n  labels:\n    holdfast.dev/sticky-session: \"true\"\nspec:\n  sessionAffinityConfig:\n    clientIP:\n      timeoutSeconds: 60",
	},
}
