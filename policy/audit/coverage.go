package audit

import (
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy"
)

const (
	msgUncovered policy.Message = `not set, so Holdfast changes nothing here: {detail}; set it, or write why not in the annotation ` +
		acceptPrefix + policy.Message(policy.RuleUncoveredNamespace)
	msgInvalidMode     policy.Message = `{found} is unknown, so Holdfast changes nothing here; write {wanted-text}`
	msgMisspeltLabel   policy.Message = `nothing reads this label, so Holdfast changes nothing here; did you mean {wanted-text}?`
	msgAnnotationLabel policy.Message = `must be a label; nothing reads the annotation, so Holdfast changes nothing here`
)

// coverage finds Namespaces that the webhook is never called for although what they hold
// or their labels show that it should be, and keys that nothing reads on the others.
func coverage(v *view) []Finding {
	held := v.contents()
	var all []Finding
	for i := range v.Namespaces {
		ns := &v.Namespaces[i]
		if ns.Excluded {
			continue
		}
		if _, valid := policy.ParseMode(ns.Labels[policy.PolicyLabel]); valid {
			all = append(all, unreadKeys(ns)...)
			continue
		}
		f, wrong := wrongLabel(ns)
		if !wrong {
			if v.options.AssumeEnforce || held[ns.Name] == (contents{}) {
				continue
			}
			f = policy.Finding{
				Rule: policy.RuleUncoveredNamespace, Message: msgUncovered, Target: policy.LabelTarget(policy.PolicyLabel), Detail: held[ns.Name].String(),
			}
		}
		f.Actor = policy.Admin
		found := ns.about(f)
		found.Command = "kubectl label --overwrite namespace " + ShellWord(ns.Name) + " " + policy.PolicyLabel + "=" + string(modeMeant(f.Found))
		all = append(all, found)
	}
	return all
}

// unreadKeys finds Holdfast's keys that nothing reads on a Namespace.
func unreadKeys(ns *Namespace) []Finding {
	var all []Finding
	for _, f := range policy.UnreadNamespaceKeys(ns.Labels, ns.Annotations) {
		found := ns.about(f)
		// holdfast fix doesn't edit Namespaces, so that for manifests it is kubectl's command too.
		if !f.Fix.Withdraws {
			found.Command = FixCommand(&policy.Object{Kind: policy.Kind(ns.Kind), Name: ns.Name, Labels: ns.Labels, Annotations: ns.Annotations}, f)
		}
		all = append(all, found)
	}
	return all
}

// wrongLabel finds a label that is meant to be the policy's and has no effect.
func wrongLabel(ns *Namespace) (policy.Finding, bool) {
	if label, written := ns.Labels[policy.PolicyLabel]; written {
		return policy.Finding{
			Rule: policy.RuleInvalidMode, Message: msgInvalidMode, Target: policy.LabelTarget(policy.PolicyLabel),
			Found: label, Wanted: "enforce, warn or audit",
		}, true
	}
	if key, mode, misspelt := misspeltLabel(ns); misspelt {
		return policy.Finding{
			Rule: policy.RuleMisspeltLabel, Message: msgMisspeltLabel, Target: policy.LabelTarget(key),
			Found: mode, Wanted: policy.PolicyLabel + ": " + mode,
		}, true
	}
	if text, written := ns.Annotations[policy.PolicyLabel]; written {
		return policy.Finding{
			Rule: policy.RuleMisspeltLabel, Message: msgAnnotationLabel, Target: policy.AnnotationTarget(policy.PolicyLabel), Found: text,
		}, true
	}
	return policy.Finding{}, false
}

// modeMeant returns the mode to write where another text is: that text if it is one, else
// the mode that changes nothing and warns.
func modeMeant(text string) policy.Mode {
	mode, is := policy.ParseMode(text)
	if !is {
		return policy.Warn
	}
	return mode
}

// misspeltLabel returns the label of a Namespace that is probably meant to be the
// policy's: one of Holdfast's by its key, or one without a domain that has a mode.
func misspeltLabel(ns *Namespace) (key, text string, found bool) {
	for _, key := range slices.Sorted(maps.Keys(ns.Labels)) {
		domain, label, _ := strings.Cut(key, "/")
		ofHoldfast := strings.Contains(strings.ToLower(domain), "holdfast")
		if _, isMode := policy.ParseMode(ns.Labels[key]); isMode && (ofHoldfast || label == "" && domain == "policy") {
			return key, ns.Labels[key], true
		}
	}
	return "", "", false
}

// contents counts what a Namespace holds that the policy is about.
type contents struct{ ingresses, routes, stickyServices int }

// contents returns what each Namespace holds.
func (v *view) contents() map[string]contents {
	held := make(map[string]contents)
	add := func(namespace string, more contents) {
		c := held[namespace]
		held[namespace] = contents{c.ingresses + more.ingresses, c.routes + more.routes, c.stickyServices + more.stickyServices}
	}
	for i := range v.Ingresses {
		add(v.Ingresses[i].Namespace, contents{ingresses: 1})
	}
	for i := range v.Routes {
		add(v.Routes[i].Namespace, contents{routes: 1})
	}
	for i := range v.Services {
		if v.Policy.AsksForStickiness(v.Services[i].Object) {
			add(v.Services[i].Namespace, contents{stickyServices: 1})
		}
	}
	return held
}

// String lists what there is: "2 Ingresses, 1 sticky Service".
func (c contents) String() string {
	var parts []string
	for _, each := range [...]struct {
		count int
		noun  string
	}{{c.ingresses, "Ingress"}, {c.routes, "route"}, {c.stickyServices, "sticky Service"}} {
		if each.count > 0 {
			parts = append(parts, policy.Quantity(each.count, each.noun))
		}
	}
	return strings.Join(parts, ", ")
}
