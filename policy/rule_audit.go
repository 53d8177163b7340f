package policy

// The rules about more than one write: what is stored, and what is around it.
const (
	RuleMissingTimeout          Rule = "missing-timeout"
	RuleMissingAffinity         Rule = "missing-affinity"
	RuleMissingSetting          Rule = "missing-setting"
	RuleOutdatedValue           Rule = "outdated-value"
	RuleLeftover                Rule = "leftover-value"
	RuleIneffectiveClientIP     Rule = "ineffective-client-ip"
	RuleClusterIPAffinity       Rule = "cluster-ip-affinity"
	RuleCompetingIngresses      Rule = "competing-ingresses"
	RuleInsecureCookie          Rule = "insecure-cookie"
	RuleWebSocketWithoutTLS     Rule = "websocket-without-tls"
	RuleAffinityRefusedByCloud  Rule = "affinity-refused-by-cloud"
	RuleControllerTimeout       Rule = "controller-timeout"
	RuleLoadBalancerIdleTimeout Rule = "load-balancer-idle-timeout"
	RuleNoReadinessProbe        Rule = "no-readiness-probe"
	RuleShortGracePeriod        Rule = "short-grace-period"
	RuleAbruptScaleDown         Rule = "abrupt-scale-down"
	RuleBlockedByNetworkPolicy  Rule = "blocked-by-network-policy"
	RuleUnreadLabel             Rule = "unread-label"
	RuleSingleReplica           Rule = "single-replica"
	RuleNoReplicas              Rule = "no-replicas"
	RuleUncoveredNamespace      Rule = "uncovered-namespace"
	RuleMisspeltLabel           Rule = "misspelt-label"
	RuleOptedOut                Rule = "opted-out"
	RuleInvalidAcceptance       Rule = "invalid-acceptance"
	RuleInvalidManifest         Rule = "invalid-manifest"
	RuleRepeatedKey             Rule = "repeated-key"
)

// auditRules is the table of the rules that only an audit checks. Nothing writes to it.
var auditRules = [...]RuleInfo{
	{
		Name: RuleMissingTimeout, Severity: SeverityWarning, Audit: true,
		Title: "a timeout that the policy wants isn't on the object",
		Text: "The object was written before Holdfast came, while it was down, or in a Namespace that it doesn't change. The controller's default applies, and an idle WebSocket is closed after that, usually 60 s. " +
			"Write the object again where Holdfast enforces (kubectl patch ingress NAME --type=merge -p '{}'), or write the value yourself.",
		Example: "kind: Ingress\nspec:\n  ingressClassName: nginx   # and no nginx.ingress.kubernetes.io/proxy-read-timeout",
	},
	{
		Name: RuleMissingAffinity, Severity: SeverityWarning, Audit: true,
		Title: "a sticky object lacks what keeps its clients on one pod",
		Text: "The label holdfast.dev/sticky-session asks for stickiness, and the object doesn't have the annotation or field that gives it. A client's next request, or its WebSocket after a reconnect, may reach another pod. " +
			"Write the object again where Holdfast enforces, or write the value yourself.",
		Example: "kind: Service\nmetadata:\n  labels:\n    holdfast.dev/sticky-session: \"true\"\nspec:\n  sessionAffinity: None",
	},
	{
		Name: RuleMissingSetting, Severity: SeverityWarning, Audit: true,
		Title: "the object lacks another setting that the policy wants",
		Text: "The policy, or an annotation of Holdfast's, asks for a setting such as unbuffered responses or a path that lets WebSockets through, and the object doesn't have it. " +
			"Without the latter no WebSocket is opened at all. Write the object again where Holdfast enforces, or write the value yourself.",
		Example: "# policy: buffering: {response: disabled}\nkind: Ingress\nspec:\n  ingressClassName: nginx   # and no nginx.ingress.kubernetes.io/proxy-buffering",
	},
	{
		Name: RuleOutdatedValue, Severity: SeverityWarning, Audit: true,
		Title: "what Holdfast injected isn't what the policy wants now",
		Text: "The policy, the Namespace's annotation or the class has changed since the object was last written. An idle WebSocket lives as long as the old value says. " +
			"Write the object again: kubectl patch ingress NAME --type=merge -p '{}'. An unchanged kubectl apply isn't a write.",
		Example: "# policy: timeouts: {read: {default: 2h}}\nmetadata:\n  annotations:\n    nginx.ingress.kubernetes.io/proxy-read-timeout: \"3600\"   # injected",
	},
	{
		Name: RuleLeftover, Severity: SeverityWarning, Audit: true,
		Title: "what Holdfast injected is still there, and nothing asks for it",
		Text: "The label, the class or the policy that was the reason is gone, and the object wasn't written since. The value still works, so WebSockets live longer, or clients stay on a pod longer, than anyone asks for. " +
			"Write the object again, or remove what Holdfast injected with holdfast uninject.",
		Example: "metadata:\n  labels:\n    holdfast.dev/policy: ignore\n  annotations:\n    holdfast.dev/injected: '{\"nginx.ingress.kubernetes.io/proxy-read-timeout\":\"3600\"}'",
	},
	{
		Name: RuleOptedOut, Severity: SeverityNote, Audit: true,
		Title: "an object is left alone because its author asked for that",
		Text: "The label holdfast.dev/policy: ignore leaves the object out, so an idle WebSocket lives as long as the controller's default. " +
			"An annotation accept.holdfast.dev/opted-out with a reason says why, and until when; ignoreLabel: warn in the policy lets no object out.",
		Example: "metadata:\n  labels:\n    holdfast.dev/policy: ignore\n  annotations:\n    accept.holdfast.dev/opted-out: no WebSockets here until=2027-03-01",
	},
	{
		Name: RuleIneffectiveClientIP, Severity: SeverityWarning, Audit: true,
		Title: "a Service's ClientIP does nothing for clients that come through its controller",
		Text: "sessionAffinity: ClientIP works where traffic goes through the Service's ClusterIP. Most ingress controllers send to the pods directly, so a client's next request, or its WebSocket after a reconnect, may reach another pod. " +
			"Do what the sentence says, which keeps clients on one pod in the controller itself.",
		Example: "# behind an Ingress of Contour\nkind: Service\nspec:\n  sessionAffinity: ClientIP",
	},
	{
		Name: RuleClusterIPAffinity, Severity: SeverityWarning, Audit: true,
		Title: "a controller sends to the ClusterIP of a Service with ClientIP",
		Text: "With an annotation such as service-upstream the controller's pods are the only clients that the Service sees. ClientIP then sends all that comes through one of them to a single pod, " +
			"which gets every WebSocket while the others idle. Remove the annotation, and let the controller keep clients on their pods.",
		Example: "kind: Ingress\nmetadata:\n  annotations:\n    nginx.ingress.kubernetes.io/service-upstream: \"true\"   # and the Service has sessionAffinity: ClientIP",
	},
	{
		Name: RuleCompetingIngresses, Severity: SeverityWarning, Audit: true,
		Title: "two Ingresses set the same for one Service, to different values",
		Text: "The controller keeps such a setting once for each Service, whichever Ingress it comes from. Of two values one is ignored, and which one may change with every reload: " +
			"clients lose their pod, or WebSockets are closed after the other Ingress's timeout. Write the same in both.",
		Example: "# another Ingress sends to the same Service, with upstream-hash-by: $host\nkind: Ingress\nmetadata:\n  annotations:\n    nginx.ingress.kubernetes.io/upstream-hash-by: $remote_addr",
	},
	{
		Name: RuleInsecureCookie, Severity: SeverityWarning, Audit: true,
		Title: "a cookie that keeps clients on one pod lacks secure or httpOnly",
		Text: "Without secure a browser sends the cookie over plain HTTP too, and without httpOnly scripts of the page can read it. Who knows the cookie can open a WebSocket to the same pod for as long as it lasts. " +
			"Write both attributes as the sentence says.",
		Example: "# behind an Ingress with TLS, served by Traefik\nkind: Service\nmetadata:\n  annotations:\n    traefik.ingress.kubernetes.io/service.sticky.cookie: \"true\"   # and no …cookie.secure",
	},
	{
		Name: RuleWebSocketWithoutTLS, Severity: SeverityNote, Audit: true,
		Title: "an Ingress that carries WebSockets has no TLS",
		Text: "Proxies of companies and mobile networks see the Upgrade of a ws:// connection; many refuse it, or cut it when it is idle for a minute. A page that was loaded with https can't open it at all. " +
			"Write spec.tls; if a load balancer in front ends TLS, accept the finding with that as the reason.",
		Example: "kind: Ingress\nmetadata:\n  annotations:\n    holdfast.dev/idle-timeout: 1h\nspec:\n  ingressClassName: nginx   # and no tls",
	},
	{
		Name: RuleAffinityRefusedByCloud, Severity: SeverityError, Audit: true,
		Title: "the cloud builds no load balancer for a Service with ClientIP",
		Text: "The cloud controllers of AWS and Oracle refuse sessionAffinity: ClientIP on a Service of type LoadBalancer with an error: its load balancer is neither created nor updated, so no WebSocket is opened through a new one, and an old one keeps pods that are gone. " +
			"Write sessionAffinity: None, and put a ClusterIP Service with ClientIP beside it.",
		Example: "# policy: cloud: aws\nkind: Service\nspec:\n  type: LoadBalancer\n  sessionAffinity: ClientIP",
	},
	{
		Name: RuleControllerTimeout, Severity: SeverityWarning, Audit: true,
		Title: "the controller's own configuration ends WebSockets before the policy's timeouts",
		Text: "Some timers belong to the controller and not to an Ingress: how long a WebSocket may be idle in proxies that are made of Envoy (5 minutes), and how long an old process lives after a reload (4 to 30 minutes), which then closes every WebSocket. " +
			"Set the key in the ConfigMap that the sentence names. Contour and Cilium read theirs when they start: restart them.",
		Example: "# the ConfigMap of ingress-nginx\nkind: ConfigMap\ndata:\n  worker-shutdown-timeout: 60s",
	},
	{
		Name: RuleLoadBalancerIdleTimeout, Severity: SeverityWarning, Audit: true,
		Title: "the cloud's load balancer closes idle WebSockets before the controller does",
		Text: "A WebSocket crosses the load balancer of the controller's Service first, and that has an idle timer of its own: 60 s with AWS's Classic ELB, 4 minutes with Azure. The shorter timer closes the WebSocket, whatever is written on the Ingress. " +
			"Write the annotation that the sentence names on the controller's Service; where the cloud allows less, have clients send pings.",
		Example: "# policy: cloud: azure\nkind: Service   # of the ingress controller\nspec:\n  type: LoadBalancer   # and no azure-load-balancer-tcp-idle-timeout",
	},
	{
		Name: RuleNoReadinessProbe, Severity: SeverityWarning, Audit: true,
		Title: "a workload that WebSockets reach has no readiness probe",
		Text: "A pod without a readiness probe counts as ready as soon as its process runs. In a rollout WebSockets are sent to it before it listens, and fail with 502; " +
			"a pod that hangs keeps its sticky clients. Add a readinessProbe to the container that serves the WebSockets.",
		Example: "# behind a sticky Service\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: web   # and no readinessProbe",
	},
	{
		Name: RuleShortGracePeriod, Severity: SeverityWarning, Audit: true,
		Title: "a rollout cuts WebSockets sooner than the policy's timeouts",
		Text: "When a pod is stopped, its WebSockets are cut as soon as the process ends, and after terminationGracePeriodSeconds (30 by default) at the latest, whatever their timeouts. " +
			"All clients of a pod then reconnect at once. Add a preStop hook that waits until they have moved, and a grace period that is longer than it and as long as idle WebSockets are to live.",
		Example: "kind: Deployment\nspec:\n  template:\n    spec:\n      terminationGracePeriodSeconds: 30   # and no preStop hook",
	},
	{
		Name: RuleAbruptScaleDown, Severity: SeverityWarning, Audit: true,
		Title: "an autoscaler removes pods with WebSockets at once or many at a time",
		Text: "A HorizontalPodAutoscaler doesn't see open WebSockets: idle ones need no processor time. With no stabilization window, or with the default policy of 100 %, a lull cuts most of them at once, " +
			"and the reconnecting clients overload the pods that are left. Write behavior.scaleDown with a window of 300 s or more and a policy that removes one pod at a time.",
		Example: "kind: HorizontalPodAutoscaler\nspec:\n  behavior:\n    scaleDown:\n      stabilizationWindowSeconds: 0",
	},
	{
		Name: RuleBlockedByNetworkPolicy, Severity: SeverityWarning, Audit: true,
		Title: "a NetworkPolicy keeps the ingress controller from the pods",
		Text: "The pods accept only what a NetworkPolicy allows, and no rule allows the controller's pods or the Service's port. No WebSocket is opened: clients get 504 after the connect timeout, 5 s to 60 s. " +
			"Add a rule whose namespaceSelector and podSelector select the controller.",
		Example: "kind: NetworkPolicy\nspec:\n  podSelector: {}\n  ingress:\n    - from: [{podSelector: {}}]   # only pods of the same Namespace",
	},
	{
		Name: RuleUnreadLabel, Severity: SeverityWarning, Audit: true,
		Title: "the sticky label is on a workload, where nothing reads it",
		Text: "Holdfast reads holdfast.dev/sticky-session from Services and Ingresses only. On a Deployment or its pods it does nothing: a client's WebSocket may reach another pod after a reconnect. " +
			"Put the label on the Service.",
		Example: "kind: Deployment\nmetadata:\n  labels:\n    holdfast.dev/sticky-session: \"true\"",
	},
	{
		Name: RuleSingleReplica, Severity: SeverityNote, Audit: true,
		Title: "a sticky Service has only one pod",
		Text: "With one pod all clients reach it anyway, so stickiness does nothing. Every rollout, crash or node drain cuts all WebSockets at once. " +
			"Run two replicas or more, or remove the label.",
		Example: "# behind a sticky Service\nkind: Deployment\nspec:\n  replicas: 1",
	},
	{
		Name: RuleNoReplicas, Severity: SeverityWarning, Audit: true,
		Title: "a workload that WebSockets reach has no pods",
		Text: "The workload is scaled to zero, so the controller has no pod to send to: no WebSocket can be opened, and clients get 503. " +
			"Scale it up, or remove the Ingress.",
		Example: "kind: Deployment\nspec:\n  replicas: 0",
	},
	{
		Name: RuleUncoveredNamespace, Severity: SeverityWarning, Audit: true,
		Title: "a Namespace without the label holds an Ingress, a route or a sticky Service",
		Text: "The API server calls Holdfast only for Namespaces with the label holdfast.dev/policy. In any other one nothing is injected, and an idle WebSocket is closed after the controller's default, usually 60 s. " +
			"Label the Namespace, with warn at first; or say with an annotation accept.holdfast.dev/uncovered-namespace why it isn't labelled.",
		Example: "kind: Namespace\nmetadata:\n  name: chat   # and no label holdfast.dev/policy",
	},
	{
		Name: RuleMisspeltLabel, Severity: SeverityWarning, Audit: true,
		Title: "a label of a Namespace is probably meant to be holdfast.dev/policy",
		Text: "Nothing reads a label like holdfast.dev/mode or holdfast.io/policy, nor an annotation of that name, so the API server never calls Holdfast for the Namespace, and an idle WebSocket is closed after the controller's default, usually 60 s. " +
			"Write the label holdfast.dev/policy.",
		Example: "kind: Namespace\nmetadata:\n  labels:\n    holdfast.dev/mode: enforce",
	},
	{
		Name: RuleInvalidAcceptance, Severity: SeverityWarning, Audit: true,
		Title: "an annotation that is to accept a finding doesn't",
		Text: "An annotation accept.holdfast.dev/RULE counts with a reason, and until its date if it ends with until=YYYY-MM-DD. Without a reason, with another date, after it, or with a rule that doesn't exist the finding counts as any other. " +
			"Write the reason and a date to come, or remove the annotation.",
		Example: "metadata:\n  annotations:\n    accept.holdfast.dev/opted-out: until=2025-01-01",
	},
	{
		Name: RuleInvalidManifest, Severity: SeverityError, Audit: true,
		Title: "an API server would refuse a manifest as it is",
		Text: "The file isn't YAML, a field has a value of another type, or the apiVersion is no longer served. kubectl apply fails, so the cluster keeps the object as it was, without the timeouts and labels that the file has. " +
			"Labels and annotations are strings: numbers and true or false need quotes, which holdfast fix -f writes.",
		Example: "metadata:\n  labels:\n    holdfast.dev/sticky-session: true   # write \"true\"",
	},
	{
		Name: RuleRepeatedKey, Severity: SeverityWarning, Audit: true,
		Title: "a manifest sets a key more than once",
		Text: "kubectl sends the last one and says nothing of the others. If one of them is a timeout or the sticky label, an idle WebSocket may be closed earlier than the manifest seems to say, or a client may lose its pod. " +
			"Keep the one that is meant, and remove the others.",
		Example: "metadata:\n  annotations:\n    holdfast.dev/idle-timeout: 2h\n    holdfast.dev/idle-timeout: 5m   # is used",
	},
}
