package check

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/holdfast-dev/holdfast/policy"
)

// Installation is what an audit needs to know of Holdfast's own installation. All of it
// was read with GET requests.
type Installation struct {
	// Home is the Namespace that Holdfast is installed in, or usually is.
	Home string
	// Registered says that the API server calls Holdfast.
	Registered bool
	// Policy is the policy in the cluster, and PolicyFile its file. Policy is nil if there is
	// none, or if it can't be used: then Faults or NotMade say why.
	Policy     *policy.Policy
	PolicyFile []byte
	Faults     []Fault
	// NotMade are the checks that the caller's rights don't allow, or whose answer can't be
	// read.
	NotMade []Result

	selectors []labels.Selector
}

// Audit makes the checks of an audit. If Holdfast isn't registered, there is nothing to
// check beside that.
func Audit(ctx context.Context, c *Cluster) (*Installation, error) {
	c = c.forRun(ctx)
	found, err := Find(ctx, c)
	if err != nil || !found.Registered {
		return found, err
	}
	for _, each := range checks {
		if each.phase&Auditing != 0 {
			found.add(ctx, c, each)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Find reads the policy and the registration, and makes no checks.
func Find(ctx context.Context, c *Cluster) (*Installation, error) {
	if err := c.reach(ctx); err != nil {
		return nil, fmt.Errorf("reaching the API server: %w", err)
	}
	c = c.forRun(ctx)
	found := &Installation{Home: c.Namespace}
	if err := found.readPolicy(ctx, c); err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	switch err := found.readRegistration(ctx, c); {
	case errors.Is(err, errNotInstalled):
		return found, nil
	case isForbidden(err):
		found.NotMade = append(found.NotMade, Result{Section: "Registration", Check: "webhooks", Status: NotChecked, Message: reason(err)})
		return found, nil
	case err != nil:
		return nil, fmt.Errorf("reading the registration: %w", err)
	}
	return found, nil
}

// add makes a check. One that lacks what another check is about is no check of its own.
func (i *Installation) add(ctx context.Context, c *Cluster, k check) {
	_, faults, err := k.run(ctx, c)
	i.Faults = append(i.Faults, faults...)
	if why := notChecked(""); err != nil && !errors.As(err, &why) && !apierrors.IsNotFound(err) {
		i.NotMade = append(i.NotMade, Result{Section: k.section, Check: k.name, Status: NotChecked, Message: reason(err)})
	}
}

func (i *Installation) readPolicy(ctx context.Context, c *Cluster) error {
	file, err := c.policyFile(ctx)
	if isForbidden(err) || apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	i.PolicyFile = file
	// Why a policy is invalid is a check's.
	i.Policy, _ = policy.Read(file)
	return nil
}

func (i *Installation) readRegistration(ctx context.Context, c *Cluster) error {
	registered, err := c.registration(ctx)
	if err != nil {
		return err
	}
	i.Registered = true
	for _, webhook := range registered.Webhooks {
		selector, err := metav1.LabelSelectorAsSelector(webhook.NamespaceSelector)
		if err != nil {
			return err
		}
		i.selectors = append(i.selectors, selector)
	}
	return nil
}

// Excludes reports whether the API server wouldn't call Holdfast for a Namespace with
// these labels, whichever mode it had.
func (i *Installation) Excludes(namespace map[string]string) bool {
	enforced := labels.Merge(namespace, labels.Set{policy.PolicyLabel: string(policy.Enforce)})
	for _, selector := range i.selectors {
		if !selector.Matches(enforced) {
			return true
		}
	}
	return false
}
