package policy

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// Input is all that Evaluate knows.
type Input struct {
	Object *Object
	// Old is the object as it was before an update; nil otherwise.
	Old       *Object
	Namespace Namespace
	// Serving is which controller serves an Ingress.
	Serving Serving
	// Controllers are those that may serve a Service: it can't tell which one
	// does.
	Controllers []dialect.Installation
	// Services are what is known of the Services that an Ingress sends to.
	Services Services
	Policy   *Policy
}

// Namespace is what the Namespace of an object says.
type Namespace struct {
	Name string
	// Annotations hold at least those under Prefix.
	Annotations map[string]string
}

// Evaluate says what is to change in an object, and what its writer and the
// admin have to hear. It first undoes the record in memory and judges that
// plain object, so that Holdfast's own words are never read as wishes and
// evaluating twice is evaluating once. Whatever takes the cause of an injection
// away takes the injection back with no rule of its own: a label, a class, a
// policy.
func Evaluate(in Input) Result {
	if in.Object.Deleting {
		// Removing a finalizer is an update too: it must not meet any rule.
		return Result{}
	}
	e := evaluation{Input: in, controllers: in.controllers()}
	e.inForce = e.recordInForce()
	e.plain = undo(in.Object, e.inForce)
	e.own = e.readObjectWords()
	if !e.leftAlone() {
		e.namespace = e.readNamespaceWords()
		e.judge()
		e.warnOfUnknownKeys()
	}
	e.finish()
	return e.result
}

// evaluation is one call of Evaluate on its way.
type evaluation struct {
	Input
	// controllers are those whose words the object is judged in.
	controllers []dialect.Installation
	inForce     record
	plain       Object
	own         words
	namespace   words
	// foreign are the wishes in the words of controllers that don't serve the
	// object, foreignStickiness one of theirs for stickiness.
	foreign           words
	foreignStickiness Origin
	foreignDialect    *dialect.Dialect
	sticky            asking
	// sprung are the traps that the user's words spring.
	sprung []dialect.Conflict
	// edits are what the plain object is to get, in order.
	edits []edit
	// corrected are packed annotations that the controller couldn't read, as they
	// are corrected.
	corrected map[string]string
	result    Result
}

// edit gives a key of the plain object a value.
type edit struct {
	key, value string
	setting    dialect.Setting
	origin     Origin
}

// leftAlone tells whether a user has opted the object out.
func (e *evaluation) leftAlone() bool {
	if !e.own.ignore {
		return false
	}
	if e.Policy.IgnoreLabel == IgnoreWarn {
		e.warn(RuleIgnorePowerless, PolicyLabel, `"ignore" has no effect under this cluster's policy; ask its admins`)
		return false
	}
	// Who leaves Holdfast out needs no advice from it.
	e.result = Result{}
	return true
}

func (e *evaluation) judge() {
	e.readForeignWords()
	e.sticky = e.readAsking()
	switch e.Object.Kind {
	case Ingress:
		e.judgeIngress()
	case Service:
		e.judgeService()
	}
}

// controllers are those whose words the object is judged in.
func (in Input) controllers() []dialect.Installation {
	if in.Object.Kind == Service {
		return in.Controllers
	}
	if in.Serving.Dialect == nil {
		return nil
	}
	return []dialect.Installation{in.Serving.Installation()}
}

// wish is whose word counts for a setting of the plain object, within the
// policy's bounds. The serving controller's own key beats it and is asked
// elsewhere.
func (e *evaluation) wish(s dialect.Setting) Wish {
	switch s {
	case dialect.IdleTimeout:
		return longest(e.wish(dialect.ReadTimeout), e.wish(dialect.SendTimeout))
	case dialect.DrainTimeout, dialect.FrontendTimeout:
		return e.wish(dialect.IdleTimeout)
	}
	if w, ok := e.own.wishes[s]; ok {
		return e.bounded(s, w)
	}
	if s == dialect.CookieMaxAge {
		if w, ok := e.serviceTimeout(); ok {
			return e.bounded(s, w)
		}
	}
	for _, said := range [...]words{e.foreign, e.namespace} {
		if w, ok := said.wishes[s]; ok {
			return e.bounded(s, w)
		}
	}
	return Wish{Value: e.policyValue(s), Origin: Origin{Source: FromPolicy}}
}

// policyValue is what the policy wants. A cookie is kept from scripts, and off
// plain HTTP where there is TLS, unless it says otherwise.
func (e *evaluation) policyValue(s dialect.Setting) dialect.Value {
	v := e.Policy.wish(s)
	if v.Unset() && (s == dialect.CookieHTTPOnly || s == dialect.CookieSecure && e.plain.TLS) {
		v = dialect.SwitchOf(true)
	}
	return v
}

// bounded cuts a wish to the policy's bounds and tells whoever wrote it.
func (e *evaluation) bounded(s dialect.Setting, w Wish) Wish {
	bounds := e.Policy.bounds(s)
	cut := bounds.Clamp(w.Value.Duration())
	if cut == w.Value.Duration() {
		return w
	}
	text := fmt.Sprintf("%s must be %s in this cluster; %s holds", quote(w.Origin.Text), bounds, cut)
	if w.Origin.Source == FromNamespace {
		e.note(RuleOutOfBounds, "Namespace "+e.Namespace.Name, w.Origin.Key+": "+text)
	} else {
		e.warn(RuleOutOfBounds, w.Origin.Key, text)
	}
	w.Value = dialect.DurationOf(cut)
	return w
}

// edit gives the plain object a value. What is given first holds: two
// controllers may read one key.
func (e *evaluation) edit(key, value string, s dialect.Setting, origin Origin) {
	if slices.ContainsFunc(e.edits, func(known edit) bool { return known.key == key }) {
		return
	}
	e.edits = append(e.edits, edit{key, value, s, origin})
}

// mostWarnings is more than anyone reads: the API server shows 4096 characters
// of all warnings together.
const mostWarnings = 32

// warn tells the writer something, once.
func (e *evaluation) warn(rule Rule, subject, text string) {
	w := Warning{rule, subject, text}
	if len(e.result.Warnings) < mostWarnings && !slices.Contains(e.result.Warnings, w) {
		e.result.Warnings = append(e.result.Warnings, w)
	}
}

// note tells the admin something, once.
func (e *evaluation) note(rule Rule, subject, text string) {
	n := Note{rule, subject, text}
	if !slices.Contains(e.result.Notes, n) {
		e.result.Notes = append(e.result.Notes, n)
	}
}

// place is where a text stands in the object.
type place struct {
	path     *field.Path
	key      string
	now, old *string
}

func (e *evaluation) annotation(key string) place {
	p := place{path: field.NewPath("metadata", "annotations").Key(key), key: key, now: in(e.Object.Annotations, key)}
	if e.Old != nil {
		p.old = in(e.Old.Annotations, key)
	}
	return p
}

func (e *evaluation) label(key string) place {
	p := place{path: field.NewPath("metadata", "labels").Key(key), key: key, now: in(e.Object.Labels, key)}
	if e.Old != nil {
		p.old = in(e.Old.Labels, key)
	}
	return p
}

// in is a map's value; nil where there is none.
func in(m map[string]string, key string) *string {
	text, ok := m[key]
	if !ok {
		return nil
	}
	kept := text
	return &kept
}

// refuse finds a value that must not be stored. A value that the object held
// before is only warned of: nobody who changes something else is held hostage
// by it.
func (e *evaluation) refuse(rule Rule, at place, detail string) {
	value := shorten(*at.now, longestValue)
	refusal := Refusal{Rule: rule, Error: field.Invalid(at.path, value, detail+signature), subject: at.key}
	if at.old != nil && *at.old == *at.now {
		w := refusal.Warning()
		e.warn(w.Rule, w.Subject, w.Text)
		return
	}
	e.result.Refusals = append(e.result.Refusals, refusal)
}

// finish turns the edits into the difference between what the object holds and
// what it is to hold, the record included.
func (e *evaluation) finish() {
	e.foldCorrected()
	written := make(record, len(e.edits))
	e.result.Changes = slices.Grow(e.result.Changes, len(e.edits)+1)
	for i := range e.edits {
		ed := &e.edits[i]
		written[ed.key] = entry{Set: ed.value, Was: e.before(ed.key)}
		if _, _, packed := dialect.SplitKey(ed.key); !packed {
			e.change(Change{Target: ParseKey(ed.key), To: &ed.value, Setting: ed.setting, Origin: ed.origin})
		}
	}
	for _, key := range sortedKeys(e.inForce) {
		if _, again := written[key]; !again && key != AnnotationsParent {
			e.takeBack(key, written)
		}
	}
	e.repack(written)
	e.recordParent(written)
	e.change(Change{Target: AnnotationTarget(RecordAnnotation), To: written.text()})
	e.checkSize()
}

func sortedKeys(r record) []string {
	if len(r) == 0 {
		return nil
	}
	keys := make([]string, 0, len(r))
	for key := range r {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// takeBack takes out what is Holdfast's and is to be no longer. Stickiness of
// which nobody knows whether it is still asked for stays.
func (e *evaluation) takeBack(key string, written record) {
	sp, _ := owner(key, e.Object.Kind)
	sticky := sp.Setting.AffinityMode() != dialect.NoAffinity
	if sticky && e.sticky.keep {
		written[key] = e.inForce[key]
		return
	}
	e.result.EndsStickiness = e.result.EndsStickiness || sticky
	annotation, member, packed := dialect.SplitKey(key)
	if sp.RemovalHint != "" && packed {
		e.warn(RuleTakenBack, annotation, member+" is taken back, but "+sp.RemovalHint)
	}
	if !packed && sp.Codec() == nil {
		e.change(Change{Target: ParseKey(key), To: e.plain.value(key)})
	}
}

// before is what the record says of a key before an edit: what the plain object
// holds, or the text of an affinity that says nothing. Of a packed value it is
// the member that was there, or the empty text that all of it was.
func (e *evaluation) before(key string) *string {
	if annotation, member, packed := dialect.SplitKey(key); packed {
		text, there := e.plain.Annotations[annotation]
		sp, _ := owner(key, e.Object.Kind)
		pieces, _ := sp.Codec().Split(text)
		if value, found := dialect.Find(pieces, member); found {
			return &value
		}
		if there && text == "" {
			return &text
		}
		return nil
	}
	if text := e.plain.value(key); text != nil || key != SessionAffinity {
		return text
	}
	if noted, ok := e.inForce[key]; ok {
		return noted.Was
	}
	if text, empty := e.Object.EmptyParents[key]; empty && isNoAffinity(text) {
		return &text
	}
	return nil
}

// change keeps what really differs from what is there.
func (e *evaluation) change(c Change) {
	if c.Target.Pointer() == SessionAffinity {
		c.Codec = sessionAffinityCodec{}
	}
	c.From = e.Object.value(c.Target.Key())
	if c.From == nil && c.To == nil || c.From != nil && c.To != nil && *c.From == *c.To {
		return
	}
	e.result.Changes = append(e.result.Changes, c)
}

// recordParent notes that the map of annotations was created or was empty, so
// that it can be taken back. What a file once noted stays.
func (e *evaluation) recordParent(written record) {
	if len(written) == 0 {
		return
	}
	if noted, ok := e.inForce[AnnotationsParent]; ok {
		written[AnnotationsParent] = noted
		return
	}
	if text, empty := e.Object.EmptyParents[AnnotationsParent]; empty {
		written[AnnotationsParent] = parentEntry(text)
	}
}

// parentEntry is the record's entry for a map that was text before.
func parentEntry(text string) entry {
	if text == NoParent {
		return entry{Set: NoParent}
	}
	return entry{Set: NoParent, Was: &text}
}

// maximumAnnotations is the API server's limit for all annotations of an
// object, keys and values together
// (apimachinery/pkg/api/validation.TotalAnnotationSizeLimitB).
const maximumAnnotations = 256 * 1024

// checkSize leaves an object uninjected that the API server would refuse with
// the injection. The user could not tell why.
func (e *evaluation) checkSize() {
	size := e.Object.OtherAnnotations
	for key, value := range e.Object.Annotations {
		size += len(key) + len(value)
	}
	grown := size
	for _, c := range e.result.Changes {
		grown += annotationSize(c.Target.Key(), c.To) - annotationSize(c.Target.Key(), c.From)
	}
	if grown > size && grown > maximumAnnotations {
		e.result.Changes = nil
		e.warn(RuleAnnotationsTooLarge, "metadata.annotations",
			fmt.Sprintf("nothing was injected, as all annotations would be %d bytes of %d; shorten them", grown, maximumAnnotations))
	}
}

func annotationSize(key string, value *string) int {
	if value == nil || key == SessionAffinity {
		return 0
	}
	return len(key) + len(*value)
}
