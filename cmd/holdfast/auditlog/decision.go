package auditlog

import "strings"

const (
	// webhookSuffix is how the names of Holdfast's webhooks end: ingress.holdfast.dev.
	webhookSuffix = ".holdfast.dev"
	// failedOpenPrefix is what the API server's annotation begins with for a webhook that it
	// admitted a write without; its value is the webhook's name.
	failedOpenPrefix = "failed-open.mutation.webhook.admission.k8s.io/"
)

// The outcomes of a decision that matter here. Others are only counted.
const (
	// Changed is a write that Holdfast changed.
	Changed = "changed"
	// FailedOpen is a write that the API server admitted without Holdfast.
	FailedOpen = "failed-open"
	refused    = "refused"
)

// decision is what the annotations of an event say of a webhook of Holdfast's.
type decision struct {
	webhook string
	// outcome is FailedOpen or that of Holdfast.
	outcome                         string
	mode, policy, changes, findings string
}

// decision returns Holdfast's decision about a write; false if it had none.
func (e *event) decision() (d decision, found bool) {
	failedOpen := ""
	for key, value := range e.Annotations {
		name, field, _ := strings.Cut(key, "/")
		switch {
		case strings.HasPrefix(key, failedOpenPrefix) && strings.HasSuffix(value, webhookSuffix):
			failedOpen = value
		case strings.HasSuffix(name, webhookSuffix):
			d.webhook = name
			d.set(field, value)
		}
	}
	// A webhook may be called twice for one write. It failed open only if it never answered.
	if d.outcome == "" && failedOpen != "" {
		return decision{webhook: failedOpen, outcome: FailedOpen}, true
	}
	return d, d.outcome != ""
}

// set sets the field that an annotation of Holdfast's is about.
func (d *decision) set(field, value string) {
	switch field {
	case "outcome":
		d.outcome = value
	case "mode":
		d.mode = value
	case "policy":
		d.policy = value
	case "changes":
		d.changes = value
	case "findings":
		d.findings = value
	}
}
