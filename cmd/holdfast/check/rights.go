package check

import (
	"context"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/holdfast-dev/holdfast/policy"
)

// resource is a resource of the API.
type resource struct {
	group, name string
	namespaced  bool
}

// String returns the resource as kubectl names it.
func (r resource) String() string {
	if r.group == "" {
		return r.name
	}
	return r.name + "." + r.group
}

// created are the resources that the chart creates with its default values, and the
// Secret in which helm keeps the release.
var created = [...]resource{
	{"", "secrets", true},
	{"", "configmaps", true},
	{"", "serviceaccounts", true},
	{"", "services", true},
	{"apps", "deployments", true},
	{"policy", "poddisruptionbudgets", true},
	{"cert-manager.io", "issuers", true},
	{"cert-manager.io", "certificates", true},
	{"rbac.authorization.k8s.io", "clusterroles", false},
	{"rbac.authorization.k8s.io", "clusterrolebindings", false},
	{"admissionregistration.k8s.io", "mutatingwebhookconfigurations", false},
	{"admissionregistration.k8s.io", "validatingadmissionpolicies", false},
	{"admissionregistration.k8s.io", "validatingadmissionpolicybindings", false},
}

func rightsToInstall(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	home, err := c.home(ctx)
	if err != nil {
		return "", nil, err
	}
	needed := created[:]
	if err := c.objects.Get(ctx, client.ObjectKey{Name: home}, new(corev1.Namespace)); apierrors.IsNotFound(err) {
		needed = append([]resource{{"", "namespaces", false}}, needed...)
	}
	var missing []string
	for _, each := range needed {
		namespace := ""
		if each.namespaced {
			namespace = home
		}
		allowed, err := c.mayCreate(ctx, each, namespace)
		if err != nil {
			return "", nil, err
		}
		if !allowed {
			missing = append(missing, each.String())
		}
	}
	if len(missing) > 0 {
		return one(policy.RuleMissingRights, "", "your account may not create "+strings.Join(missing, ", "),
			"install with an account that may, usually one with the ClusterRole cluster-admin")
	}
	return "your account may create all that the chart creates", nil, nil
}

// mayCreate reports whether the caller may create objects of a resource.
func (c *Cluster) mayCreate(ctx context.Context, r resource, namespace string) (bool, error) {
	review := authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: namespace, Verb: "create", Group: r.group, Resource: r.name},
	}}
	if err := c.objects.Create(ctx, &review); err != nil {
		return false, err
	}
	return review.Status.Allowed, nil
}

// isForbidden reports whether an error is about the caller's rights.
func isForbidden(err error) bool { return apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) }
