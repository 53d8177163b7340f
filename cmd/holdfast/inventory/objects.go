package inventory

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/holdfast-dev/holdfast/policy/audit"
)

func addConfigMap(s *audit.Snapshot, i item) error {
	m, err := decode[corev1.ConfigMap](i)
	if err != nil {
		return err
	}
	s.ConfigMaps = append(s.ConfigMaps, audit.ConfigMap{Meta: meta("v1", "ConfigMap", &m.ObjectMeta, i), Data: m.Data})
	return nil
}

// addRoute returns what adds an object of a kind that is only counted. The items of a list
// of metadata don't have the type of the object.
func addRoute(apiVersion, kind string) func(*audit.Snapshot, item) error {
	return func(s *audit.Snapshot, i item) error {
		r, err := decode[metav1.PartialObjectMetadata](i)
		if err != nil {
			return err
		}
		s.Routes = append(s.Routes, audit.Route{Object: audit.Object{APIVersion: apiVersion, Kind: kind, Namespace: r.Namespace, Name: r.Name}})
		return nil
	}
}

// service returns what leads from a Service to its pods.
func service(spec *corev1.ServiceSpec) (selector map[string]string, ports []audit.ServicePort) {
	for _, p := range spec.Ports {
		reduced := audit.ServicePort{Name: p.Name, Port: p.Port, Protocol: string(p.Protocol)}
		if p.TargetPort.String() != "0" {
			reduced.TargetPort = p.TargetPort.String()
		}
		ports = append(ports, reduced)
	}
	return spec.Selector, ports
}
