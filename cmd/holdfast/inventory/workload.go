package inventory

import (
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/policy/audit"
)

func addDeployment(s *audit.Snapshot, i item) error {
	d, err := decode[appsv1.Deployment](i)
	if err != nil {
		return err
	}
	s.Workloads = append(s.Workloads, workload(meta("apps/v1", "Deployment", &d.ObjectMeta, i), replicas(d.Spec.Replicas), &d.Spec.Template))
	return nil
}

func addStatefulSet(s *audit.Snapshot, i item) error {
	d, err := decode[appsv1.StatefulSet](i)
	if err != nil {
		return err
	}
	s.Workloads = append(s.Workloads, workload(meta("apps/v1", "StatefulSet", &d.ObjectMeta, i), replicas(d.Spec.Replicas), &d.Spec.Template))
	return nil
}

func addDaemonSet(s *audit.Snapshot, i item) error {
	d, err := decode[appsv1.DaemonSet](i)
	if err != nil {
		return err
	}
	s.Workloads = append(s.Workloads, workload(meta("apps/v1", "DaemonSet", &d.ObjectMeta, i), nil, &d.Spec.Template))
	return nil
}

// replicas returns how many pods are asked for, with the API server's default.
func replicas(asked *int32) *int32 {
	if asked == nil {
		one := int32(1)
		return &one
	}
	return asked
}

// meta returns what all objects have in common.
func meta(apiVersion, kind string, m *metav1.ObjectMeta, i item) audit.Meta {
	return audit.Meta{
		Object: audit.Object{APIVersion: apiVersion, Kind: kind, Namespace: m.Namespace, Name: m.Name},
		Labels: m.Labels, Annotations: withoutLastApplied(m.Annotations), Source: i.source,
	}
}

// withoutLastApplied returns annotations without kubectl's copy of the object.
func withoutLastApplied(annotations map[string]string) map[string]string {
	delete(annotations, corev1.LastAppliedConfigAnnotation)
	return annotations
}

// defaultGracePeriod is the API server's default of terminationGracePeriodSeconds.
const defaultGracePeriod = corev1.DefaultTerminationGracePeriodSeconds

func workload(m audit.Meta, replicas *int32, template *corev1.PodTemplateSpec) audit.Workload {
	w := audit.Workload{
		Meta: m, Replicas: replicas, PodLabels: template.Labels, GracePeriod: defaultGracePeriod, HostNetwork: template.Spec.HostNetwork,
	}
	if seconds := template.Spec.TerminationGracePeriodSeconds; seconds != nil {
		w.GracePeriod = *seconds
	}
	for i := range template.Spec.Containers {
		w.Containers = append(w.Containers, container(&template.Spec.Containers[i]))
	}
	return w
}

func container(c *corev1.Container) audit.Container {
	reduced := audit.Container{
		Name: c.Name, Image: c.Image, Arguments: slices.Concat(c.Command, c.Args), HasReadinessProbe: c.ReadinessProbe != nil,
	}
	for _, p := range c.Ports {
		reduced.Ports = append(reduced.Ports, audit.ContainerPort{Name: p.Name, Port: p.ContainerPort, Protocol: string(p.Protocol)})
	}
	for _, e := range c.Env {
		if e.ValueFrom == nil {
			if reduced.Environment == nil {
				reduced.Environment = make(map[string]string)
			}
			reduced.Environment[e.Name] = e.Value
		}
	}
	if c.Lifecycle != nil && c.Lifecycle.PreStop != nil {
		reduced.HasPreStop, reduced.PreStopSleep = true, sleep(c.Lifecycle.PreStop)
	}
	return reduced
}

// sleep returns how long a hook sleeps, in seconds: by its own action, or by a command
// that is or ends in "sleep N". It is zero if that can't be read.
func sleep(h *corev1.LifecycleHandler) int64 {
	if h.Sleep != nil {
		return h.Sleep.Seconds
	}
	if h.Exec == nil {
		return 0
	}
	words := strings.Fields(strings.Join(h.Exec.Command, " "))
	last := len(words) - 1
	for at, word := range words {
		if at == last || word != "sleep" && !strings.HasSuffix(word, "/sleep") {
			continue
		}
		if seconds, err := strconv.ParseInt(strings.TrimRight(words[at+1], "s;"), 10, 64); err == nil {
			return seconds
		}
	}
	return 0
}
