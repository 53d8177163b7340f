package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// installCRDs makes cert-manager's namespace and types, and returns when the
// API server serves them: an informer started earlier would wait for its next
// try.
func installCRDs(ctx context.Context, config *rest.Config, types *runtime.Scheme, o options) error {
	c, err := client.New(config, client.Options{Scheme: types})
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: o.namespace}}
	if err := create(ctx, c, namespace); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(o.crds, "*.yaml"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no CustomResourceDefinitions in %q", o.crds)
	}
	var crds []*apiextensions.CustomResourceDefinition
	for _, file := range files {
		crd, err := readCRD(file)
		if err != nil {
			return fmt.Errorf("reading %s: %w", file, err)
		}
		if err := create(ctx, c, crd); err != nil {
			return err
		}
		crds = append(crds, crd)
	}
	return waitEstablished(ctx, c, crds)
}

func readCRD(file string) (*apiextensions.CustomResourceDefinition, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	crd := &apiextensions.CustomResourceDefinition{}
	return crd, yaml.UnmarshalStrict(text, crd)
}

func create(ctx context.Context, c client.Client, object client.Object) error {
	err := c.Create(ctx, object)
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("creating %s: %w", object.GetName(), err)
	}
	return nil
}

func waitEstablished(ctx context.Context, c client.Client, crds []*apiextensions.CustomResourceDefinition) error {
	for _, crd := range crds {
		err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
			if err := c.Get(ctx, client.ObjectKeyFromObject(crd), crd); err != nil {
				return false, err
			}
			return established(crd), nil
		})
		if err != nil {
			return fmt.Errorf("waiting for %s: %w", crd.Name, err)
		}
	}
	return nil
}

func established(crd *apiextensions.CustomResourceDefinition) bool {
	for _, condition := range crd.Status.Conditions {
		if condition.Type == apiextensions.Established {
			return condition.Status == apiextensions.ConditionTrue
		}
	}
	return false
}
