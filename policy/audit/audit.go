// Package audit finds what in a cluster, or in the manifests for one, isn't as the
// policy says: many objects in, findings out. What a write of an object would change is
// asked of the engine; rules about more than one object are here.
package audit

import (
	"maps"
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Options are how an audit is made.
type Options struct {
	// Today is the date, as YYYY-MM-DD.
	Today string
	// AssumeEnforce says that objects of Namespaces without the label are evaluated as if
	// the Namespaces had it.
	AssumeEnforce bool
}

// Result is what an audit found.
type Result struct {
	// Findings are sorted by Namespace, object and field. Those that their objects accept
	// are among them.
	Findings []Finding
	Scope    Scope
}

// Scope is what an audit looked at.
type Scope struct {
	Ingresses  int `json:"ingresses"`
	Services   int `json:"services"`
	Namespaces int `json:"namespaces"`
	// Evaluated are the Ingresses and the sticky Services that the policy covers, Right those
	// of them that have all that the policy wants.
	Evaluated int `json:"evaluated"`
	Right     int `json:"right"`
	// ByNamespace are the shares of Namespaces, and ByController those of dialects. Only
	// Ingresses count there, since any controller may serve a Service.
	ByNamespace  []Share `json:"byNamespace,omitempty"`
	ByController []Share `json:"byController,omitempty"`
	// NotCoveredObjects and NotCoveredNamespaces count what the policy doesn't cover.
	NotCoveredObjects    int `json:"notCoveredObjects"`
	NotCoveredNamespaces int `json:"notCoveredNamespaces"`
	// Routes are the objects of kinds that aren't evaluated yet.
	Routes int      `json:"routes"`
	Unread []Unread `json:"unread,omitempty"`
}

// Share is how many of the evaluated objects under one name are right.
type Share struct {
	Name      string `json:"name"`
	Evaluated int    `json:"evaluated"`
	Right     int    `json:"right"`
}

// shares are shares by their names.
type shares map[string]*Share

// add counts an object under a name.
func (s shares) add(name string, right bool) {
	share, there := s[name]
	if !there {
		share = &Share{Name: name}
		s[name] = share
	}
	share.Evaluated++
	if right {
		share.Right++
	}
}

// sorted returns the shares by name.
func (s shares) sorted() []Share {
	var all []Share
	for _, name := range slices.Sorted(maps.Keys(s)) {
		all = append(all, *s[name])
	}
	return all
}

// step finds what one group of rules is about.
type step struct {
	// needs are the resources that the step reads beside Namespaces, IngressClasses,
	// Ingresses and Services. If one of them couldn't be read, the step is left out.
	needs []string
	find  func(*view) []Finding
}

// The resources that steps need.
const (
	services              = "services"
	deployments           = "deployments.apps"
	statefulSets          = "statefulsets.apps"
	daemonSets            = "daemonsets.apps"
	autoscalers           = "horizontalpodautoscalers.autoscaling"
	networkPolicyResource = "networkpolicies.networking.k8s.io"
	configMaps            = "configmaps"
)

// workloadResources are those of the kinds that run pods. Nothing writes to it.
var workloadResources = []string{deployments, statefulSets, daemonSets}

// steps are all groups of rules; what the engine finds is the first. Nothing writes to it.
var steps = [...]step{
	{nil, evaluations},
	{nil, optOuts},
	{nil, classes},
	{nil, clientIPs},
	{nil, competingIngresses},
	{nil, cookies},
	{nil, withoutTLS},
	{nil, coverage},
	{nil, invalidAcceptances},
	{nil, installation},
	{nil, manifestFindings},
	{workloadResources, workloads},
	{slices.Concat(workloadResources, []string{autoscalers}), replicas},
	{slices.Concat(workloadResources, []string{autoscalers}), scaleDowns},
	{slices.Concat(workloadResources, []string{networkPolicyResource}), networkPolicies},
	{workloadResources, loadBalancers},
}

// Find returns what in a snapshot isn't as its policy says.
func Find(s *Snapshot, o Options) Result {
	v := newView(s, o)
	v.results = make(map[*policy.Object]policy.Result)
	// Findings are large, so pointers are sorted, and the findings copied once.
	var found []*Finding
	for _, each := range steps {
		if s.lacks(each.needs) {
			continue
		}
		part := each.find(v)
		for i := range part {
			if !s.leftOut[part[i].Object] {
				found = append(found, &part[i])
			}
		}
	}
	slices.SortStableFunc(found, compareFindings)
	all := make([]Finding, len(found))
	for i, f := range found {
		all[i] = *f
	}
	v.accept(all)
	return Result{Findings: all, Scope: v.scope(all)}
}

// accept sets the acceptances of findings.
func (v *view) accept(all []Finding) {
	for i := range all {
		all[i].Accepted = v.acceptance(all[i].Object, all[i].Rule)
	}
}

// acceptance returns the acceptance that an object has for a rule; nil for none that holds.
func (v *view) acceptance(o Object, rule policy.Rule) *Acceptance {
	if text, written := v.annotated[o][acceptPrefix+string(rule)]; written {
		if a := parseAcceptance(text); a.holds(v.options.Today) {
			return &a
		}
	}
	return nil
}

// wrongObjects are those that findings are about, except notes and accepted ones.
type wrongObjects struct {
	all map[Object]bool
	// unserved are the classes without a known controller. Their Ingresses get nothing, and
	// the findings are about the classes.
	unserved map[string]bool
	// cutShort are the dialects whose controllers, or load balancers in front of them, close
	// idle WebSockets before the policy's timeouts. One installation of the dialect is enough,
	// since it may serve any of its Ingresses.
	cutShort map[string]bool
}

// wrongIn returns what findings are about, under a policy whose longer timeout is the given
// one.
func wrongIn(findings []Finding, maxTimeout duration.Duration) wrongObjects {
	w := wrongObjects{make(map[Object]bool), make(map[string]bool), make(map[string]bool)}
	for _, f := range findings {
		if f.Severity() == policy.SeverityNote || f.Accepted != nil {
			continue
		}
		w.all[f.Object] = true
		if f.Rule == policy.RuleUnknownClassController {
			w.unserved[f.Object.Name] = true
		}
		// A ConfigMap's finding may also be about what a single Ingress asks for.
		if f.Object.Kind != string(policy.Ingress) && f.Lifetime != (Lifetime{}) && f.Lifetime.Now < maxTimeout {
			w.cutShort[f.ServedBy] = true
		}
	}
	return w
}

// scope counts what was looked at.
func (v *view) scope(findings []Finding) Scope {
	s := Scope{Namespaces: len(v.Namespaces), Routes: len(v.Routes), Unread: v.Unread}
	wrong := wrongIn(findings, v.maxTimeout())
	notCovered, byNamespace, byController := make(map[string]bool), make(shares), make(shares)
	for o := range v.objects() {
		if v.leftOut[ObjectOf(o)] {
			continue
		}
		s.count(o)
		if !v.covers(o.Namespace) {
			s.NotCoveredObjects++
			notCovered[o.Namespace] = true
			continue
		}
		if !v.isEvaluated(o) {
			continue
		}
		s.Evaluated++
		right := !wrong.all[ObjectOf(o)]
		if o.Kind.Routes() {
			c := v.controllerOf(o)
			right = right && !wrong.unserved[c.Class]
			if c.Dialect != nil {
				right = right && !wrong.cutShort[c.Dialect.Name]
				byController.add(c.Dialect.Name, right)
			}
		}
		byNamespace.add(o.Namespace, right)
		if right {
			s.Right++
		}
	}
	s.NotCoveredNamespaces = len(notCovered)
	s.ByNamespace, s.ByController = byNamespace.sorted(), byController.sorted()
	return s
}

// count adds an object to those that were looked at.
func (s *Scope) count(o *policy.Object) {
	if o.Kind.Routes() {
		s.Ingresses++
	} else {
		s.Services++
	}
}

// isEvaluated reports whether an object is one of those that the policy wants something of:
// an Ingress, or a Service with a key of Holdfast's.
func (v *view) isEvaluated(o *policy.Object) bool {
	return !v.Policy.IsOptedOut(o) && (o.Kind.Routes() || o.Labels[policy.StickyLabel] != "")
}

// lacks reports whether any of the resources couldn't be read.
func (s *Snapshot) lacks(resources []string) bool {
	return slices.ContainsFunc(s.Unread, func(u Unread) bool { return slices.Contains(resources, u.Resource) })
}
