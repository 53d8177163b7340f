package node

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// field returns what a fieldRef names.
func field(pod *corev1.Pod, path string) (string, error) {
	if key, ok := subscript(path, "metadata.annotations"); ok {
		return pod.Annotations[key], nil
	}
	if key, ok := subscript(path, "metadata.labels"); ok {
		return pod.Labels[key], nil
	}
	fields := map[string]string{
		"metadata.name":           pod.Name,
		"metadata.namespace":      pod.Namespace,
		"metadata.uid":            string(pod.UID),
		"metadata.annotations":    lines(pod.Annotations),
		"metadata.labels":         lines(pod.Labels),
		"spec.nodeName":           pod.Spec.NodeName,
		"spec.serviceAccountName": pod.Spec.ServiceAccountName,
		"status.hostIP":           pod.Status.HostIP,
		"status.hostIPs":          pod.Status.HostIP,
		"status.podIP":            pod.Status.PodIP,
		"status.podIPs":           pod.Status.PodIP,
	}
	value, ok := fields[path]
	if !ok {
		return "", fmt.Errorf("fieldRef %q is not one of %s", path,
			strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
	}
	return value, nil
}

// subscript takes KEY from NAME['KEY'].
func subscript(path, name string) (key string, ok bool) {
	key, ok = strings.CutPrefix(path, name+"['")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(key, "']")
}

// lines writes a map as the downward API does.
func lines(m map[string]string) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintf(&b, "%s=%q\n", key, m[key])
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// quantity returns what a resourceFieldRef names, in units of its divisor and
// rounded up. What has no limit may use the whole node.
func quantity(container *corev1.Container, whole corev1.ResourceList, ref *corev1.ResourceFieldSelector) (string, error) {
	kind, name, _ := strings.Cut(ref.Resource, ".")
	var list corev1.ResourceList
	switch kind {
	case "limits":
		list = container.Resources.Limits
	case "requests":
		list = container.Resources.Requests
	}
	value, ok := list[corev1.ResourceName(name)]
	if !ok && kind == "limits" {
		value, ok = whole[corev1.ResourceName(name)]
	}
	if !ok && kind == "requests" {
		value, ok = resource.Quantity{}, true
	}
	if !ok {
		return "", fmt.Errorf("resourceFieldRef %q is neither a limit nor a request of this container", ref.Resource)
	}
	return divided(value, ref.Divisor), nil
}

func divided(value, divisor resource.Quantity) string {
	unit := divisor.MilliValue()
	if unit == 0 {
		unit = 1000
	}
	return strconv.FormatInt((value.MilliValue()+unit-1)/unit, 10)
}
