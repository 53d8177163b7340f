package node

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// objects are what a pod may refer to.
type objects interface {
	ConfigMap(namespace, name string) (*corev1.ConfigMap, error)
	Secret(namespace, name string) (*corev1.Secret, error)
}

// environment resolves a container's environment.
type environment struct {
	pod       *corev1.Pod
	container *corev1.Container
	objects   objects
	whole     corev1.ResourceList // of the node
}

// resolve returns the container's variables on top of those that every
// container gets.
func (e environment) resolve(base map[string]string) (map[string]string, error) {
	all := maps.Clone(base)
	for _, source := range e.container.EnvFrom {
		values, err := e.from(source)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, values)
	}
	for _, variable := range e.container.Env {
		value, ok, err := e.value(variable, all)
		if err != nil {
			return nil, fmt.Errorf("resolving variable %s: %w", variable.Name, err)
		}
		if ok {
			all[variable.Name] = value
		}
	}
	return all, nil
}

// value returns false for an optional reference to nothing.
func (e environment) value(v corev1.EnvVar, known map[string]string) (string, bool, error) {
	from := v.ValueFrom
	switch {
	case from == nil:
		return expand(v.Value, known), true, nil
	case from.FieldRef != nil:
		value, err := field(e.pod, from.FieldRef.FieldPath)
		return value, true, err
	case from.ResourceFieldRef != nil:
		value, err := quantity(e.container, e.whole, from.ResourceFieldRef)
		return value, true, err
	case from.ConfigMapKeyRef != nil:
		ref := from.ConfigMapKeyRef
		object, err := e.objects.ConfigMap(e.pod.Namespace, ref.Name)
		if err != nil {
			return "", false, optional(err, ref.Optional)
		}
		value, ok := object.Data[ref.Key]
		return value, ok, missing(ok, ref.Optional, "ConfigMap", ref.Name, ref.Key)
	case from.SecretKeyRef != nil:
		ref := from.SecretKeyRef
		object, err := e.objects.Secret(e.pod.Namespace, ref.Name)
		if err != nil {
			return "", false, optional(err, ref.Optional)
		}
		value, ok := object.Data[ref.Key]
		return string(value), ok, missing(ok, ref.Optional, "Secret", ref.Name, ref.Key)
	}
	return "", false, errors.New("this node doesn't know its valueFrom")
}

func (e environment) from(source corev1.EnvFromSource) (map[string]string, error) {
	values := map[string]string{}
	if ref := source.ConfigMapRef; ref != nil {
		object, err := e.objects.ConfigMap(e.pod.Namespace, ref.Name)
		if err != nil {
			return nil, optional(err, ref.Optional)
		}
		for key, value := range object.Data {
			values[source.Prefix+key] = value
		}
	}
	if ref := source.SecretRef; ref != nil {
		object, err := e.objects.Secret(e.pod.Namespace, ref.Name)
		if err != nil {
			return nil, optional(err, ref.Optional)
		}
		for key, value := range object.Data {
			values[source.Prefix+key] = string(value)
		}
	}
	return values, nil
}

// optional forgives that an optional object isn't there.
func optional(err error, optional *bool) error {
	if apierrors.IsNotFound(err) && optional != nil && *optional {
		return nil
	}
	return err
}

func missing(found bool, optional *bool, kind, name, key string) error {
	if found || optional != nil && *optional {
		return nil
	}
	return fmt.Errorf("%s %s has no key %q", kind, name, key)
}

// expand replaces $(NAME) by the variable's value. $$ is a dollar sign, and a
// name that isn't known stays as it is.
func expand(text string, known map[string]string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "$")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, rest, closed := strings.Cut(strings.TrimPrefix(after, "("), ")")
		value, ok := known[name]
		switch {
		case strings.HasPrefix(after, "$"):
			b.WriteString("$")
			text = after[1:]
		case strings.HasPrefix(after, "(") && closed && ok:
			b.WriteString(value)
			text = rest
		default:
			b.WriteString("$")
			text = after
		}
	}
}

// assignments writes variables as a process takes them.
func assignments(variables map[string]string) []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		all = append(all, name+"="+variables[name])
	}
	return all
}
