package policy

// Rule is the stable name of something that Holdfast finds, the same in
// outputs, metrics, audit annotations and docs.
type Rule string

// The rules.
const (
	// RuleInvalidValue: a value of one of Holdfast's own keys can't be read.
	RuleInvalidValue Rule = "invalid-value"
	// RuleHarmfulValue: a controller's value harms more than its own object.
	RuleHarmfulValue Rule = "harmful-value"
	// RuleUnreadableValue: a controller's value does nothing, or not what it says.
	RuleUnreadableValue Rule = "unreadable-value"
	// RuleOutOfBounds: a value lies outside of the policy's bounds.
	RuleOutOfBounds Rule = "out-of-bounds"
	// RuleHiddenWord: a stronger word hides one on the same object.
	RuleHiddenWord Rule = "hidden-word"
	// RuleUnknownKey: a key under holdfast.dev/ that means nothing.
	RuleUnknownKey Rule = "unknown-key"
	// RuleMisplacedKey: a key that means nothing where it stands.
	RuleMisplacedKey Rule = "misplaced-key"
	// RuleNamespaceValue: a value on the Namespace can't be read.
	RuleNamespaceValue Rule = "namespace-value"
	// RuleUnknownController: nobody knows which controller serves the Ingress.
	RuleUnknownController Rule = "unknown-controller"
	// RuleAffinityImpossible: ClientIP would do nothing, or harm.
	RuleAffinityImpossible Rule = "affinity-impossible"
	// RuleIgnorePowerless: the policy doesn't honour the ignore label.
	RuleIgnorePowerless Rule = "ignore-powerless"
	// RuleBadRecord: the record isn't one that Holdfast wrote.
	RuleBadRecord Rule = "bad-record"
	// RuleAnnotationsTooLarge: what would be injected doesn't fit any more.
	RuleAnnotationsTooLarge Rule = "annotations-too-large"
	// RuleNotInjected: a Namespace's mode keeps a change from being made.
	RuleNotInjected Rule = "not-injected"
	// RuleReloadEndsSockets: a reload ends sockets that no timer would end.
	RuleReloadEndsSockets Rule = "reload-ends-sockets"
	// RuleNotOnObject: the controller has no annotation for what is asked.
	RuleNotOnObject Rule = "not-on-object"
	// RuleNotHere: a word does nothing on this kind of object.
	RuleNotHere Rule = "not-here"
	// RuleForeignWord: another controller's word is not read, or not heard.
	RuleForeignWord Rule = "foreign-word"
	// RuleTrap: a word of the user's keeps Holdfast's from having an effect.
	RuleTrap Rule = "trap"
	// RuleAboveCeiling: the controller takes less than is wished.
	RuleAboveCeiling Rule = "above-ceiling"
	// RuleFollowsLater: stickiness reaches an object at its next write.
	RuleFollowsLater Rule = "follows-later"
	// RuleStickyReach: stickiness reaches further than the object.
	RuleStickyReach Rule = "sticky-reach"
	// RuleTakenBack: taking a word back changes nothing where it was read.
	RuleTakenBack Rule = "taken-back"
	// RuleAmbiguousClass: several controllers usually have the class's name.
	RuleAmbiguousClass Rule = "ambiguous-class"
)
