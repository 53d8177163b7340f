package policy

import (
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// overrides are what Holdfast's labels and annotations on an object say.
type overrides struct {
	// Ignore says that the object is to be left alone.
	Ignore bool
	// Sticky is the value of StickyLabel; nil if the object doesn't have it.
	Sticky *bool
	Values values
}

// values are desired values by their settings.
type values map[dialect.Setting]desiredValue

// parseOverrides reads Holdfast's keys on the object. A value that can't be read is
// refused, and one on a kind that doesn't read it causes a warning.
func parseOverrides(in Input, f *Findings) overrides {
	over := overrides{Ignore: parseIgnore(in, f), Sticky: parseSticky(in, f)}
	for _, k := range overrideKeys {
		text, written := in.Object.Annotations[k.key]
		if !written {
			continue
		}
		if !k.hasEffect(in) {
			f.add(misplaced(k, in))
			continue
		}
		value, err := k.limits.Parse(text)
		if err != nil {
			f.add(in.invalidValue(AnnotationTarget(k.key), text, err.Error(), msgInvalidValue))
			continue
		}
		over.Values = over.Values.with(k, value, Origin{Source: FromObject, Key: k.key, Text: text})
	}
	return over
}

// with returns the values with one more for all settings of an annotation.
func (v values) with(k overrideKey, value dialect.Value, origin Origin) values {
	if v == nil {
		v = make(values, 2)
	}
	for _, s := range k.settings {
		v[s] = desiredValue{Value: value, Origin: origin}
	}
	return v
}

// IsOptedOut reports whether an object is to be left alone, and the policy lets it.
func (p *Policy) IsOptedOut(o *Object) bool {
	return o.Labels[PolicyLabel] == Ignore && p.HonorsIgnore()
}

// HonorsIgnore reports whether users may opt an object out.
func (p *Policy) HonorsIgnore() bool { return p.IgnoreLabel == IgnoreHonor }

func parseIgnore(in Input, f *Findings) bool {
	text, written := in.Object.Labels[PolicyLabel]
	if written && text != Ignore {
		f.add(in.invalidValue(LabelTarget(PolicyLabel), text, `must be "ignore" or absent; enforce, warn and audit go on the Namespace`, msgInvalidPolicyLabel))
	}
	return text == Ignore
}

func parseSticky(in Input, f *Findings) *bool {
	text, written := in.Object.Labels[StickyLabel]
	if !written {
		return nil
	}
	sticky := text == "true"
	if !sticky && text != "false" {
		f.add(in.invalidValue(LabelTarget(StickyLabel), text, `must be "true" or "false"`, msgInvalidValue))
		return nil
	}
	return &sticky
}

// invalidValue returns the finding about a value of Holdfast's own keys that can't
// be read. Only a value that this write brought is refused: a change of something
// else must not fail because of it.
func (in Input) invalidValue(t Target, text, problem string, asWarning Message) Finding {
	return Finding{
		Rule: RuleInvalidValue, Actor: Author, Message: asWarning, Target: t, Found: text, Detail: problem,
		Refused: in.isNew(t),
	}
}

// isNew reports whether the write that is evaluated brought the value of a label or
// an annotation.
func (in Input) isNew(t Target) bool {
	if in.Old == nil {
		return true
	}
	now, before := in.Object.Annotations, in.Old.Annotations
	if t.isLabel() {
		now, before = in.Object.Labels, in.Old.Labels
	}
	old, there := before[t.Name]
	return !there || old != now[t.Name]
}

// misplaced returns the finding about an annotation that has no effect on the
// object.
func misplaced(k overrideKey, in Input) Finding {
	finding := Finding{Rule: RuleMisplacedKey, Actor: Author, Target: AnnotationTarget(k.key), Found: string(in.Object.Kind)}
	if controller, option, found := k.missingOption(in); found {
		finding.Message, finding.Controller, finding.Detail = msgNeedsOption, controller, option
		return finding
	}
	if value, err := k.limits.Parse(in.Object.Annotations[k.key]); err == nil {
		if controller, remedy, found := in.nowhereSet(k.settings, value); found {
			finding.Message, finding.Controller, finding.Detail = msgNoEffectAnywhere, controller, remedy
			finding.Fix = withdrawal(finding.Target)
			return finding
		}
	}
	finding.Message, finding.Detail = msgNoEffectOnKind, "Namespace"
	for _, kind := range dialect.Kinds() {
		if k.appliesTo(kind.Kind) {
			finding.Detail = string(kind.Kind) + " or the Namespace"
			break
		}
	}
	return finding
}

// parseNamespace reads Holdfast's annotations on the Namespace. The author of the
// object can't fix a bad one, so it isn't refused.
func parseNamespace(in Input, f *Findings) values {
	var v values
	if len(in.Namespace.Annotations) == 0 {
		return nil
	}
	for _, k := range overrideKeys {
		text, written := in.Namespace.Annotations[k.key]
		if !written || !k.hasEffect(in) {
			continue
		}
		value, err := k.limits.Parse(text)
		if err != nil {
			f.add(Finding{
				Rule: RuleInvalidNamespaceValue, Actor: Author, Message: msgNamespaceValue,
				Target: AnnotationTarget(k.key), Namespace: in.Namespace.Name, Found: text, Detail: err.Error(),
			})
			continue
		}
		v = v.with(k, value, Origin{Source: FromNamespace, Key: k.key, Text: text})
	}
	return v
}
