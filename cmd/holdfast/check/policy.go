package check

import (
	"context"
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/strictyaml"
)

func policyValid(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	file, err := c.policyFile(ctx)
	object := "configmap/" + PolicyConfigMap
	if apierrors.IsNotFound(err) {
		return one(policy.RuleInvalidPolicy, object, "doesn't exist", "upgrade the release with helm, which creates it again")
	}
	if err != nil {
		return "", nil, err
	}
	const remedy = "correct the value policy and upgrade the release; holdfast policy validate checks it before"
	_, err = policy.Read(file)
	var found strictyaml.Faults
	switch {
	case errors.As(err, &found):
		for _, each := range found {
			faults = append(faults, fault(policy.RuleInvalidPolicy, object, fmt.Sprintf("%s, line %d: %s", policyMapKey, each.Line, each.Text()), remedy))
		}
		return "", faults, nil
	case err != nil:
		return one(policy.RuleInvalidPolicy, object, err.Error(), remedy)
	}
	return "it contains a valid policy", nil, nil
}

// modes are the modes in the order in which they are shown.
var modes = [...]policy.Mode{policy.Enforce, policy.Warn, policy.Audit}

func namespaceLabels(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	all, err := c.namespaces(ctx)
	if err != nil {
		return "", nil, err
	}
	counts := make(map[policy.Mode]int)
	for _, ns := range all {
		text, labelled := ns.Labels[policy.PolicyLabel]
		if !labelled {
			continue
		}
		mode, known := policy.ParseMode(text)
		if !known {
			faults = append(faults, fault(policy.RuleInvalidMode, "namespace/"+ns.Name,
				fmt.Sprintf("label %s: %q is unknown, so nothing in it is changed", policy.PolicyLabel, text),
				fmt.Sprintf("kubectl label --overwrite namespace %s %s=enforce, or warn, or audit", ns.Name, policy.PolicyLabel)))
			continue
		}
		counts[mode]++
	}
	var parts []string
	for _, mode := range modes {
		parts = append(parts, fmt.Sprintf("%d %s", counts[mode], mode))
	}
	return strings.Join(parts, ", "), faults, nil
}

// inMode returns the Namespaces that have a mode.
func inMode(all []corev1.Namespace, mode policy.Mode) []corev1.Namespace {
	var found []corev1.Namespace
	for _, ns := range all {
		if m, known := policy.ParseMode(ns.Labels[policy.PolicyLabel]); known && m == mode && ns.DeletionTimestamp == nil {
			found = append(found, ns)
		}
	}
	return found
}
