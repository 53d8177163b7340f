package policy

import (
	"maps"
	"slices"
	"strconv"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// foreignSettings are what the user wrote in annotations of controllers that don't
// serve the object. A chart that was made for one controller keeps its timeouts
// under another one.
type foreignSettings struct {
	// Values are the timeouts, by direction.
	Values values
	// Stickiness is an annotation that asks for stickiness, and Dialect the one it
	// belongs to; zero for none.
	Stickiness Origin
	Dialect    *dialect.Dialect
	// disagreements are pairs of annotations that ask for different timeouts.
	disagreements []disagreement
}

// disagreement is a timeout that two controllers' annotations set differently. The
// longer one is used.
type disagreement struct {
	direction     dialect.Setting
	longer, other Origin
}

// insteadOfNever is the timeout used for "never" if the policy has no maximum.
const insteadOfNever = duration.Day

// readForeign reads the annotations of controllers that don't serve the object.
func readForeign(in Input, base *baseline) foreignSettings {
	var found foreignSettings
	if in.Policy.ForeignDialects == ForeignIgnore || !hasForeign(in, base) {
		return found
	}
	read := make(map[string]bool)
	for _, d := range dialect.All() {
		if in.isServedBy(d) {
			continue
		}
		said := values{}
		for _, a := range d.Annotations {
			v, written := base.Object.userValue(a)
			if !written || read[v.key] || in.isOwnKey(v.key) {
				continue
			}
			found.read(in, d, v, said)
			read[v.key] = a.Layout == nil
		}
		found.merge(said)
	}
	found.noteDisagreements()
	return found
}

// hasForeign reports whether any annotation belongs to a controller that doesn't
// serve the object. Most objects have none, and the table is long.
func hasForeign(in Input, base *baseline) bool {
	for key := range base.Object.Annotations {
		if dialect.Known(key) && !in.isOwnKey(key) {
			return true
		}
	}
	return false
}

// isServedBy reports whether a controller of the object has the dialect.
func (in *Input) isServedBy(d *dialect.Dialect) bool {
	return slices.ContainsFunc(in.serving, func(c dialect.Installation) bool { return c.Dialect == d })
}

// isOwnKey reports whether a controller that serves the object reads the annotation,
// whatever other controllers do.
func (in *Input) isOwnKey(key string) bool {
	for _, c := range in.serving {
		if c.HasKey(key, in.Object.Kind) {
			return true
		}
	}
	return false
}

// read reads one annotation into the values that its controller's annotations
// set. A value that its own controller couldn't read is none; of two annotations
// of one controller the first one counts.
func (s *foreignSettings) read(in Input, d *dialect.Dialect, v userValue, said values) {
	if v.Setting.EnablesAffinity() {
		if s.Dialect == nil && v.enables() {
			s.Stickiness, s.Dialect = v.origin(FromForeign), d
		}
		return
	}
	directions := v.Setting.Directions()
	if len(directions) == 0 {
		return
	}
	read := v.Format.Parse(v.text)
	if read.Problem != "" {
		return
	}
	origin := v.origin(FromForeign)
	for _, direction := range directions {
		if _, already := said[direction]; !already {
			said[direction] = desiredValue{Value: finite(in.Policy, direction, read.Value), Origin: origin}
		}
	}
}

// finite returns the value, or the timeout used for "never".
func finite(p *Policy, direction dialect.Setting, v dialect.Value) dialect.Value {
	if v.Duration() != dialect.Never {
		return v
	}
	if longest := p.limits(direction).Maximum; !longest.Unset() {
		return longest
	}
	return dialect.DurationOf(insteadOfNever)
}

// merge takes in what the annotations of one more controller set.
func (s *foreignSettings) merge(said values) {
	for _, direction := range slices.Sorted(maps.Keys(said)) {
		v := said[direction]
		before, already := s.Values[direction]
		if already && before.Value == v.Value {
			// The first one counts.
			continue
		}
		if already {
			longer, other := before, v
			if v.Value.Compare(before.Value) > 0 {
				longer, other = v, before
			}
			s.disagreements = append(s.disagreements, disagreement{direction, longer.Origin, other.Origin})
			v = longer
		}
		if s.Values == nil {
			s.Values = make(values, 2)
		}
		s.Values[direction] = v
	}
}

// noteDisagreements attaches to the values that they are the longer ones of two, which is
// reported if they are used.
func (s *foreignSettings) noteDisagreements() {
	for _, d := range s.disagreements {
		v := s.Values[d.direction]
		if v.Origin != d.longer {
			continue
		}
		v.OnUse = append(v.OnUse, Finding{
			Rule: RuleForeignAnnotation, Actor: Author, Message: msgForeignLonger, Target: AnnotationTarget(d.longer.Key),
			Found: d.longer.Text, Origin: d.other, Fix: removal(AnnotationTarget(d.other.Key)),
		})
		s.Values[d.direction] = v
	}
}

// markOverridden returns the values of Holdfast's own annotations on the object, each with
// the finding about the foreign value that it takes precedence over.
func (s foreignSettings) markOverridden(overrides values) values {
	if len(s.Values) == 0 || len(overrides) == 0 {
		return overrides
	}
	var marked values
	for _, direction := range slices.Sorted(maps.Keys(s.Values)) {
		ours, ok := overrides[direction]
		if !ok || ours.Value == s.Values[direction].Value {
			continue
		}
		if marked == nil {
			marked = maps.Clone(overrides)
		}
		ours.OnAnyUse = []Finding{overridden(AnnotationTarget(ours.Origin.Key), ours.Origin.Text, s.Values[direction].Origin)}
		marked[direction] = ours
	}
	if marked == nil {
		return overrides
	}
	return marked
}

// overridden returns the finding about a value that takes precedence over another
// one.
func overridden(t Target, text string, weaker Origin) Finding {
	return Finding{
		Rule: RuleOverriddenValue, Actor: Author, Message: msgOverriddenValue, Target: t, Found: text, Origin: weaker,
		Fix: removal(AnnotationTarget(weaker.Key)),
	}
}

// reportForeignStickiness warns that the controller doesn't read an annotation that
// asks for stickiness, and says what it reads instead.
func (s *situation) reportForeignStickiness(base *baseline, want *desiredValues, f *Findings) {
	foreign := want.foreign
	asked := want.overrides.Sticky != nil || want.Sticky.Wanted && want.Sticky.Origin.Source != FromForeign
	if foreign.Dialect == nil || asked || s.sticksAlready() {
		return
	}
	finding := Finding{
		Rule: RuleForeignAnnotation, Actor: Author, Target: AnnotationTarget(foreign.Stickiness.Key), Controller: s.Name,
		Found: foreign.Stickiness.Text, Detail: foreign.Dialect.Called(), Origin: Origin{Key: StickyLabel, Text: "true"},
	}
	obstacle, obstructed := s.affinityObstacle(base, want.policy)
	switch {
	case s.canStick(base.Object.Kind, base, want):
		if want.Sticky.Wanted {
			// The policy translates it.
			return
		}
		finding.Message, finding.Fix = msgForeignStickiness, setTo(LabelTarget(StickyLabel), "true")
	case obstructed:
		finding.Message, finding.Origin, finding.Fix = msgForeignStickinessBeside, obstacle, withdrawal(finding.Target)
	case s.canStick(Service, base, want):
		others := want.notSticky(base.Object.Backends)
		if len(others) == 0 {
			return
		}
		finding.Message, finding.Wanted = msgForeignStickinessOnService, namedServices(others)
		finding.Fix = setTo(LabelTarget(StickyLabel), "true").onServices()
	default:
		finding.Message, finding.Wanted = msgForeignStickinessElsewhere, s.affinityRemedy(namedServices(base.Object.Backends), want.policy)
		finding.Fix = withdrawal(finding.Target)
		if finding.Wanted == "" {
			finding.Message = msgForeignStickinessNowhere
		}
	}
	f.add(finding)
}

// reportUnreadTimeouts warns the author of a Service of timeouts that no controller
// reads there.
func reportUnreadTimeouts(in Input, want *desiredValues, f *Findings) {
	if len(in.Controllers) == 0 || len(want.foreign.Values) == 0 {
		return
	}
	for _, direction := range slices.Sorted(maps.Keys(want.foreign.Values)) {
		if in.readsTimer(direction) {
			continue
		}
		v, key := want.foreign.Values[direction], Prefix+direction.Info().Annotation
		finding := Finding{
			Rule: RuleForeignAnnotation, Actor: Author, Message: msgForeignUnread, Target: AnnotationTarget(v.Origin.Key), Setting: direction,
			Found: v.Origin.Text, Wanted: key + ": " + quote(strconv.FormatInt(inSeconds(direction, v.Value), 10)),
		}
		if _, remedy, found := in.nowhereSet([]dialect.Setting{direction}, v.Value); found {
			finding.Message, finding.Wanted, finding.Detail = msgForeignUnreadAnywhere, "", remedy
			finding.Fix = withdrawal(finding.Target)
		}
		f.add(finding)
	}
}

// inSeconds returns a timeout of another controller as Holdfast's own annotation for it
// takes it.
func inSeconds(s dialect.Setting, v dialect.Value) int64 {
	return s.Info().Limits.Clamp(v).Duration().Seconds()
}
