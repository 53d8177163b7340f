package auditlog

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Entry is a write that Holdfast changed, or that was admitted without it.
type Entry struct {
	// Time is when the write was answered.
	Time time.Time `json:"time"`
	// Outcome is Changed or FailedOpen.
	Outcome string `json:"outcome"`
	Object  Object `json:"object"`
	// Verb is create, update or patch.
	Verb string `json:"verb"`
	// User is whose write it was, ImpersonatedBy who sent it in their name; the latter is empty
	// if they sent it themselves.
	User           string `json:"user"`
	ImpersonatedBy string `json:"impersonatedBy,omitempty"`
	// Mode is that of the Namespace; empty if Holdfast wasn't reached.
	Mode string `json:"mode,omitempty"`
	// PolicySHA256 is the digest of the policy file; empty if Holdfast wasn't reached.
	PolicySHA256 string `json:"policySHA256,omitempty"`
	// Changes are the new values by annotation or field, null for one that was removed. The
	// record, holdfast.dev/injected, isn't among them.
	Changes map[string]*string `json:"changes,omitempty"`
	// Findings are the rules that had something to report.
	Findings []string `json:"findings,omitempty"`
	// Webhook is that of Holdfast's webhooks that was called.
	Webhook string `json:"webhook"`
	// AuditID finds the event in the log.
	AuditID string `json:"auditID"`
}

// Object is what was written.
type Object struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	// Name is empty if it was generated and the log doesn't have it.
	Name string `json:"name,omitempty"`
	// GenerateName is what such a name begins with; empty if the log doesn't have that either.
	GenerateName string `json:"generateName,omitempty"`
}

// String returns the object as a sentence names it.
func (o Object) String() string {
	switch {
	case o.Name != "":
		return fmt.Sprintf("%s %s/%s", o.Kind, o.Namespace, o.Name)
	case o.GenerateName != "":
		return fmt.Sprintf("%s in %s, name not in the log: generated from %s", o.Kind, o.Namespace, o.GenerateName)
	default:
		return fmt.Sprintf("%s in %s, name not in the log: generated", o.Kind, o.Namespace)
	}
}

// newEntry returns the entry for a decision that counts; false if its changes can't be read.
func newEntry(e *event, d decision) (entry Entry, readable bool) {
	entry = Entry{
		Time: e.StageTimestamp.UTC(), Outcome: d.outcome, Object: e.named(), Verb: e.Verb,
		Mode: d.mode, PolicySHA256: d.policy, Webhook: d.webhook, AuditID: e.AuditID,
	}
	entry.User, entry.ImpersonatedBy = e.writer()
	if d.findings != "" {
		entry.Findings = strings.Split(d.findings, ",")
	}
	if d.changes == "" {
		return entry, true
	}
	return entry, json.Unmarshal([]byte(d.changes), &entry.Changes) == nil
}
