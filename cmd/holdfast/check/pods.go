package check

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/holdfast-dev/holdfast/policy"
)

// deployment returns Holdfast's Deployment.
func (c *Cluster) deployment(ctx context.Context) (*appsv1.Deployment, error) {
	found := new(appsv1.Deployment)
	return found, c.get(ctx, deploymentName, found)
}

func replicas(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	found, err := c.deployment(ctx)
	object := "deployment/" + deploymentName
	if apierrors.IsNotFound(err) {
		return one(policy.RuleMissingReplicas, object, "doesn't exist", "upgrade the release with helm, which creates it again")
	}
	if err != nil {
		return "", nil, err
	}
	wanted, ready := int32(1), found.Status.ReadyReplicas
	if found.Spec.Replicas != nil {
		wanted = *found.Spec.Replicas
	}
	remedy := fmt.Sprintf("see kubectl describe pods -n %s -l app.kubernetes.io/name=holdfast", found.Namespace)
	switch {
	case wanted == 0:
		return one(policy.RuleMissingReplicas, object, "is scaled to 0, so no pod answers",
			fmt.Sprintf("kubectl -n %s scale %s --replicas=2", found.Namespace, object))
	case ready < wanted:
		return one(policy.RuleMissingReplicas, object, fmt.Sprintf("%d of %s are ready", ready, policy.Quantity(int(wanted), "pod")), remedy)
	case found.Status.UpdatedReplicas < wanted:
		return one(policy.RuleMissingReplicas, object, fmt.Sprintf("%d of %s have the newest settings: a rollout isn't over",
			found.Status.UpdatedReplicas, policy.Quantity(int(wanted), "pod")), remedy)
	}
	return fmt.Sprintf("%d of %s are ready", ready, policy.Quantity(int(wanted), "pod")), nil, nil
}

func endpoints(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	home, err := c.home(ctx)
	if err != nil {
		return "", nil, err
	}
	var slices discoveryv1.EndpointSliceList
	if err := c.objects.List(ctx, &slices, client.InNamespace(home), client.MatchingLabels{discoveryv1.LabelServiceName: serviceName}); err != nil {
		return "", nil, err
	}
	ready := 0
	for _, slice := range slices.Items {
		for _, endpoint := range slice.Endpoints {
			if endpoint.Conditions.Ready == nil || *endpoint.Conditions.Ready {
				ready++
			}
		}
	}
	if ready == 0 {
		return one(policy.RuleNoEndpoints, "service/"+serviceName, "has no ready endpoint, so no call is answered",
			fmt.Sprintf("see kubectl logs -n %s -l app.kubernetes.io/name=holdfast", home))
	}
	return fmt.Sprintf("Service %s has %s", serviceName, policy.Quantity(ready, "ready endpoint")), nil, nil
}

// pods returns Holdfast's pods that run.
func (c *Cluster) pods(ctx context.Context) ([]corev1.Pod, error) {
	found, err := c.deployment(ctx)
	if err != nil {
		return nil, err
	}
	selector, err := metav1.LabelSelectorAsSelector(found.Spec.Selector)
	if err != nil {
		return nil, err
	}
	var list corev1.PodList
	if err := c.objects.List(ctx, &list, client.InNamespace(found.Namespace), client.MatchingLabelsSelector{Selector: selector}); err != nil {
		return nil, err
	}
	var running []corev1.Pod
	for _, each := range list.Items {
		if each.Status.Phase == corev1.PodRunning && each.DeletionTimestamp == nil {
			running = append(running, each)
		}
	}
	if len(running) == 0 {
		return nil, notChecked("no pod of Holdfast runs")
	}
	return running, nil
}

// metricsPort returns the port of a pod's metrics.
func metricsPort(pod *corev1.Pod) (int32, bool) {
	for _, container := range pod.Spec.Containers {
		for _, port := range container.Ports {
			if port.Name == "metrics" {
				return port.ContainerPort, true
			}
		}
	}
	return 0, false
}
