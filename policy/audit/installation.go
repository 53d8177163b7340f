package audit

import "github.com/holdfast-dev/holdfast/policy"

const msgInstallation policy.Message = `{detail}`

// NewInstallationFinding returns a finding about Holdfast's own installation in a cluster.
func NewInstallationFinding(rule policy.Rule, o Object, sentence string) Finding {
	return Finding{Finding: policy.Finding{Rule: rule, Actor: policy.Admin, Message: msgInstallation, Detail: sentence}, Object: o}
}

// installation returns what was found wrong with Holdfast's own installation.
func installation(v *view) []Finding { return v.Installation }
