package policy

// The rules about a cluster: how Holdfast is installed in it, and what is beside it.
const (
	RuleUnsupportedKubernetes  Rule = "unsupported-kubernetes"
	RuleCertManagerNotReady    Rule = "cert-manager-not-ready"
	RuleCertManagerUnvalidated Rule = "cert-manager-unvalidated"
	RuleMissingRights          Rule = "missing-rights"
	RuleShortenedDefault       Rule = "shortened-default"
	RuleNotInstalled           Rule = "not-installed"
	RuleRegistrationDiffers    Rule = "registration-differs"
	RuleUntrustedCertificate   Rule = "untrusted-certificate"
	RuleCertificateNotReady    Rule = "certificate-not-ready"
	RuleCertificateExpires     Rule = "certificate-expires"
	RuleCertificateExpired     Rule = "certificate-expired"
	RuleMissingReplicas        Rule = "missing-replicas"
	RuleNoEndpoints            Rule = "no-endpoints"
	RuleInvalidPolicy          Rule = "invalid-policy"
	RulePolicyNotInForce       Rule = "policy-not-in-force"
	RuleInvalidMode            Rule = "invalid-mode"
	RuleOtherMutator           Rule = "other-mutator"
	RuleFailedOpen             Rule = "failed-open"
	RuleNotInjected            Rule = "not-injected"
	RuleUnknownClassController Rule = "unknown-class-controller"
)

// clusterRules is the table of the rules about a cluster. Nothing writes to it.
var clusterRules = [...]RuleInfo{
	{
		Name: RuleUnsupportedKubernetes, Severity: SeverityError, Cluster: true,
		Title: "the cluster's version of Kubernetes is older than Holdfast supports",
		Text: "The webhook's registration has match conditions in a form that older API servers refuse or evaluate differently. " +
			"Upgrade the cluster before you install Holdfast.",
	},
	{
		Name: RuleCertManagerNotReady, Severity: SeverityError, Cluster: true,
		Title: "cert-manager isn't installed, or doesn't answer",
		Text: "cert-manager issues the certificate that the API server trusts when it calls Holdfast. Without it the pods don't start, and no object is changed. " +
			"Install cert-manager, wait until its webhook answers (cmctl check api), and check again.",
	},
	{
		Name: RuleCertManagerUnvalidated, Severity: SeverityWarning, Cluster: true,
		Title: "cert-manager runs without its own webhook",
		Text: "cert-manager's API is served, but its webhook takes no part in a write: it isn't installed, or its registration is missing. Certificates are issued all the same, " +
			"but mistakes in Certificates and Issuers aren't refused. Install cert-manager's webhook unless you left it out on purpose.",
	},
	{
		Name: RuleMissingRights, Severity: SeverityError, Cluster: true,
		Title: "your account may not create what the chart creates",
		Text: "The chart creates objects that belong to the whole cluster: the webhook's registration, a ClusterRole and its binding, and a ValidatingAdmissionPolicy. " +
			"With fewer rights helm install stops halfway. Install with an account that has them, usually cluster-admin.",
	},
	{
		Name: RuleShortenedDefault, Severity: SeverityNote, Cluster: true, Audit: true,
		Title: "a controller keeps idle WebSockets longer than the policy will",
		Text: "By default the controller closes an idle WebSocket later than the policy's timeouts, or never. Once Holdfast injects them, such a socket is closed earlier than before. " +
			"Raise timeouts.read.default and timeouts.send.default in the policy, or leave the class alone with dialect: none.",
	},
	{
		Name: RuleUnknownClassController, Severity: SeverityWarning, Cluster: true, Audit: true,
		Title: "Holdfast doesn't know the controller of an IngressClass",
		Text: "Ingresses of that class get nothing, and their idle WebSockets live as long as the controller's default. " +
			"Name the controller's dialect under controllers in the policy, or say dialect: none there, which leaves the class alone without a warning.",
	},
	{
		Name: RuleNotInstalled, Severity: SeverityError, Cluster: true,
		Title: "Holdfast's webhooks aren't registered",
		Text:  "There is no MutatingWebhookConfiguration holdfast, so the API server never calls Holdfast and no object is changed. Install the chart.",
	},
	{
		Name: RuleRegistrationDiffers, Severity: SeverityError, Cluster: true,
		Title: "the webhooks' registration isn't what the chart renders",
		Text: "The MutatingWebhookConfiguration holdfast was edited, or belongs to another version than this program. Then the API server may skip objects that Holdfast should see, " +
			"or call it for those that it should not. Upgrade the release with helm; a field that another client wrote needs --force-conflicts.",
	},
	{
		Name: RuleUntrustedCertificate, Severity: SeverityError, Cluster: true,
		Title: "the API server doesn't trust Holdfast's certificate",
		Text: "The registration's caBundle is empty or doesn't verify the certificate that the pods serve. Every call fails: with failurePolicy Ignore objects are admitted without Holdfast, " +
			"with Fail they are refused. cert-manager's CA injector fills the caBundle from ca.crt in the Secret: see whether the injector runs, and whether your issuer fills ca.crt.",
	},
	{
		Name: RuleCertificateNotReady, Severity: SeverityError, Cluster: true,
		Title: "the serving certificate isn't issued",
		Text: "The Certificate holdfast-webhook isn't Ready. A pod without a certificate doesn't start; one that has an old certificate serves it until it expires. " +
			"kubectl describe certificate names the reason; often the issuer is missing or refuses.",
	},
	{
		Name: RuleCertificateExpires, Severity: SeverityWarning, Cluster: true,
		Title: "the serving certificate expires soon and wasn't renewed",
		Text: "cert-manager renews the certificate 30 days before its end, or when a third of a shorter time is left. One that has only a tenth of its time isn't being renewed. " +
			"Once it has expired every call fails. kubectl describe certificate names the reason.",
	},
	{
		Name: RuleCertificateExpired, Severity: SeverityError, Cluster: true,
		Title: "the serving certificate has expired",
		Text: "The API server refuses the connection, so with failurePolicy Ignore objects are admitted without Holdfast, and with Fail they are refused. " +
			"See why cert-manager doesn't renew the certificate: kubectl describe certificate names the reason.",
	},
	{
		Name: RuleMissingReplicas, Severity: SeverityWarning, Cluster: true,
		Title: "fewer pods are ready than the Deployment asks for",
		Text: "Holdfast works with one pod. With fewer than were asked for, a node that is drained may take the last one, and objects are admitted without Holdfast meanwhile. " +
			"kubectl describe names the reason: often a missing image, Secret or node.",
	},
	{
		Name: RuleNoEndpoints, Severity: SeverityError, Cluster: true,
		Title: "no pod of Holdfast is ready to answer",
		Text: "The Service holdfast-webhook has no ready endpoint. With failurePolicy Ignore objects are admitted without Holdfast, and with Fail they are refused. " +
			"The pods' log, or GET /readyz on their port health, says why they aren't ready.",
	},
	{
		Name: RuleInvalidPolicy, Severity: SeverityError, Cluster: true,
		Title: "the policy in the cluster can't be read",
		Text: "The ConfigMap holdfast-policy is missing, or what it contains isn't a valid policy. Pods that run keep the last valid one; a pod that starts now isn't ready. " +
			"holdfast policy validate shows every fault with its line.",
	},
	{
		Name: RulePolicyNotInForce, Severity: SeverityError, Cluster: true,
		Title: "a pod doesn't use the policy that the ConfigMap contains",
		Text: "Pods reload the policy within two minutes after the ConfigMap has changed. One that still uses another has refused the new policy or doesn't get it, " +
			"and objects are then treated differently from pod to pod. Its log says why.",
	},
	{
		Name: RuleInvalidMode, Severity: SeverityWarning, Cluster: true, Audit: true,
		Title: "a Namespace's label holdfast.dev/policy has an unknown value",
		Text: "The label must be enforce, warn or audit. With any other value the API server never calls Holdfast for the Namespace, and nothing in it is changed. " +
			"Correct the label, or remove it.",
		Example: "kind: Namespace\nmetadata:\n  labels:\n    holdfast.dev/policy: enforced",
	},
	{
		Name: RuleOtherMutator, Severity: SeverityWarning, Cluster: true,
		Title: "something else in the cluster writes the same annotations or fields",
		Text: "A policy of Kyverno or Gatekeeper, or a MutatingAdmissionPolicy, sets what Holdfast sets. Holdfast keeps a value that it finds, and is called again after other webhooks, " +
			"so the other's value usually wins: an idle WebSocket lives as long as that one says. Remove that part of the other policy, or leave those namespaces to it.",
	},
	{
		Name: RuleFailedOpen, Severity: SeverityWarning, Cluster: true,
		Title: "the API server admitted objects without Holdfast",
		Text: "Since it started, the API server couldn't reach Holdfast for some writes and admitted them all the same, as failurePolicy Ignore says. " +
			"Those objects lack their timeouts until they are written again (kubectl patch ingress NAME --type=merge -p '{}'). Each API server counts for itself, until it restarts; nothing records which objects they were.",
	},
	{
		Name: RuleNotInjected, Severity: SeverityError, Cluster: true,
		Title: "an object that was sent as a trial didn't come back as the policy says",
		Text: "The check creates an Ingress and a sticky Service with a dry run, which stores nothing, in a namespace of each mode. In enforce they must come back with what the policy injects, " +
			"in warn with warnings, and in audit the pods must count them. If they don't, the API server doesn't call Holdfast or doesn't use its answer: the other checks usually say why.",
	},
}
