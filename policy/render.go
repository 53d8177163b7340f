package policy

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Edit gives a target of the baseline a value.
type Edit struct {
	Target Target
	// Value is the target's text. Of a list it is the names to add.
	Value   string
	Setting dialect.Setting
	Origin  Origin
}

// rendering is what the annotations of one controller are rendered from. Nothing
// changes it.
type rendering struct {
	*situation
	in   Input
	base *baseline
	want *desiredValues
}

// render adds to the edits the annotations of one controller that the object lacks,
// and corrections of those that the user wrote if the policy asks for them. What is
// wrong with the user's annotations is reported.
func render(edits []Edit, in Input, s *situation, base *baseline, want *desiredValues, f *Findings) []Edit {
	s.reportConflicts(want, f)
	r := &rendering{s, in, base, want}
	r.reportUnreadable(f)
	for a := range s.AnnotationsOn(base.Object.Kind) {
		edits = r.annotation(edits, a, f)
	}
	return edits
}

// annotation adds the edits for one annotation.
func (r *rendering) annotation(edits []Edit, a *dialect.Annotation, f *Findings) []Edit {
	if a.Layout != nil && !r.usable(a) {
		return edits
	}
	inject := !a.ReadOnly && r.isOpen(a.Setting, r.want)
	switch layout := a.Layout.(type) {
	case dialect.NameList:
		if inject {
			return r.injectNames(edits, a, layout.Items, f)
		}
		return edits
	case dialect.ElementPerItem:
		return r.perItem(edits, a, layout.Items, inject, f)
	}
	v, written := r.base.Object.userValue(a)
	switch {
	case written && r.unread.Contains(a.Setting):
		return edits
	case written:
		return r.checkUserValue(edits, v, f)
	case inject:
		return r.inject(edits, a, r.onlyService(), f)
	default:
		return edits
	}
}

// applies reports whether a setting concerns an object under an affinity mode:
// settings of another mode don't.
func applies(s dialect.Setting, mode dialect.AffinityMode) bool {
	return s.AffinityMode() == dialect.NoAffinity || s.AffinityMode() == mode
}

// onlyService returns the one Service that the object's cookie is for; empty if it
// is for several.
func (r *rendering) onlyService() string {
	switch o := r.base.Object; {
	case !o.Kind.Routes():
		return o.stableName()
	case len(o.Backends) == 1:
		return o.Backends[0]
	default:
		return ""
	}
}

// usable reports whether elements may be added to a composite annotation: not if the
// controller can't read it.
func (r *rendering) usable(a *dialect.Annotation) bool {
	c, written := r.base.Object.composites[a.Key]
	return !written || c.problem == nil || c.problem.StillRead || corrects(r.in.Policy, c)
}

// reportUnreadable reports the composite annotations that the controller can't read.
func (r *rendering) reportUnreadable(f *Findings) {
	composites := r.base.Object.composites
	if len(composites) == 0 {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(composites)) {
		if c := composites[key]; c.problem != nil && r.HasKey(key, r.base.Object.Kind) {
			f.add(compositeProblem(key, c, corrects(r.in.Policy, c)))
		}
	}
}

// corrects reports whether the text of a composite annotation is replaced by what
// its author obviously meant.
func corrects(p *Policy, c composite) bool {
	return c.problem != nil && c.problem.Suggestion != "" && p.Corrections == CorrectionsApply
}

// compositeProblem returns the finding about a text that the controller can't read.
func compositeProblem(key string, c composite, corrected bool) Finding {
	finding := Finding{
		Rule: RuleUnreadableValue, Actor: Author, Message: msgUnreadableWhole, Target: AnnotationTarget(key),
		Found: c.text, Wanted: c.problem.Suggestion, Detail: c.problem.Problem,
	}
	switch {
	case corrected:
		finding.Message = msgUnreadableCorrected
	case c.problem.Suggestion != "":
		finding.Message, finding.Fix = msgUnreadableWrite, setTo(finding.Target, c.problem.Suggestion)
	}
	return finding
}

// elements returns the composite annotation that elements are added to, as the user
// wrote it or as it is corrected.
func (r *rendering) elements(a *dialect.Annotation) composite {
	c, written := r.base.Object.composites[a.Key]
	switch {
	case !written:
		return composite{codec: a.Codec()}
	case corrects(r.in.Policy, c):
		return split(c.codec, c.problem.Suggestion)
	default:
		return c
	}
}

// inject adds the edit that gives an annotation, or one of its elements, the
// desired value. item is the Service that the value is for; empty if it is for
// several.
func (r *rendering) inject(edits []Edit, a *dialect.Annotation, item string, f *Findings) []Edit {
	_, fromCookie := a.ValueFrom.(dialect.FromCookie)
	v := r.want.Value(a.Setting)
	needed := v.Value.Unset() && r.needs(a)
	if needed {
		v = desiredValue{Value: a.Need.Value, Origin: Origin{Source: FromHoldfast}}
	}
	if v.Value.Unset() && !fromCookie {
		return edits
	}
	if !r.Reads(a) {
		if needed {
			r.reportUnmetNeed(a, f)
		}
		r.reportNotRead(a, v, f)
		return edits
	}
	if layout, ok := a.Layout.(dialect.OneElement); ok && layout.MergeOnly && !r.base.Object.has(a.Key) {
		return edits
	}
	if a.Setting.EnablesAffinity() {
		v.Origin = r.want.Sticky.Origin
	}
	text, ok := r.write(a, v, item, f)
	if !ok {
		r.reportNotWritable(a, v, f)
		return edits
	}
	target := AnnotationTarget(a.Key)
	if a.Layout != nil {
		target.Element = cmp.Or(a.ElementName(), item)
	}
	reportScope(r.Installation, a, r.base, r.want, f)
	return append(edits, Edit{target, text, a.Setting, v.Origin})
}

// needs reports whether the object needs a value for an annotation that nobody asks
// for.
func (r *rendering) needs(a *dialect.Annotation) bool {
	if a.Need == nil {
		return false
	}
	// The function keeps only these two alive, and not the rendering.
	o, c := r.base.Object, r.Installation
	return a.Need.When(func(key string) string { return o.Annotations[c.Key(key)] }, o.Paths)
}

// reportUnmetNeed warns of what happens without a value that the object needs.
func (r *rendering) reportUnmetNeed(a *dialect.Annotation, f *Findings) {
	at := slices.IndexFunc(r.base.Object.Paths, a.Need.Harmed)
	if at < 0 {
		return
	}
	f.add(Finding{
		Rule: RuleConflictingAnnotation, Actor: Author, Message: msgUnmetNeed, Target: rulesTarget,
		Found: a.Key, Wanted: r.base.Object.Paths[at], Detail: a.Need.Unmet,
	})
}

// write returns the text of the desired value, and reports what holds now that the
// value is used. It returns false if the annotation can't express the value.
func (r *rendering) write(a *dialect.Annotation, v desiredValue, item string, f *Findings) (string, bool) {
	switch source := a.ValueFrom.(type) {
	case dialect.FromOption:
		return a.Format.Write(dialect.TextOf(string(r.Options[source.Option])))
	case dialect.FromCookie:
		return r.writeCookie(source, item, f)
	}
	fitting := a.Limits.Clamp(v.Value)
	text, ok := a.Format.Write(fitting)
	if !ok {
		return "", false
	}
	for _, direction := range a.Setting.Directions() {
		f.addAll(r.want.Value(direction).OnAnyUse)
	}
	switch {
	case fitting == v.Value:
		f.addAll(v.OnUse)
	case a.Setting.Info().DesiredAs == dialect.NoSetting:
		f.add(r.aboveLimit(a, v, fitting))
	}
	return text, true
}

// writeCookie returns a value that is made of several settings of the cookie. Of
// them only the maximum age can carry findings.
func (r *rendering) writeCookie(source dialect.FromCookie, item string, f *Findings) (string, bool) {
	cookie := r.want.cookie(item)
	text, ok := source.Write(cookie)
	if age := r.want.Value(dialect.CookieMaxAge); ok && len(age.OnUse) > 0 {
		cookie.MaxAge = 0
		if without, _ := source.Write(cookie); without != text {
			f.addAll(age.OnUse)
		}
	}
	return text, ok
}

// injectNames adds to a list the names that the user left out of it.
func (r *rendering) injectNames(edits []Edit, a *dialect.Annotation, items dialect.Items, f *Findings) []Edit {
	if !r.Reads(a) {
		return edits
	}
	listed := r.elements(a)
	var missing []string
	for _, name := range r.items(items) {
		switch {
		case strings.Contains(name, nameSeparator):
			f.add(Finding{Rule: RuleUnreadableValue, Actor: Author, Message: msgCommaInName, Target: AnnotationTarget(a.Key), Found: name})
		case !listed.has(name):
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return edits
	}
	target := AnnotationTarget(a.Key)
	target.Element = dialect.AddedNames
	return append(edits, Edit{target, strings.Join(missing, nameSeparator), a.Setting, Origin{Source: FromPolicy}})
}

// items returns the names that an annotation has elements for.
func (r *rendering) items(items dialect.Items) []string {
	switch items {
	case dialect.Paths:
		return r.base.Object.Paths
	case dialect.StickyBackends:
		return r.want.Sticky.Backends
	default:
		return r.base.Object.Backends
	}
}

// perItem checks the elements that the user wrote, and adds those that are missing.
func (r *rendering) perItem(edits []Edit, a *dialect.Annotation, items dialect.Items, inject bool, f *Findings) []Edit {
	written := r.elements(a)
	for _, e := range written.elements {
		edits = r.checkUserValue(edits, userValue{a, a.Key, e.Name, e.Value}, f)
	}
	if !inject {
		return edits
	}
	for _, name := range r.items(items) {
		if !written.has(name) {
			edits = r.inject(edits, a, name, f)
		}
	}
	return edits
}

// rewriteComposites makes one edit of each composite annotation whose text is
// corrected, with what is added to it: the elements of the old text can't be told
// apart. The same is done if an empty element gets a value: in a record, was: "" means
// that the element wasn't there.
func rewriteComposites(edits []Edit, in Input, base *baseline) []Edit {
	composites := base.Object.composites
	if len(composites) == 0 {
		return edits
	}
	for _, key := range slices.Sorted(maps.Keys(composites)) {
		switch c := composites[key]; {
		case !in.isOwnKey(key):
		case corrects(in.Policy, c):
			edits = rewriteWhole(edits, key, c, c.problem.Suggestion)
		case c.fillsEmptyElement(key, edits):
			edits = rewriteWhole(edits, key, c, c.text)
		}
	}
	return edits
}

// fillsEmptyElement reports whether one of the edits gives a value to an element of the
// annotation that is there and empty.
func (c composite) fillsEmptyElement(key string, edits []Edit) bool {
	return slices.ContainsFunc(edits, func(e Edit) bool {
		if e.Target.Whole() != AnnotationTarget(key) {
			return false
		}
		value, there := c.value(e.Target.Element)
		return there && value == ""
	})
}

// rewriteWhole makes one edit of those of an annotation's elements, which starts
// with a text.
func rewriteWhole(edits []Edit, key string, c composite, text string) []Edit {
	whole := Edit{Target: AnnotationTarget(key), Origin: Origin{Source: FromUser, Key: key, Text: c.text}}
	var set []dialect.Element
	others := edits[:0]
	for _, e := range edits {
		if e.Target.Whole() != whole.Target {
			others = append(others, e)
			continue
		}
		if whole.Setting == dialect.NoSetting {
			whole.Setting = e.Setting
		}
		set = append(set, elementsOf(e.Target.Element, e.Value)...)
	}
	whole.Value = split(c.codec, text).rewrite(nil, set)
	return append(others, whole)
}
