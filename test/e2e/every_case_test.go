package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// ruleCases has a folder of manifests for each rule that only an audit checks.
const ruleCases = repository + "/policy/audit/testdata/rules"

// notCreated are the cases, and objects of cases, that no API server creates, and why.
var notCreated = map[string]string{
	"invalid-manifest/raises":            "they are about what an API server refuses",
	"openshift/class-order Ingress/both": "the class of its annotation differs from that of its field, which only older Ingresses may have",
	"openshift/user-values Route/agent":  "its owner has no uid",
}

// differenceRules are the rules about what a write where Holdfast enforces changes.
var differenceRules = []string{"missing-timeout", "missing-affinity", "missing-setting", "outdated-value", "leftover-value"}

// Each case has Namespaces of its own, but IngressClasses are the whole cluster's: what
// Holdfast makes of a Service depends on all of them, so this test isn't parallel.
func TestEveryCaseIsTheSameForAuditOnFilesAuditOnAClusterAndTheWebhook(t *testing.T) {
	serveCountedKinds(t)
	for _, b := range batchesOf(everyCase(t)) {
		t.Run(fmt.Sprintf("%d cases from %s", len(b.cases), b.cases[0].name), func(t *testing.T) {
			created := b.create(t)
			before := b.auditEachPolicy(t)
			b.writeThroughTheWebhook(t, created, before)
		})
	}
}

func TestNoCaseIsLeftOutThatAnAPIServerCreates(t *testing.T) {
	s := newSpace(t)
	serveCountedKinds(t)
	for entry := range notCreated {
		name, only, isObject := strings.Cut(entry, " ")
		path := filepath.Join(ruleCases, name+".yaml")
		if isObject {
			path = filepath.Join(dialectCases, name+".yaml")
		}
		tried := 0
		for _, object := range objectsIn(t, path) {
			id := object.GetKind() + "/" + object.GetName()
			if isObject && id != only || object.GetKind() == "Namespace" {
				continue
			}
			// Its Namespace isn't there, for which it would be refused in any case.
			object.SetNamespace("")
			answer := s.tryKubectl("create --dry-run=server -f", file(t, text(t, object)))
			assert.NotZero(t, answer.code, "%s: an API server creates %s", name, id)
			tried++
		}
		assert.NotZero(t, tried, entry)
	}
}

// countedKinds are kinds of which an audit only counts the objects.
var countedKinds = definition("gateway.networking.k8s.io", "HTTPRoute") + "---\n" + definition("route.openshift.io", "Route")

func serveCountedKinds(t *testing.T) {
	t.Helper()
	everywhere(t).kubectl("apply -f", file(t, countedKinds))
	t.Cleanup(func() { everywhere(t).kubectl("delete -f", file(t, countedKinds)) })
	everywhere(t).kubectl("wait --for=condition=established -f", file(t, countedKinds))
}

// definition is a CustomResourceDefinition of a kind that has any fields.
func definition(group, kind string) string {
	plural := strings.ToLower(kind) + "s"
	return fmt.Sprintf(`apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: %[3]s.%[1]s
  annotations: {api-approved.kubernetes.io: "unapproved, only for tests"}
spec:
  group: %[1]s
  scope: Namespaced
  names: {kind: %[2]s, plural: %[3]s}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`, group, kind, plural)
}

// everyCase are the cases of all dialects and of all rules that only an audit checks.
func everyCase(t *testing.T) []goldenCase {
	t.Helper()
	var all []goldenCase
	for _, pattern := range []string{dialectCases + "/*/*.yaml", ruleCases + "/*/raises.yaml", ruleCases + "/*/right.yaml"} {
		paths, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, paths, pattern)
		for _, path := range paths {
			c := goldenCase{name: filepath.Base(filepath.Dir(path)) + "/" + strings.TrimSuffix(filepath.Base(path), ".yaml")}
			if strings.Contains(filepath.Base(c.name), ".") || notCreated[c.name] != "" {
				continue
			}
			for _, policy := range []string{beside(path, ".policy.yaml"), filepath.Join(filepath.Dir(path), "policy.yaml")} {
				if _, err := os.Stat(policy); err == nil {
					c.policy = policy
				}
			}
			for _, object := range objectsIn(t, path) {
				if name := c.name + " " + object.GetKind() + "/" + object.GetName(); notCreated[name] == "" {
					c.objects = append(c.objects, object)
				}
			}
			all = append(all, c)
		}
	}
	return all
}

// batch is cases that one cluster can have at once: their IngressClasses don't contradict
// each other.
type batch struct {
	classes map[string]*unstructured.Unstructured
	cases   []goldenCase
}

// batchesOf puts each case into the first batch that it fits into.
func batchesOf(cases []goldenCase) []*batch {
	var all []*batch
	for _, c := range cases {
		at := slices.IndexFunc(all, func(b *batch) bool { return b.fits(c) })
		if at < 0 {
			at, all = len(all), append(all, &batch{classes: make(map[string]*unstructured.Unstructured)})
		}
		all[at].cases = append(all[at].cases, c)
		maps.Copy(all[at].classes, classesOf(c))
	}
	return all
}

// fits reports whether a batch and a case have the same default class, and no class of one
// name that isn't the same.
func (b *batch) fits(c goldenCase) bool {
	classes := classesOf(c)
	for name, class := range classes {
		if other, there := b.classes[name]; there && !assert.ObjectsAreEqual(other, class) {
			return false
		}
	}
	return defaultClass(classes) == defaultClass(b.classes)
}

func classesOf(c goldenCase) map[string]*unstructured.Unstructured {
	classes := make(map[string]*unstructured.Unstructured)
	for _, object := range c.objects {
		if object.GetKind() == "IngressClass" {
			classes[object.GetName()] = object
		}
	}
	return classes
}

// defaultClass is the name of the default class; empty for none.
func defaultClass(classes map[string]*unstructured.Unstructured) string {
	for name, class := range classes {
		if class.GetAnnotations()["ingressclass.kubernetes.io/is-default-class"] == "true" {
			return name
		}
	}
	return ""
}

// namespaceOf is the name that a Namespace of a case has in the cluster.
func namespaceOf(c goldenCase, name string) string {
	if name == "kube-system" {
		return name
	}
	return strings.TrimSuffix(spacePrefix()+"-"+strings.ReplaceAll(c.name, "/", "-")+"-"+name, "-")
}

// placed are the objects of a case in its Namespaces, and the Namespaces by their names,
// which are enforced if the case doesn't have them.
func placed(c goldenCase) (objects []*unstructured.Unstructured, namespaces map[string]*unstructured.Unstructured) {
	namespaces = make(map[string]*unstructured.Unstructured)
	for _, object := range c.objects {
		object = object.DeepCopy()
		switch object.GetKind() {
		case "IngressClass":
		case "Namespace":
			object.SetName(namespaceOf(c, object.GetName()))
			namespaces[object.GetName()] = object
		default:
			object.SetNamespace(namespaceOf(c, object.GetNamespace()))
			objects = append(objects, object)
		}
	}
	delete(namespaces, "kube-system")
	for _, object := range objects {
		if name := object.GetNamespace(); namespaces[name] == nil {
			namespaces[name] = newObject("v1", "Namespace", "", name)
			namespaces[name].SetLabels(map[string]string{"holdfast.dev/policy": "enforce"})
		}
	}
	return objects, namespaces
}

func newObject(version, kind, namespace, name string) *unstructured.Unstructured {
	object := new(unstructured.Unstructured)
	object.SetAPIVersion(version)
	object.SetKind(kind)
	object.SetNamespace(namespace)
	object.SetName(name)
	return object
}

// manifests are the batch's objects, in the order in which they are created.
type manifests struct{ classes, namespaces, routes, others []*unstructured.Unstructured }

func (b *batch) manifests() manifests {
	var m manifests
	for _, name := range slices.Sorted(maps.Keys(b.classes)) {
		m.classes = append(m.classes, b.classes[name])
	}
	for _, c := range b.cases {
		objects, namespaces := placed(c)
		for _, name := range slices.Sorted(maps.Keys(namespaces)) {
			m.namespaces = append(m.namespaces, namespaces[name])
		}
		for _, object := range objects {
			if kind := object.GetKind(); kind == "Ingress" || kind == "Service" {
				m.routes = append(m.routes, object)
			} else {
				m.others = append(m.others, object)
			}
		}
	}
	return m
}

func stream(t *testing.T, objects ...[]*unstructured.Unstructured) string {
	t.Helper()
	var parts []string
	for _, object := range slices.Concat(objects...) {
		parts = append(parts, text(t, object))
	}
	return strings.Join(parts, "---\n")
}

// write applies objects. It returns those that the API server has stored, by kind, Namespace
// and name, and what kubectl said.
func write(t *testing.T, objects ...[]*unstructured.Unstructured) (map[string]*unstructured.Unstructured, output) {
	t.Helper()
	answer := everywhere(t).tryKubectl("apply --server-side --force-conflicts -o json -f", file(t, stream(t, objects...)))
	stored := make(map[string]*unstructured.Unstructured)
	for _, object := range parse(t, answer.out) {
		stored[object.GetKind()+" "+object.GetNamespace()+"/"+object.GetName()] = object
	}
	return stored, answer
}

// create creates the objects while their Namespaces have no label, so that Holdfast leaves
// them as they are, and then gives the Namespaces their labels. It returns the
// objects as they are stored. What other batches would see is deleted after the test.
func (b *batch) create(t *testing.T) map[string]*unstructured.Unstructured {
	t.Helper()
	m := b.manifests()
	var unlabelled, quotas []*unstructured.Unstructured
	for _, ns := range m.namespaces {
		unlabelled = append(unlabelled, newObject("v1", "Namespace", "", ns.GetName()))
		// No case needs pods, and no node has the images.
		noPods := newObject("v1", "ResourceQuota", ns.GetName(), "no-pods")
		noPods.Object["spec"] = map[string]any{"hard": map[string]any{"pods": "0"}}
		if slices.ContainsFunc(m.others, func(o *unstructured.Unstructured) bool { return o.GetNamespace() == ns.GetName() }) {
			quotas = append(quotas, noPods)
		}
	}
	t.Cleanup(func() {
		everywhere(t).kubectl("delete --ignore-not-found -f", file(t, stream(t, m.classes, m.others)))
		if isGiven() {
			everywhere(t).kubectl("delete --wait=false -f", file(t, stream(t, unlabelled)))
		} else {
			write(t, unlabelled)
		}
	})
	created, answer := write(t, unlabelled, quotas, m.classes, m.routes, m.others)
	everywhere(t).mustSucceed(answer, "creating the objects")
	_, answer = write(t, m.namespaces)
	everywhere(t).mustSucceed(answer, "labelling the Namespaces")
	return created
}

// byPolicy are the cases by the files of their policies; empty for the built-in one.
func (b *batch) byPolicy() map[string][]goldenCase {
	all := make(map[string][]goldenCase)
	for _, c := range b.cases {
		all[c.policy] = append(all[c.policy], c)
	}
	return all
}

// auditEachPolicy compares what audit finds in the cluster with what it finds in the
// manifests. It returns what it finds in the cluster with the cluster's policy.
func (b *batch) auditEachPolicy(t *testing.T) (withOwnPolicy auditReport) {
	t.Helper()
	m := b.manifests()
	path := file(t, stream(t, m.classes, m.namespaces, m.routes, m.others))
	for policy, cases := range b.byPolicy() {
		var flags []string
		if policy != "" {
			flags = []string{"--policy", policy}
		}
		inCluster, _ := everywhere(t).audit(flags...)
		inFiles, _ := everywhere(t).audit(append(flags, "-f", path)...)
		assert.Equal(t, findingsAbout(inFiles, cases), findingsAbout(inCluster, cases), policy)
		// The classes also serve what other tests have left in the cluster.
		assert.Subset(t, b.findingsAboutClasses(inCluster), b.findingsAboutClasses(inFiles), policy)
		if policy == "" {
			withOwnPolicy = inCluster
		}
	}
	return withOwnPolicy
}

// findingsAbout returns the findings about the Namespaces of cases, and the objects in
// them, as lines.
func findingsAbout(r auditReport, cases []goldenCase) []string {
	about := make(map[string]bool)
	for _, c := range cases {
		_, namespaces := placed(c)
		for name := range namespaces {
			about[name] = true
		}
	}
	return linesOf(r, func(f auditFinding) bool {
		return about[f.Object.Namespace] || f.Object.Kind == "Namespace" && about[f.Object.Name]
	})
}

// findingsAboutClasses returns the findings about the batch's classes as lines.
func (b *batch) findingsAboutClasses(r auditReport) []string {
	return linesOf(r, func(f auditFinding) bool { return f.Object.Kind == "IngressClass" && b.classes[f.Object.Name] != nil })
}

// linesOf returns the findings that are wanted as sorted lines.
func linesOf(r auditReport, wanted func(auditFinding) bool) []string {
	all := []string{}
	for _, f := range r.Findings {
		if wanted(f) {
			all = append(all, strings.Join([]string{f.Rule, f.object(), f.Field, f.Found, f.Wanted}, " | "))
		}
	}
	slices.Sort(all)
	return all
}

func (f auditFinding) object() string {
	return f.Object.Kind + " " + f.Object.Namespace + "/" + f.Object.Name
}

// writeThroughTheWebhook writes all objects again where the Namespaces have their labels.
// What the webhook changes is what audit has found, and audit doesn't find it any more.
func (b *batch) writeThroughTheWebhook(t *testing.T, was map[string]*unstructured.Unstructured, before auditReport) {
	t.Helper()
	enforced := b.enforced()
	if len(enforced) == 0 {
		return
	}
	routes := b.manifests().routes
	var is map[string]*unstructured.Unstructured
	eventually(t, func() error {
		// A label of a Namespace and an IngressClass reach Holdfast a moment later.
		var answer output
		is, answer = write(t, routes)
		for line := range strings.Lines(answer.err) {
			if strings.HasPrefix(line, "Error") && !strings.Contains(line, "admission webhook") {
				return fmt.Errorf("writing the objects: %s", line)
			}
		}
		after, _ := everywhere(t).audit()
		if left := differing(after, enforced); len(left) > 0 {
			return fmt.Errorf("audit still finds what the webhook changes: %v", left)
		}
		return nil
	})
	found := differing(before, enforced)
	assert.Subset(t, changedPlaces(was, is, enforced), found, "audit finds what the webhook doesn't change")
	for _, f := range before.Findings {
		// A value that Holdfast refuses or corrects has a finding of another rule.
		found = append(found, f.object()+" "+f.Field)
	}
	assert.Subset(t, found, changedPlaces(was, is, enforced), "audit doesn't find what the webhook changes")
}

// enforced are the Namespaces of cases with the cluster's policy in which Holdfast injects.
func (b *batch) enforced() map[string]bool {
	all := make(map[string]bool)
	for _, c := range b.byPolicy()[""] {
		_, namespaces := placed(c)
		for name, ns := range namespaces {
			if ns.GetLabels()["holdfast.dev/policy"] == "enforce" {
				all[name] = true
			}
		}
	}
	return all
}

// differing returns the places of findings about what a write changes.
func differing(r auditReport, namespaces map[string]bool) []string {
	var places []string
	for _, f := range r.Findings {
		if namespaces[f.Object.Namespace] && slices.Contains(differenceRules, f.Rule) {
			places = append(places, f.object()+" "+f.Field)
		}
	}
	return places
}

// changedPlaces returns where objects differ, apart from the record.
func changedPlaces(before, after map[string]*unstructured.Unstructured, namespaces map[string]bool) []string {
	var places []string
	for name, object := range after {
		if !namespaces[object.GetNamespace()] {
			continue
		}
		was, is := before[name].GetAnnotations(), object.GetAnnotations()
		keys := make(map[string]string)
		maps.Copy(keys, was)
		maps.Copy(keys, is)
		for key := range keys {
			if was[key] != is[key] && key != record {
				places = append(places, name+" metadata.annotations["+key+"]")
			}
		}
		for _, field := range []string{"sessionAffinity", "sessionAffinityConfig"} {
			old, _, _ := unstructured.NestedFieldNoCopy(before[name].Object, "spec", field)
			now, _, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", field)
			if !assert.ObjectsAreEqual(old, now) {
				places = append(places, name+" spec.sessionAffinity")
				break
			}
		}
	}
	return places
}
