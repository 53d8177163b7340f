package check

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cert-manager/cert-manager/pkg/util/cmapichecker"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/holdfast-dev/holdfast/policy"
)

// OldestKubernetes is the oldest version that the chart allows.
const OldestKubernetes = "1.30.0"

func kubernetesVersion(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	info, err := c.version(ctx)
	if err != nil {
		return "", nil, err
	}
	running, err := version.ParseGeneric(info.GitVersion)
	if err != nil {
		return "", nil, err
	}
	if running.LessThan(version.MustParseGeneric(OldestKubernetes)) {
		return one(policy.RuleUnsupportedKubernetes, "", fmt.Sprintf("the API server is %s, and Holdfast needs %s or newer", info.GitVersion, OldestKubernetes),
			"upgrade the cluster")
	}
	return "API server " + info.GitVersion, nil, nil
}

// certManagerAPI creates a CertificateRequest as a dry run, with cert-manager's own
// checker.
func certManagerAPI(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	checker, err := cmapichecker.New(c.config, "default")
	if err != nil {
		return "", nil, err
	}
	err = checker.Check(ctx)
	simple := cmapichecker.TranslateToSimpleError(err)
	switch {
	case err == nil:
		return "its API and its webhook answer", nil, nil
	case errors.Is(err, cmapichecker.ErrMutationWebhookMissing), errors.Is(err, cmapichecker.ErrValidatingWebhookMissing):
		return one(policy.RuleCertManagerUnvalidated, "", "cert-manager's API is served, but its webhook takes no part in a write",
			"install cert-manager's webhook, unless you left it out on purpose")
	case simple == nil || errors.Is(simple, cmapichecker.ErrFailedToCheckAPI):
		// Rights, a quota or another webhook.
		return "", nil, notChecked(strings.TrimSpace(err.Error()))
	}
	return one(policy.RuleCertManagerNotReady, "", strings.TrimSpace(simple.Error()),
		"install cert-manager (https://cert-manager.io/docs/installation), and wait until cmctl check api succeeds")
}
