package main

import (
	"context"
	"fmt"

	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"

	"github.com/holdfast-dev/holdfast/policy/report"
)

// servedPolicyReports returns the API version of the policy reports that a cluster serves;
// empty if it serves none.
func servedPolicyReports(ctx context.Context, config *rest.Config) (string, error) {
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return "", fmt.Errorf("finding the API of policy reports: %w", err)
	}
	groups, err := client.ServerGroupsWithContext(ctx)
	if err != nil {
		return "", fmt.Errorf("finding the API of policy reports: %w", err)
	}
	served := make(map[string]bool)
	for _, group := range groups.Groups {
		for _, version := range group.Versions {
			served[version.GroupVersion] = true
		}
	}
	for _, version := range []string{report.OpenReports, report.WGPolicyK8sIO} {
		if served[version] {
			return version, nil
		}
	}
	return "", nil
}
