package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/holdfast-dev/holdfast/policy"
)

// trial creates an Ingress and a sticky Service in a Namespace of one mode, as a dry
// run, and finds out whether Holdfast did what the mode promises.
type trial struct{ mode policy.Mode }

// trialName begins the names of the objects. The API server completes them.
const trialName = "holdfast-check-"

// resources that the trial creates.
var (
	ingresses = resource{"networking.k8s.io", "ingresses", true}
	services  = resource{"", "services", true}
)

func (t trial) run(ctx context.Context, c *Cluster) (right string, faults []Fault, err error) {
	ns, err := c.trialNamespace(ctx, t.mode)
	if err != nil {
		return "", nil, err
	}
	namespace := ns.Name
	made, err := c.trialObjects(ctx, ns)
	if err != nil {
		return "", nil, err
	}
	var before map[string]float64
	if t.mode == policy.Audit {
		if before, err = c.wouldChange(ctx); err != nil {
			return "", nil, err
		}
	}
	c.warnings.take()
	begun := time.Now()
	for _, each := range made {
		switch err := c.objects.Create(ctx, each.object, client.DryRunAll); {
		case err == nil:
		case isAboutHoldfast(err):
			faults = append(faults, t.fault(namespace, each, fmt.Sprintf("the dry run failed: %v", err)))
		case isRefusal(err):
			return "", nil, notChecked(fmt.Sprintf("the API server refused the dry run in Namespace %s: %v", namespace, err))
		default:
			return "", nil, err
		}
	}
	took := time.Since(begun).Round(time.Millisecond)
	if len(faults) > 0 {
		return "", faults, nil
	}
	switch t.mode {
	case policy.Enforce:
		faults = t.missing(namespace, made)
	case policy.Warn:
		faults = t.silent(namespace, made, c.warnings.take())
	case policy.Audit:
		faults, err = t.uncounted(ctx, c, namespace, before, len(made))
	}
	if err != nil || len(faults) > 0 {
		return "", faults, err
	}
	return fmt.Sprintf("%s in Namespace %s, in %s for %s", promised[t.mode], namespace, took, kinds(made)), nil, nil
}

// isRefusal reports whether the API server answered that it doesn't accept a write.
func isRefusal(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && status.Status().Code >= 400 && status.Status().Code < 500
}

// isAboutHoldfast reports whether a write failed because of Holdfast's webhooks: the API
// server names the webhook. A quota, or another webhook, may refuse a write too.
func isAboutHoldfast(err error) bool { return strings.Contains(err.Error(), webhookDomain) }

// webhookDomain ends the names of Holdfast's webhooks.
const webhookDomain = ".holdfast.dev"

// promised is what each mode promises.
var promised = map[policy.Mode]string{
	policy.Enforce: "came back injected",
	policy.Warn:    "came back unchanged with warnings",
	policy.Audit:   "came back unchanged, and the pods counted it",
}

const trialRemedy = "see the faults above; if there are none, see the pods' log"

// trialNamespace returns a Namespace of a mode that isn't excluded, and in which the
// caller may create the objects.
func (c *Cluster) trialNamespace(ctx context.Context, mode policy.Mode) (*corev1.Namespace, error) {
	registered, err := c.registration(ctx)
	if err != nil {
		return nil, err
	}
	all, err := c.namespaces(ctx)
	if err != nil {
		return nil, err
	}
	found, err := called(inMode(all, mode), registered)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, notChecked("Holdfast is called for no Namespace labelled " + policy.PolicyLabel + "=" + string(mode))
	}
	const tried = 50
	for _, ns := range found[:min(tried, len(found))] {
		ingress, err := c.mayCreate(ctx, ingresses, ns.Name)
		if err != nil {
			return nil, err
		}
		service, err := c.mayCreate(ctx, services, ns.Name)
		if err != nil {
			return nil, err
		}
		if ingress && service {
			return &ns, nil
		}
	}
	return nil, notChecked("your account may not create Ingresses and Services in a Namespace labelled " + policy.PolicyLabel + "=" + string(mode))
}

// called returns the Namespaces in which the API server calls Holdfast.
func called(all []corev1.Namespace, registered *webhookConfiguration) ([]corev1.Namespace, error) {
	var found []corev1.Namespace
	for _, ns := range all {
		matches := true
		for _, webhook := range registered.Webhooks {
			selector, err := metav1.LabelSelectorAsSelector(webhook.NamespaceSelector)
			if err != nil {
				return nil, err
			}
			matches = matches && selector.Matches(labels.Set(ns.Labels))
		}
		if matches {
			found = append(found, ns)
		}
	}
	return found, nil
}

// trialObject is an object of the trial and what Holdfast is to change about it.
type trialObject struct {
	kind    policy.Kind
	object  client.Object
	changes []policy.Change
}

// trialObjects returns the objects that the policy changes. An Ingress isn't among them
// if no controller in the cluster reads timeouts from it.
func (c *Cluster) trialObjects(ctx context.Context, ns *corev1.Namespace) ([]trialObject, error) {
	cluster, err := c.engineView(ctx)
	if err != nil {
		return nil, err
	}
	in := policy.Namespace{Name: ns.Name, Annotations: ns.Annotations}
	made := []trialObject{stickyService(ns.Name)}
	made[0].changes = changesOf(cluster, in, &policy.Object{
		Kind: policy.Service, GenerateName: trialName, Labels: made[0].object.GetLabels(),
		Fields: []policy.Field{policy.SessionAffinityField(policy.Affinity{Type: string(corev1.ServiceAffinityNone)})},
	})
	classes := cluster.IngressClasses
	if len(classes) == 0 {
		classes = []policy.IngressClass{{Name: usualClass}}
	}
	for _, class := range classes {
		changes := changesOf(cluster, in, &policy.Object{Kind: policy.Ingress, GenerateName: trialName, ClassName: &class.Name, Paths: []string{"/"}})
		if len(changes) > 0 {
			return append(made, trialObject{policy.Ingress, ingressOf(ns.Name, class.Name), changes}), nil
		}
	}
	return made, nil
}

// usualClass is the class of the trial's Ingress in a cluster without IngressClasses,
// where Holdfast knows controllers by the usual names of their classes.
const usualClass = "nginx"

func changesOf(cluster policy.Cluster, ns policy.Namespace, o *policy.Object) []policy.Change {
	return policy.Evaluate(cluster.Input(o, nil, ns)).AppliedChanges()
}

func stickyService(namespace string) trialObject {
	return trialObject{kind: policy.Service, object: &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{GenerateName: trialName, Namespace: namespace, Labels: map[string]string{policy.StickyLabel: "true"}},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Name: "http", Port: 80}}},
	}}
}

func ingressOf(namespace, class string) *networkingv1.Ingress {
	path := networkingv1.HTTPIngressPath{Path: "/", PathType: new(networkingv1.PathTypePrefix)}
	path.Backend.Service = &networkingv1.IngressServiceBackend{Name: "holdfast-check", Port: networkingv1.ServiceBackendPort{Number: 80}}
	rule := networkingv1.IngressRule{Host: "holdfast-check.invalid"}
	rule.HTTP = &networkingv1.HTTPIngressRuleValue{Paths: []networkingv1.HTTPIngressPath{path}}
	return &networkingv1.Ingress{
		ObjectMeta: metav1.ObjectMeta{GenerateName: trialName, Namespace: namespace},
		Spec:       networkingv1.IngressSpec{IngressClassName: &class, Rules: []networkingv1.IngressRule{rule}},
	}
}

// missing returns a fault for each object that lacks a change.
func (t trial) missing(namespace string, made []trialObject) []Fault {
	var faults []Fault
	for _, each := range made {
		var lacking []string
		for _, change := range each.changes {
			if !change.IsRecord() && !holds(each.object, change) {
				lacking = append(lacking, instead(each.object, change))
			}
		}
		if len(lacking) > 0 {
			faults = append(faults, t.fault(namespace, each, "came back "+strings.Join(lacking, " and ")))
		}
	}
	return faults
}

// holds reports whether an object that came back has a change. Of a field it is enough
// that it is set as it should be.
func holds(o client.Object, change policy.Change) bool {
	if change.Target.IsAnnotation() {
		return change.To != nil && o.GetAnnotations()[change.Target.Name] == *change.To
	}
	service, isService := o.(*corev1.Service)
	return isService && service.Spec.SessionAffinity == corev1.ServiceAffinityClientIP
}

// instead returns what an object that came back has instead of a change.
func instead(o client.Object, change policy.Change) string {
	if value, there := o.GetAnnotations()[change.Target.Name]; there && change.Target.IsAnnotation() {
		return fmt.Sprintf("with %s: %q", change.Target.Name, value)
	}
	return "without " + change.Target.Path()
}

// silent returns a fault for each object that no warning is about.
func (t trial) silent(namespace string, made []trialObject, warnings []string) []Fault {
	var faults []Fault
	for _, each := range made {
		warned := slices.ContainsFunc(warnings, func(text string) bool {
			return strings.HasPrefix(text, string(each.kind)) && strings.Contains(text, "would be set")
		})
		if !warned {
			faults = append(faults, t.fault(namespace, each, "came back without a warning of what would be injected"))
		}
	}
	return faults
}

func (t trial) fault(namespace string, o trialObject, message string) Fault {
	return fault(policy.RuleNotInjected, "namespace/"+namespace, fmt.Sprintf("%s in mode %s: %s", o.kind, t.mode, message), trialRemedy)
}

// kinds names the kinds of the objects.
func kinds(made []trialObject) string {
	names := make([]string, 0, len(made))
	for _, each := range made {
		names = append(names, string(each.kind))
	}
	slices.Sort(names)
	return strings.Join(names, " and ")
}

// uncounted returns a fault if the pods didn't count the objects as changes that would be
// made. Other writes are counted too, so the objects of a busy cluster can't be missed.
func (t trial) uncounted(ctx context.Context, c *Cluster, namespace string, before map[string]float64, objects int) ([]Fault, error) {
	after, err := c.wouldChange(ctx)
	if err != nil {
		return nil, err
	}
	rise := 0.0
	for pod, count := range after {
		old, known := before[pod]
		if !known || count < old || len(after) != len(before) {
			return nil, notChecked("pods of Holdfast were replaced meanwhile")
		}
		rise += count - old
	}
	if rise >= float64(objects) {
		return nil, nil
	}
	return []Fault{fault(policy.RuleNotInjected, "namespace/"+namespace,
		fmt.Sprintf("the pods counted %.0f of %s that a dry run created in mode audit", rise, policy.Quantity(objects, "object")), trialRemedy)}, nil
}

// wouldChange returns how many changes each pod has counted that would be made.
func (c *Cluster) wouldChange(ctx context.Context) (map[string]float64, error) {
	pods, err := c.pods(ctx)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]float64, len(pods))
	for i := range pods {
		all, err := c.podMetrics(ctx, &pods[i])
		if err != nil {
			return nil, err
		}
		counts[pods[i].Name] = 0
		for _, m := range all["holdfast_decisions_total"].GetMetric() {
			if label(m, "outcome") == "would-change" {
				counts[pods[i].Name] += m.GetCounter().GetValue()
			}
		}
	}
	return counts, nil
}
