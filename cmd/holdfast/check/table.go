package check

import "github.com/holdfast-dev/holdfast/policy"

// checks is the table of checks, in the order in which they are made. Nothing writes to
// it.
var checks = [...]check{
	{"Kubernetes", "version", always, kubernetesVersion},
	{"cert-manager", "API", always, certManagerAPI},
	{"Rights", "to install the chart", BeforeInstalling, rightsToInstall},

	{"Ingress controllers", "IngressClasses", always, ingressClasses},
	{"Ingress controllers", "default timeouts", BeforeInstalling, defaultTimeouts},
	{"Ingress controllers", "other mutating policies", always, otherMutators},

	{"Registration", "webhooks", AfterInstalling | Auditing, registration},
	{"Registration", "calls that failed", AfterInstalling | Auditing, failedCalls},

	{"Certificate", "issued", AfterInstalling | Auditing, certificateIssued},
	{"Certificate", "trusted by the API server", AfterInstalling, certificateTrusted},
	{"Certificate", "trusted by the registration", Auditing, caBundleTrusted},
	{"Certificate", "expiry", AfterInstalling | Auditing, certificateExpiry},

	{"Pods", "replicas", AfterInstalling, replicas},
	{"Pods", "endpoints", AfterInstalling, endpoints},

	{"Policy", "ConfigMap", AfterInstalling | Auditing, policyValid},
	{"Policy", "in force in every pod", AfterInstalling, policyOfPods},
	{"Policy", "labels of Namespaces", AfterInstalling, namespaceLabels},

	{"Trial", "enforce", AfterInstalling, trial{mode: policy.Enforce}.run},
	{"Trial", "warn", AfterInstalling, trial{mode: policy.Warn}.run},
	{"Trial", "audit", AfterInstalling, trial{mode: policy.Audit}.run},
}
