package policy

import (
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// conflict is a conflict of a dialect's table that the user's annotations have.
type conflict struct {
	*dialect.Conflict
	key, text string
}

// findConflicts returns the conflicts of one controller.
func findConflicts(c dialect.Installation, o parsed) []conflict {
	var found []conflict
	for i := range c.Conflicts {
		known := &c.Conflicts[i]
		if known.On != o.Kind {
			continue
		}
		if key, text, matches := o.matchConflict(c, known); matches {
			found = append(found, conflict{known, key, text})
		}
	}
	return found
}

// ToClusterIP returns the annotation of an object with which a controller sends to the
// Service's ClusterIP instead of to its pods.
func ToClusterIP(c dialect.Installation, o *Object) (key, text string, found bool) {
	for _, conflict := range findConflicts(c, parse(o)) {
		if conflict.ToClusterIP {
			return conflict.key, conflict.text, true
		}
	}
	return "", "", false
}

// matchConflict looks for a conflict's annotation under any of its keys.
func (p parsed) matchConflict(c dialect.Installation, known *dialect.Conflict) (key, text string, matches bool) {
	if known.IsPrefix {
		return p.matchPrefix(c.Key(known.Key), known)
	}
	if known.Element != "" {
		text, written := p.composites[known.Key].value(known.Element)
		return known.Key, text, written && known.MatchesText(text)
	}
	if known.Beside != "" && !p.has(c.Key(known.Beside)) {
		return "", "", false
	}
	key = c.Key(known.Key)
	if text, written := p.Annotations[key]; written && known.MatchesText(text) {
		return key, text, true
	}
	for _, alias := range known.Aliases {
		if text, written := p.Annotations[alias]; written && known.MatchesText(text) {
			return alias, text, true
		}
	}
	return "", "", false
}

// matchPrefix returns the first annotation, in the order of the keys, that a
// conflict's prefix is about.
func (p parsed) matchPrefix(prefix string, known *dialect.Conflict) (key, text string, matches bool) {
	for candidate, value := range p.Annotations {
		if strings.HasPrefix(candidate, prefix) && known.MatchesText(value) && (!matches || candidate < key) {
			key, text, matches = candidate, value, true
		}
	}
	return key, text, matches
}

// reportConflicts reports conflicts to those who can resolve them.
func (s *situation) reportConflicts(want *desiredValues, f *Findings) {
	for _, found := range s.conflicts {
		if found.Warning != "" && s.isRelevant(found, want) {
			f.add(found.finding())
		}
		if found.Note != "" {
			f.add(Finding{
				Rule: RuleConflictingAnnotation, Actor: Admin, Message: msgConflictNote, Controller: s.Name,
				Origin: Origin{Key: found.key}, Detail: found.Note,
			})
		}
	}
}

// isRelevant reports whether the warning of a conflict matters for the object.
func (s *situation) isRelevant(c conflict, want *desiredValues) bool {
	switch c.WarnIf {
	case dialect.IfSticky:
		return want.Sticky.Wanted || len(s.userModes.on) > 0
	case dialect.IfLabelled:
		return want.Sticky.Wanted && want.Sticky.Origin.Source == FromObject
	case dialect.IfTimeoutAsked:
		return asksForTimeout(c.Suppresses, want)
	default:
		return true
	}
}

// asksForTimeout reports whether the author of the object asks for a timeout that a
// conflict suppresses.
func asksForTimeout(suppressed dialect.SettingSet, want *desiredValues) bool {
	for s, info := range dialect.Settings() {
		if len(info.Directions) > 0 && suppressed.Contains(s) && want.Value(s).Origin.Source.isAuthor() {
			return true
		}
	}
	return false
}

// finding returns the finding for the author.
func (c conflict) finding() Finding {
	return Finding{
		Rule: RuleConflictingAnnotation, Actor: Author, Message: msgConflict, Target: AnnotationTarget(c.key),
		Found: c.text, Detail: c.Warning, Fix: withdrawal(AnnotationTarget(c.key)),
	}
}
