package check

import (
	"context"
	"errors"
	"fmt"
	"slices"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"

	"github.com/holdfast-dev/holdfast/config"
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

type (
	webhookConfiguration = admissionregistrationv1.MutatingWebhookConfiguration
	mutatingWebhook      = admissionregistrationv1.MutatingWebhook
)

func registration(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	found, err := c.registration(ctx)
	if errors.Is(err, errNotInstalled) {
		return one(policy.RuleNotInstalled, "mutatingwebhookconfiguration/"+registrationName, "doesn't exist, so the API server never calls Holdfast",
			"install the chart")
	}
	if err != nil {
		return "", nil, err
	}
	p, err := c.effectivePolicy(ctx)
	if err != nil {
		return "", nil, err
	}
	wanted, err := renderedByChart(p)
	if err != nil {
		return "", nil, err
	}
	for _, each := range wanted.Webhooks {
		for _, field := range differences(each, found.Webhooks) {
			faults = append(faults, fault(policy.RuleRegistrationDiffers, "mutatingwebhookconfiguration/"+registrationName,
				fmt.Sprintf("webhook %s: %s", each.Name, field),
				"helm upgrade with the chart of this program's version, and --force-conflicts if another client wrote the field"))
		}
	}
	return fmt.Sprintf("%d are registered, as the chart renders them", len(wanted.Webhooks)), faults, nil
}

// renderedByChart returns the registration that the chart renders for a policy.
func renderedByChart(p *policy.Policy) (*webhookConfiguration, error) {
	wanted := new(webhookConfiguration)
	if err := yaml.UnmarshalStrict(config.Webhooks, wanted); err != nil {
		return nil, fmt.Errorf("reading the chart's registration: %w", err)
	}
	if !p.HonorsIgnore() {
		dropCondition(wanted, "not-ignored-or-injected")
	}
	if usesServiceTimeouts(p) {
		dropCondition(wanted, "has-holdfast-key")
	}
	return wanted, nil
}

// dropCondition removes the match condition of a name.
func dropCondition(from *webhookConfiguration, name string) {
	for i := range from.Webhooks {
		from.Webhooks[i].MatchConditions = slices.DeleteFunc(from.Webhooks[i].MatchConditions, func(m admissionregistrationv1.MatchCondition) bool {
			return m.Name == name
		})
	}
}

// usesServiceTimeouts reports whether the timeouts of any controller go onto Services.
func usesServiceTimeouts(p *policy.Policy) bool {
	for _, classes := range []map[string]policy.ClassOverride{p.IngressClasses, p.SpecControllers} {
		for _, class := range classes {
			if class.Options.On(dialect.ServiceTimeouts) {
				return true
			}
		}
	}
	return false
}

// differences returns what differs from a webhook as the chart renders it, but for what
// its values decide: failurePolicy, timeoutSeconds, further excluded Namespaces, and
// where the Service is.
func differences(wanted mutatingWebhook, all []mutatingWebhook) []string {
	at := slices.IndexFunc(all, func(w mutatingWebhook) bool { return w.Name == wanted.Name })
	if at < 0 {
		return []string{"isn't registered"}
	}
	found := all[at]
	service, foundService := wanted.ClientConfig.Service, found.ClientConfig.Service
	if foundService == nil {
		return []string{"clientConfig.service is missing"}
	}
	var differ []string
	for _, field := range []struct {
		name          string
		wanted, found any
	}{
		{"clientConfig.service.name", service.Name, foundService.Name},
		{"clientConfig.service.path", service.Path, foundService.Path},
		{"clientConfig.service.port", service.Port, foundService.Port},
		{"rules", wanted.Rules, found.Rules},
		{"matchPolicy", wanted.MatchPolicy, found.MatchPolicy},
		{"matchConditions", wanted.MatchConditions, found.MatchConditions},
		{"objectSelector", wanted.ObjectSelector, found.ObjectSelector},
		{"sideEffects", wanted.SideEffects, found.SideEffects},
		{"reinvocationPolicy", wanted.ReinvocationPolicy, found.ReinvocationPolicy},
		{"admissionReviewVersions", wanted.AdmissionReviewVersions, found.AdmissionReviewVersions},
	} {
		if !equality.Semantic.DeepEqual(field.wanted, field.found) {
			differ = append(differ, field.name+" isn't what the chart renders")
		}
	}
	return append(differ, selectorDifferences(wanted.NamespaceSelector, found)...)
}

// selectorDifferences returns how the selector of Namespaces differs from the chart's. It
// may exclude more: the values do, and a cloud may (AKS adds requirements of its own).
func selectorDifferences(wanted *metav1.LabelSelector, found mutatingWebhook) []string {
	selector := found.NamespaceSelector
	if selector == nil {
		selector = new(metav1.LabelSelector)
	}
	excluded := []string{found.ClientConfig.Service.Namespace}
	selectsModes := len(selector.MatchLabels) == 0
	missing := wanted.MatchExpressions[0]
	for _, requirement := range selector.MatchExpressions {
		switch {
		case equality.Semantic.DeepEqual(requirement, missing):
			missing.Key = ""
		case requirement.Operator != metav1.LabelSelectorOpNotIn && requirement.Operator != metav1.LabelSelectorOpDoesNotExist:
			selectsModes = false
		}
	}
	if !selectsModes || missing.Key != "" {
		return []string{"namespaceSelector isn't what the chart renders"}
	}
	for _, name := range wanted.MatchExpressions[1].Values {
		if name != DefaultNamespace {
			excluded = append(excluded, name)
		}
	}
	matches, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return []string{"namespaceSelector: " + err.Error()}
	}
	for _, name := range excluded {
		if matches.Matches(labels.Set{corev1.LabelMetadataName: name, policy.PolicyLabel: string(policy.Enforce)}) {
			return []string{"namespaceSelector doesn't exclude " + name + ", which the cluster or Holdfast needs to start"}
		}
	}
	return nil
}
