package main

import (
	"strings"

	"github.com/holdfast-dev/holdfast/cmd/holdfast/check"
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
)

// markExcluded marks the Namespaces that the installation excludes.
func markExcluded(s *audit.Snapshot, installed *check.Installation) {
	for i := range s.Namespaces {
		ns := &s.Namespaces[i]
		ns.Excluded = ns.Excluded || installed.Excludes(ns.Labels)
	}
}

// addInstallation adds what is wrong with Holdfast's own installation, and what of it
// couldn't be checked. A cluster without Holdfast is no fault unless a Namespace asks for
// it.
func addInstallation(s *audit.Snapshot, installed *check.Installation) {
	for _, f := range installed.Faults {
		s.Installation = append(s.Installation, audit.NewInstallationFinding(f.Rule, objectOf(f.Object, installed.Home), f.Message+"; "+f.Remedy))
	}
	for _, each := range installed.NotMade {
		s.Unread = append(s.Unread, audit.Unread{Resource: "Holdfast's " + strings.ToLower(each.Section) + " (" + each.Check + ")", Reason: each.Message})
	}
	if n := namespacesWithMode(s.Namespaces); !installed.Registered && len(installed.NotMade) == 0 && n > 0 {
		s.Installation = append(s.Installation, audit.NewInstallationFinding(policy.RuleNotInstalled, objectOf("mutatingwebhookconfiguration/holdfast", ""),
			"not registered in this cluster, so nothing is changed in "+policy.Quantity(n, "Namespace")+" with the label "+policy.PolicyLabel+"; install the chart"))
	}
}

// namespacesWithMode counts the Namespaces whose label asks for Holdfast.
func namespacesWithMode(all []audit.Namespace) int {
	n := 0
	for i := range all {
		if _, known := policy.ParseMode(all[i].Labels[policy.PolicyLabel]); known {
			n++
		}
	}
	return n
}

// installationKinds are the kinds of the objects that faults are about, by their names in
// faults.
var installationKinds = map[string]struct {
	apiVersion, kind string
	inCluster        bool
}{
	"mutatingwebhookconfiguration": {"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", true},
	"certificate":                  {"cert-manager.io/v1", "Certificate", false},
	"configmap":                    {"v1", "ConfigMap", false},
	"deployment":                   {"apps/v1", "Deployment", false},
	"pod":                          {"v1", "Pod", false},
	"service":                      {"v1", "Service", false},
}

// objectOf returns the object that a fault is about. A webhook is a part of the
// registration.
func objectOf(fault, home string) audit.Object {
	kind, name, _ := strings.Cut(fault, "/")
	if kind == "webhook" {
		kind, name = "mutatingwebhookconfiguration", "holdfast"
	}
	k, known := installationKinds[kind]
	if !known {
		return audit.Object{}
	}
	o := audit.Object{APIVersion: k.apiVersion, Kind: k.kind, Name: name}
	if !k.inCluster {
		o.Namespace = home
	}
	return o
}
