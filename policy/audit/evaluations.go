package audit

import (
	"slices"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// msgNamespaceValue is said of the Namespace itself. What the engine says is for the authors of
// objects in it.
const msgNamespaceValue policy.Message = `{found} is ignored: it {detail}`

// evaluations asks the engine about every object that the policy covers, and the
// ConfigMaps of the controllers about what the engine only knows the defaults of.
func evaluations(v *view) []Finding {
	// Findings are large, so they are copied once and not each time that a list grows.
	var each [][]Finding
	for o, source := range v.objects() {
		each = append(each, v.evaluation(o, source))
	}
	return v.configured(distinct(slices.Concat(each...)))
}

// evaluation returns what the engine finds in one object.
func (v *view) evaluation(o *policy.Object, source Locator) []Finding {
	if !v.covers(o.Namespace) {
		return nil
	}
	in := v.input(o)
	result := v.evaluate(in)
	lifetime := lifetimeOf(in, result)
	var all []Finding
	findings := result.AuditFindings(o)
	for _, f := range findings {
		if isReportedForClass(f, in.Controller) || isReportedToAuthor(f, findings) || v.isOnServices(f, in) {
			continue
		}
		if ofClasses := v.aboutClasses(f, in); len(ofClasses) > 0 {
			all = append(all, ofClasses...)
			continue
		}
		if f.Namespace != "" {
			f.Message = msgNamespaceValue
			all = append(all, v.namespaces[f.Namespace].about(f))
			continue
		}
		found := at(ObjectOf(o), source, f)
		if in.Controller.Dialect != nil {
			found.ServedBy = in.Controller.Dialect.Name
		}
		if f.Setting.IsIdleTimer() {
			found.Lifetime = lifetime
		}
		found.Command = v.command(o, &found)
		all = append(all, found)
	}
	return all
}

// evaluate returns what the engine makes of an object. It keeps the results that clientIPs
// asks for again; all of them would be too many.
func (v *view) evaluate(in policy.Input) policy.Result {
	if result, known := v.results[in.Object]; known {
		return result
	}
	result := policy.Evaluate(in)
	if v.results != nil && v.mattersToClientIP(in.Object) {
		v.results[in.Object] = result
	}
	return result
}

// aboutClasses returns a finding as one about each class of the installation that it is
// about; nothing for a finding about the object.
func (v *view) aboutClasses(f policy.Finding, in policy.Input) []Finding {
	if !isAboutClass(f) {
		return nil
	}
	var all []Finding
	for _, class := range v.classesOf(f, in) {
		all = append(all, v.aboutClass(class, f))
	}
	return all
}

// isAboutClass reports whether a finding is about the installation of a controller, and
// the same for all Ingresses that it serves.
func isAboutClass(f policy.Finding) bool {
	isAsked := f.Origin.Source != "" && f.Origin.Source != policy.FromPolicy && f.Origin.Source != policy.FromHoldfast
	return f.Actor == policy.Admin && f.Target == policy.Target{} && f.Namespace == "" && f.Controller != "" && !isAsked
}

// classesOf returns the classes of the installation that a finding is about: that of an
// Ingress, if it has one. A Service doesn't show which controller serves it.
func (v *view) classesOf(f policy.Finding, in policy.Input) []string {
	if in.Object.Kind.Routes() {
		if in.Controller.Class == "" {
			return nil
		}
		return []string{in.Controller.Class}
	}
	var all []string
	for class := range v.Policy.ClassNames(v.IngressClasses) {
		if d := v.Policy.ResolveClass(class, v.IngressClasses).Dialect; class != "" && d != nil && d.Name == f.Controller {
			all = append(all, class)
		}
	}
	return all
}

// isReportedToAuthor reports whether a finding is a note for admins about what another one
// reports to the object's author.
func isReportedToAuthor(f policy.Finding, all []policy.Finding) bool {
	return f.Rule == policy.RuleNoAnnotation && slices.ContainsFunc(all, func(other policy.Finding) bool {
		return other.Rule == policy.RuleNoEffect && other.Controller == f.Controller && other.Setting == f.Setting && other.Detail == f.Detail
	})
}

// lifetimeOf returns how long idle WebSockets of an Ingress live as it is, and with what
// the engine would change.
func lifetimeOf(in policy.Input, result policy.Result) Lifetime {
	if !in.Object.Kind.Routes() || in.Controller.Dialect == nil {
		return Lifetime{}
	}
	c := in.Controller.Installation()
	return Lifetime{
		Now:    policy.IdleLifetime(c, in.Object.Annotations),
		Wanted: policy.IdleLifetime(c, result.AnnotationsAfter(in.Object)),
	}
}

// apiVersions are those of the kinds that the engine evaluates.
var apiVersions = map[policy.Kind]string{dialect.Ingress: "networking.k8s.io/v1", dialect.Service: "v1"}

// ObjectOf returns what names an object that the engine evaluates.
func ObjectOf(o *policy.Object) Object {
	name := o.Name
	if name == "" && o.GenerateName != "" {
		name = o.GenerateName + "*"
	}
	return Object{APIVersion: apiVersions[o.Kind], Kind: string(o.Kind), Namespace: o.Namespace, Name: name}
}

// distinct returns the findings without repetitions. Those about a Namespace come from each
// of its objects; those about a class from each of its Ingresses, and they differ at most in
// how long one of them wants its timeouts.
func distinct(all []Finding) []Finding {
	type subject struct {
		object  Object
		rule    policy.Rule
		message policy.Message
		target  policy.Target
		setting dialect.Setting
	}
	seen := make(map[subject]int)
	kept := all[:0]
	for _, f := range all {
		if f.Object.Kind != "IngressClass" && f.Object.Kind != "Namespace" {
			kept = append(kept, f)
			continue
		}
		key := subject{f.Object, f.Rule, f.Message, f.Target, f.Setting}
		if at, found := seen[key]; found {
			if f.WantsLonger(kept[at].Finding) {
				kept[at] = f
			}
			continue
		}
		seen[key] = len(kept)
		kept = append(kept, f)
	}
	return slices.Clip(kept)
}
