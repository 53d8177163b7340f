package policy

// The sentences, grouped by rule. Each is shown after the finding's subject and a
// colon, such as "KEY: unknown label, ignored".
const (
	msgInvalidValue       Message = `{found} is ignored: it {detail}`
	msgInvalidPolicyLabel Message = `{found} isn't known and does nothing; write "ignore" or remove the label`

	msgHarmfulValue Message = `{found} {detail}`

	msgUnreadable          Message = `{found} {detail}`
	msgUnreadableWhole     Message = `{found} {detail}; correct or remove it`
	msgUnreadableWrite     Message = `{found} {detail}; write {wanted}`
	msgUnreadableRemove    Message = `{found} {detail}; remove it`
	msgUnreadableOverrides Message = `{found} {detail}, but overrides {origin}; write {wanted}`
	msgUnreadableCorrected Message = `{found} {detail}; Holdfast changed it to {wanted}, please change your manifest too`

	msgOutOfBounds          Message = `{found} is outside this cluster's limits ({detail}); write {wanted}`
	msgOutOfBoundsCorrected Message = `{found} is outside this cluster's limits ({detail}); Holdfast changed it to {wanted}, please change your manifest too`
	msgOutOfBoundsClamped   Message = `{found} is outside this cluster's limits ({detail}); {wanted-text} is used`
	msgNamespaceClamped     Message = `{origin} is outside this cluster's limits ({detail}); {wanted-text} is used`
	msgAffinityOutOfBounds  Message = `{found-text} is outside this cluster's limits ({detail}); write {wanted-text}`
	msgAffinityCorrected    Message = `{found-text} is outside this cluster's limits ({detail}); Holdfast changed it to {wanted-text}, please change your manifest too`

	msgOverriddenValue     Message = `{found} takes precedence over {origin}; remove one of them`
	msgOverriddenLabel     Message = `{found} takes precedence over the label {origin}; remove one of them`
	msgOverriddenByField   Message = `{found-text} takes precedence over {origin}; remove one of them`
	msgFieldOverridesLabel Message = `{found-text} takes precedence over the label {origin}; remove one of them`

	msgUnknownKey          Message = `unknown {detail}, ignored; remove it`
	msgUnknownKeyNearest   Message = `unknown {detail}; did you mean {wanted-text}?`
	msgUnknownKeySeveral   Message = `unknown {detail}, ignored; did you mean {wanted-text}?`
	msgUnknownKeyElsewhere Message = `unknown {detail}; did you mean the {wanted-text}?`

	msgUnknownAnnotation        Message = `unknown annotation, which {detail}; remove it`
	msgUnknownAnnotationNearest Message = `unknown annotation, which {detail}; did you mean {wanted-text}?`
	msgUnreadAnnotation         Message = `{detail}; {wanted-text}`

	msgMustBeLabel      Message = `must be a label; move it from metadata.annotations to metadata.labels`
	msgMustBeAnnotation Message = `must be an annotation; move it from metadata.labels to metadata.annotations`
	msgNoEffectOnKind   Message = `has no effect on a {found-text}; write it on the {detail}`
	msgNoEffectAnywhere Message = `has no effect on a {found-text}, nor with {controller} on an Ingress, so remove it; {detail}`
	msgNeedsOption      Message = `has no effect on a Service here: {controller} reads it from Services, and this cluster's policy has {detail} off; ask an admin`

	msgNamespaceValue Message = `{found} on Namespace {namespace} is ignored: it {detail}; ask the Namespace's owner to fix it`

	msgNoClass             Message = `not set, and the cluster has no single default IngressClass, so nothing was injected; set it`
	msgUnknownController   Message = `Holdfast doesn't know the controller {detail} of class {found}, so nothing was injected; an admin can name its dialect, or none, under controllers in the policy`
	msgProbableController  Message = `Holdfast doesn't know the controller {detail} of class {found}, so nothing was injected; if it is {controller}, an admin can say so under controllers in the policy`
	msgNoIngressClass      Message = `found no IngressClass {found}, so nothing was injected; correct the name, or ask an admin to add the class to the policy's ingressClasses`
	msgMistypedClass       Message = `there is no IngressClass {found}; did you mean {wanted}?`
	msgClassesDisagree     Message = `class {found} is ignored, because the annotation kubernetes.io/ingress.class names {wanted}; remove one of them`
	msgClassOnlyAnnotation Message = `class {found} is ignored: {detail} reads only the annotation kubernetes.io/ingress.class; remove this field and set that to {wanted}`
	msgClassOfClouds       Message = `class {found} may be that of {detail}, so nothing was injected; an admin can set cloud in the policy`
	msgClassOnlyField      Message = `class {found} is ignored: {detail} reads only spec.ingressClassName; set that to {found} and remove this annotation`
	msgClassOnlyName       Message = `class {found} is ignored by {controller}, which serves only the class {wanted}`

	msgAmbiguousClass Message = `class {found} is taken for {controller}, but {detail} uses that name too; to say which, set ingressClasses.{found-text}.dialect to {dialect} in the policy`

	msgNoSessionAffinity  Message = `{found-text} has no sessionAffinity, so none was set; its Ingresses become sticky all the same`
	msgNoFollowers        Message = `{found-text} has no sessionAffinity, so none was set, and by this cluster's policy no Ingress follows it; label the Ingress instead`
	msgCloudRefuses       Message = `sessionAffinity not set: load balancers on {detail} fail with it; put a ClusterIP Service beside this one`
	msgCloudUnknown       Message = `sessionAffinity not set: load balancers on AWS and Oracle fail with it. On another cloud, ask an admin to set "cloud" in Holdfast's policy`
	msgIgnoreNotHonored   Message = `"ignore" has no effect under this cluster's policy; ask its admins`
	msgForeignRecord      Message = `ignored the entry {found}, which Holdfast doesn't manage`
	msgUnreadableRecord   Message = `Holdfast writes this annotation; your value was ignored`
	msgAnnotationsTooLong Message = `nothing was injected, because all annotations together would have {found-text} bytes of at most {wanted-text}; shorten them`
	msgObjectTooLarge     Message = `nothing was injected, because the object would have about {found-text} bytes, and etcd stores less than {wanted-text}; make it smaller`
	msgReviewTooLarge     Message = `nothing was injected, because the write's admission review has {found-text} bytes and Holdfast reads at most {wanted-text}`
	msgTooManyItems       Message = `nothing was changed, because there are {found-text} {detail} and Holdfast handles at most {wanted-text}`

	msgWouldBeSet     Message = `would be set to {wanted-text} in a namespace with holdfast.dev/policy: enforce; nothing was changed`
	msgWouldBeRemoved Message = `{found-text} would be removed in a namespace with holdfast.dev/policy: enforce; nothing was changed`
	msgMissing        Message = `not set, and {detail} {wanted-text}`
	msgIncomplete     Message = `is {found-text}, and {detail} {wanted-text}`
	msgOutdatedValue  Message = `Holdfast set {found-text}, and {detail} {wanted-text} now`
	msgLeftover       Message = `Holdfast set {found-text}, and nothing asks for it any more`

	msgWouldChange    Message = `would change from {found-text} to {wanted-text} in a namespace with holdfast.dev/policy: enforce; nothing was changed`
	msgWouldBeRefused Message = `would be refused: invalid value {found}: {detail}`

	msgReload Message = `a reload closes open WebSockets after {found-text} s, whatever their timeouts; to change that set {detail}`

	msgUnverified Message = `{detail}`

	msgNoAnnotation    Message = `{wanted-setting}: {detail}`
	msgNotRead         Message = `{wanted-setting} ({origin-key}): {detail}`
	msgMissingInput    Message = `{origin-key}: {detail}`
	msgCantExpress     Message = `{origin-key} can't express {setting} {wanted}; it {detail}`
	msgReadFromService Message = `{found} has no effect, because {controller} reads timeouts from the Service; remove it and {detail}`
	msgMoveToService   Message = `{found} has no effect on an Ingress, because {controller} reads it from the Service; move it there`
	msgLabelService    Message = `no effect on an Ingress of {controller}, which reads stickiness from the Service; put the label on {detail}`
	msgCommaInName     Message = `can't list {found}, because it contains a comma; write a path without one`

	msgForeignStickiness          Message = `an annotation of {detail}, which {controller} ignores; for sticky sessions add the label {origin}`
	msgForeignStickinessOnService Message = `an annotation of {detail}, which {controller} ignores; for sticky sessions add the label {origin} to {wanted-text}`
	msgForeignStickinessElsewhere Message = `ignored by {controller}, so remove it; for sticky sessions: {wanted-text}`
	msgForeignStickinessBeside    Message = `an annotation of {detail}, which {controller} ignores; remove it, because {origin-key} rules out sticky sessions`
	msgForeignStickinessNowhere   Message = `ignored by {controller}, which has no sticky sessions; remove it`

	msgForeignLonger         Message = `{found} is used, because it is longer than {origin}; remove one of them`
	msgForeignUnreadAnywhere Message = `{found} is read by no controller of this cluster, so remove it; {detail}`
	msgForeignUnread         Message = `{found} is read by no controller of this cluster; annotate the Ingress with {wanted-text}`

	msgNoEffect       Message = `{found} has no effect with {controller}: {detail}`
	msgUnsupported    Message = `{found} has no effect with {controller}, so remove it; {detail}`
	msgNoEffectBeside Message = `{found} has no effect beside {origin}; remove it`
	msgNoEffectOption Message = `no effect with {controller} in this cluster; remove it and {detail}`
	msgNoTimeLimit    Message = `{found} has no effect, so remove it: this cluster's policy keeps clients on one pod by their addresses, for as long as the pods stay`
	msgNoLabel        Message = `{found} has no effect without the label {origin}`

	msgUnmetNeed Message = `{wanted} {detail}; ask an admin to allow {found-text}`

	msgConflict     Message = `{found} {detail}`
	msgConflictNote Message = `{origin-key}: {detail}`

	msgAboveLimit     Message = `{controller} allows {detail}, so {wanted-text} is used instead of {found}`
	msgAboveLimitNote Message = `{setting} must be {detail}, so {wanted-text} is used instead of {found-text}`

	msgOnlyInCluster     Message = `has an effect only on clients in the cluster, not on those that come through {controller}: {detail}`
	msgNotThrough        Message = `has no effect on clients that come through {controller}: {detail}`
	msgFollowOnNextWrite Message = `this Service's Ingresses follow when next written: kubectl patch ingress NAME --type=merge -p '{}'`

	msgMissingService  Message = `found no {detail} to follow; if that will be sticky, run this once it is there: kubectl patch ingress {wanted-text} --type=merge -p '{}'`
	msgMissingServices Message = `found no {detail} to follow; if one will be sticky, run this once they are there: kubectl patch ingress {wanted-text} --type=merge -p '{}'`

	msgWholeIngressSticky Message = `{found-text} is sticky, and {controller} makes a whole Ingress sticky, including {detail}; give each Service its own Ingress`
	msgStickyElsewhere    Message = `makes {detail} sticky for every other Ingress too, because {controller} keeps stickiness per Service; put the label on each Service to make that visible`

	msgRemovalKept        Message = `Holdfast removed {found-text}, but {detail}`
	msgRemovalWouldBeKept Message = `Holdfast would remove {found-text}, but {detail}`

	msgInjectionRemoved Message = `Holdfast removed {detail}, which it had set; if any of it is yours, write it again`

	msgPutBack       Message = `put back by Holdfast{detail}; to keep it out label this {found-text} holdfast.dev/policy=ignore`
	msgPutBackAlways Message = `put back by Holdfast{detail}, because this cluster's policy lets no object out; write a value of your own instead`

	msgTimeoutOutsideLimits Message = `must be from 1 to 86400, so {wanted-text} is set; correct it, and write sessionAffinity: ClientIP beside it`

	msgDroppedTimeout Message = `the API server drops it without sessionAffinity, so {wanted-text} is set; write sessionAffinity: ClientIP beside it`
)
