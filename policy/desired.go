package policy

import (
	"iter"
	"maps"
	"slices"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// desiredValue is the value that a setting is to have, and who wants it.
type desiredValue struct {
	Value  dialect.Value
	Origin Origin
	// OnUse are the findings that hold only if the value is used as it is, such as that
	// it was clamped to the policy's limits. The step that uses the value adds them.
	OnUse []Finding
	// OnAnyUse are those that hold also if only as much of it is used as the controller
	// allows: about values that it takes precedence over.
	OnAnyUse []Finding
}

// Origin is where a desired value comes from.
type Origin struct {
	Source Source
	// Key and Text are the annotation or label that asks for it, if one does.
	Key, Text string
}

// target returns the place of the key in the object that asks for the value.
func (o Origin) target() Target {
	if o.Key == StickyLabel {
		return LabelTarget(o.Key)
	}
	return AnnotationTarget(o.Key)
}

// Source is a place where a value can be asked for.
type Source string

// The sources, the strongest first.
const (
	FromUser      Source = "user"      // the controller's own annotation, written by the user
	FromObject    Source = "object"    // Holdfast's key on the object
	FromService   Source = "service"   // Holdfast's key on a Service of the Ingress
	FromForeign   Source = "foreign"   // an annotation of a controller that doesn't serve the object
	FromNamespace Source = "namespace" // Holdfast's annotation on the Namespace
	FromPolicy    Source = "policy"    // the policy's default
	FromHoldfast  Source = "holdfast"  // what Holdfast sets if the policy leaves it open
)

// isAuthor reports whether the author of the object asked for the value.
func (s Source) isAuthor() bool { return s == FromUser || s == FromObject || s == FromForeign }

// desiredValues are those of all settings for one object. Nothing changes them once
// resolve has made them.
type desiredValues struct {
	policy *Policy
	// layers are the values that are asked for, the strongest first.
	layers [4]values
	// fallback are Holdfast's own defaults, for settings that no layer has.
	fallback values
	// overrides and foreign are those of the object, as the user wrote them.
	overrides overrides
	foreign   foreignSettings
	Sticky    stickyRequest
	Services  Services
}

// resolve finds out what is wanted of the object: by Holdfast's keys on it, its
// Services, annotations of other controllers, its Namespace and the policy.
func resolve(in Input, base *baseline, over overrides, f *Findings) desiredValues {
	foreign := readForeign(in, base)
	d := desiredValues{
		policy: in.Policy, overrides: over, foreign: foreign, Services: in.Services,
		layers:   [...]values{foreign.markOverridden(over.Values), servicesTimeout(in.Services), foreign.Values, parseNamespace(in, f)},
		fallback: cookieDefaultsFor(base.Object.Object),
		Sticky:   resolveStickiness(in, base.Object.Object, over, foreign),
	}
	for i, layer := range d.layers {
		d.layers[i] = clamp(layer, in.Policy, in.Namespace.Name)
	}
	return d
}

// isResolved reports whether resolve has made them.
func (d *desiredValues) isResolved() bool { return d.policy != nil }

// Value returns the desired value of a setting. A controller's own annotation that
// the user wrote is stronger than it, and the business of render.
func (d *desiredValues) Value(s dialect.Setting) desiredValue {
	s = d.decisive(s)
	for v := range d.candidates(s) {
		return v
	}
	// What is always wanted counts as the policy's: unlike a fallback it is reported if
	// the controller can't do it.
	return desiredValue{Value: s.Info().Always, Origin: Origin{Source: FromPolicy}}
}

// decisive returns the setting that decides the value of a setting: itself, the one that
// it is desired as, or the longest of its directions. One timer for both directions has
// to be long enough for each.
func (d *desiredValues) decisive(s dialect.Setting) dialect.Setting {
	if as := s.Info().DesiredAs; as != dialect.NoSetting {
		return d.decisive(as)
	}
	if directions := s.Directions(); len(directions) > 1 {
		return slices.MaxFunc(directions, func(a, b dialect.Setting) int { return d.Value(a).Value.Compare(d.Value(b).Value) })
	}
	return s
}

// candidates returns the values that are asked for of a decisive setting, the strongest
// first.
func (d *desiredValues) candidates(s dialect.Setting) iter.Seq[desiredValue] {
	return func(yield func(desiredValue) bool) {
		for _, layer := range d.layers {
			if v, ok := layer[s]; ok && !yield(v) {
				return
			}
		}
		if v := d.policy.value(s); !v.Unset() && !yield(desiredValue{Value: v, Origin: Origin{Source: FromPolicy}}) {
			return
		}
		if v, ok := d.fallback[s]; ok {
			yield(v)
		}
	}
}

// What a cookie is to be if the policy leaves it open: kept from scripts, and off
// plain HTTP if the object terminates TLS. Nothing writes to them.
var (
	onByDefault    = desiredValue{Value: dialect.SwitchOf(true), Origin: Origin{Source: FromHoldfast}}
	cookieDefaults = values{dialect.CookieHTTPOnly: onByDefault}
	cookieOverTLS  = values{dialect.CookieHTTPOnly: onByDefault, dialect.CookieSecure: onByDefault}
)

// cookieDefaultsFor returns the defaults of a cookie for an object.
func cookieDefaultsFor(o *Object) values {
	if o.TLS {
		return cookieOverTLS
	}
	return cookieDefaults
}

// clamp returns the values within the policy's limits. That a value was changed is
// reported if it is used; of a Service's value it was when the Service was written.
func clamp(layer values, p *Policy, namespace string) values {
	within, changed := layer, false
	for s, v := range layer {
		limits := p.limits(s)
		clamped := limits.Clamp(v.Value)
		if clamped == v.Value {
			continue
		}
		finding := Finding{
			Rule: RuleOutOfBounds, Actor: Author, Message: msgOutOfBoundsClamped, Target: AnnotationTarget(v.Origin.Key),
			Found: v.Origin.Text, Wanted: clamped.String(), Origin: v.Origin, Detail: limits.String(),
		}
		if v.Origin.Source == FromNamespace {
			finding.Actor, finding.Message = Admin, msgNamespaceClamped
			finding.Target, finding.Namespace = Target{}, namespace
		}
		v.Value = clamped
		if v.Origin.Source != FromService {
			v.OnUse = append(slices.Clip(v.OnUse), finding)
		}
		if !changed {
			within, changed = maps.Clone(layer), true
		}
		within[s] = v
	}
	return within
}

// servicesTimeout returns the longest time for which a sticky Service of the
// Ingress asks. One that can't be read was reported when the Service was written.
func servicesTimeout(services Services) values {
	var longest desiredValue
	limits := dialect.CookieMaxAge.Info().Limits
	for _, s := range services.Sticky {
		if s.Timeout == "" {
			continue
		}
		v, err := limits.Parse(s.Timeout)
		if err == nil && v.Compare(longest.Value) > 0 {
			longest = desiredValue{Value: v, Origin: Origin{Source: FromService, Key: StickyTimeoutAnnotation, Text: s.Timeout}}
		}
	}
	if longest.Value.Unset() {
		return nil
	}
	return values{dialect.CookieMaxAge: longest}
}
