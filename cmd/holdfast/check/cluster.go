package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	certmanager "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/holdfast-dev/holdfast/policy"
)

// The names of the chart's objects.
const (
	registrationName = "holdfast"
	deploymentName   = "holdfast"
	serviceName      = "holdfast-webhook"
	certificateName  = "holdfast-webhook"
	secretName       = "holdfast-webhook"
	policyMapKey     = "policy.yaml"
)

// PolicyConfigMap is the name of the ConfigMap with the policy.
const PolicyConfigMap = "holdfast-policy"

// DefaultNamespace is the Namespace that Holdfast is usually installed in.
const DefaultNamespace = "holdfast-system"

// Cluster is how a cluster is read. Every read is live, but for the registration, which is
// read once for a run of checks.
type Cluster struct {
	// Namespace is the one that Holdfast is installed in. If it is empty, the
	// registration says so.
	Namespace string
	// Policy is the one to check by; nil for the cluster's, or the built-in one while
	// the cluster has none.
	Policy *policy.Policy

	config  *rest.Config
	objects client.Client
	// raw reads paths of the API server.
	raw      rest.Interface
	warnings *warnings
	// registered is the registration of a run; nil outside of one.
	registered *foundRegistration
}

// foundRegistration is what reading the registration returned.
type foundRegistration struct {
	found *admissionregistrationv1.MutatingWebhookConfiguration
	err   error
}

// NewCluster returns a Cluster that is reached as the config says.
func NewCluster(config *rest.Config, namespace string, p *policy.Policy) (*Cluster, error) {
	heard := new(warnings)
	config = rest.CopyConfig(config)
	config.WarningHandler = heard
	scheme, err := newScheme()
	if err != nil {
		return nil, fmt.Errorf("registering types: %w", err)
	}
	objects, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	unversioned := rest.CopyConfig(config)
	unversioned.NegotiatedSerializer = serializer.NewCodecFactory(scheme)
	raw, err := rest.UnversionedRESTClientFor(unversioned)
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	return &Cluster{Namespace: namespace, Policy: p, config: config, objects: objects, raw: raw, warnings: heard}, nil
}

func newScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	return scheme, errors.Join(
		admissionregistrationv1.AddToScheme(scheme),
		appsv1.AddToScheme(scheme),
		authorizationv1.AddToScheme(scheme),
		certmanager.AddToScheme(scheme),
		corev1.AddToScheme(scheme),
		discoveryv1.AddToScheme(scheme),
		networkingv1.AddToScheme(scheme),
	)
}

// warnings collects the API server's warnings.
type warnings struct {
	mutex sync.Mutex
	texts []string
}

// HandleWarningHeader collects a warning.
func (w *warnings) HandleWarningHeader(_ int, _, text string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.texts = append(w.texts, text)
}

// take returns the warnings since the last call.
func (w *warnings) take() []string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	texts := w.texts
	w.texts = nil
	return texts
}

// reach returns an error if the API server doesn't answer.
func (c *Cluster) reach(ctx context.Context) error {
	_, err := c.version(ctx)
	return err
}

func (c *Cluster) version(ctx context.Context) (version.Info, error) {
	var info version.Info
	text, err := c.raw.Get().AbsPath("/version").DoRaw(ctx)
	if err != nil {
		return info, err
	}
	return info, json.Unmarshal(text, &info)
}

// registration returns the webhooks' registration, or errNotInstalled.
func (c *Cluster) registration(ctx context.Context) (*admissionregistrationv1.MutatingWebhookConfiguration, error) {
	if c.registered != nil {
		return c.registered.found, c.registered.err
	}
	found := new(admissionregistrationv1.MutatingWebhookConfiguration)
	err := c.objects.Get(ctx, client.ObjectKey{Name: registrationName}, found)
	if apierrors.IsNotFound(err) {
		return nil, errNotInstalled
	}
	return found, err
}

// home returns the Namespace that Holdfast is installed in.
func (c *Cluster) home(ctx context.Context) (string, error) {
	if c.Namespace != "" {
		return c.Namespace, nil
	}
	found, err := c.registration(ctx)
	if errors.Is(err, errNotInstalled) || isForbidden(err) {
		return DefaultNamespace, nil
	}
	if err != nil {
		return "", err
	}
	for _, webhook := range found.Webhooks {
		if s := webhook.ClientConfig.Service; s != nil {
			return s.Namespace, nil
		}
	}
	return DefaultNamespace, nil
}

// forRun returns a Cluster for a run of checks, which has the registration and knows the
// Namespace that Holdfast is installed in. If those can't be found out, every check that needs
// them says why.
func (c *Cluster) forRun(ctx context.Context) *Cluster {
	if c.registered != nil {
		return c
	}
	run := *c
	found, err := c.registration(ctx)
	run.registered = &foundRegistration{found, err}
	run.Namespace, _ = run.home(ctx)
	return &run
}

// get reads an object of Holdfast's own Namespace.
func (c *Cluster) get(ctx context.Context, name string, into client.Object) error {
	home, err := c.home(ctx)
	if err != nil {
		return err
	}
	return c.objects.Get(ctx, client.ObjectKey{Namespace: home, Name: name}, into)
}

// policyFile returns the policy file in the cluster.
func (c *Cluster) policyFile(ctx context.Context) ([]byte, error) {
	var found corev1.ConfigMap
	if err := c.get(ctx, PolicyConfigMap, &found); err != nil {
		return nil, err
	}
	return []byte(found.Data[policyMapKey]), nil
}

// effectivePolicy returns the policy to check by.
func (c *Cluster) effectivePolicy(ctx context.Context) (*policy.Policy, error) {
	if c.Policy != nil {
		return c.Policy, nil
	}
	file, err := c.policyFile(ctx)
	switch {
	case apierrors.IsNotFound(err):
		return policy.Default(), nil
	case err != nil:
		return nil, err
	}
	p, err := policy.Read(file)
	if err != nil {
		return nil, errNoPolicy
	}
	return p, nil
}

// classes returns the cluster's IngressClasses.
func (c *Cluster) classes(ctx context.Context) ([]policy.IngressClass, error) {
	var list networkingv1.IngressClassList
	if err := c.objects.List(ctx, &list); err != nil {
		return nil, err
	}
	classes := make([]policy.IngressClass, 0, len(list.Items))
	for _, each := range list.Items {
		classes = append(classes, policy.ReadIngressClass(each.Name, each.Spec.Controller, each.Labels, each.Annotations))
	}
	return classes, nil
}

// engineView returns what the engine needs to know of the cluster.
func (c *Cluster) engineView(ctx context.Context) (policy.Cluster, error) {
	p, err := c.effectivePolicy(ctx)
	if err != nil {
		return policy.Cluster{}, err
	}
	classes, err := c.classes(ctx)
	return policy.Cluster{Policy: p, IngressClasses: classes}, err
}

// namespaces returns all Namespaces.
func (c *Cluster) namespaces(ctx context.Context) ([]corev1.Namespace, error) {
	var list corev1.NamespaceList
	if err := c.objects.List(ctx, &list); err != nil {
		return nil, err
	}
	return list.Items, nil
}
