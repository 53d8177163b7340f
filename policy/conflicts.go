package policy

import "github.com/holdfast-dev/holdfast/policy/dialect"

// conflict is a conflict of a dialect's table that the user's annotations have.
type conflict struct {
	*dialect.Conflict
	key, text string
}

// findConflicts returns the conflicts of one controller.
func findConflicts(c dialect.Installation, base *baseline) []conflict {
	var found []conflict
	for i := range c.Conflicts {
		rule := &c.Conflicts[i]
		if rule.On != base.Object.Kind {
			continue
		}
		if key, text, matches := base.matchConflict(c, rule); matches {
			found = append(found, conflict{rule, key, text})
		}
	}
	return found
}

// matchConflict looks for a conflict's annotation under any of its keys.
func (b *baseline) matchConflict(c dialect.Installation, rule *dialect.Conflict) (key, text string, matches bool) {
	if rule.Element != "" {
		text, written := b.Object.composites[rule.Key].value(rule.Element)
		return rule.Key, text, written && rule.MatchesText(text)
	}
	key = c.Key(rule.Key)
	if text, written := b.Object.Annotations[key]; written && rule.MatchesText(text) {
		return key, text, true
	}
	for _, alias := range rule.Aliases {
		if text, written := b.Object.Annotations[alias]; written && rule.MatchesText(text) {
			return alias, text, true
		}
	}
	return "", "", false
}

// suppressed returns the settings that must not be injected beside conflicts.
func suppressed(conflicts []conflict) dialect.SettingSet {
	var all dialect.SettingSet
	for _, c := range conflicts {
		all = all.Union(c.Suppresses)
	}
	return all
}

// reportConflicts reports conflicts to those who can resolve them.
func reportConflicts(c dialect.Installation, conflicts []conflict, want *desired, f *Findings) {
	for _, found := range conflicts {
		if found.Warning != "" && (!found.OnlySticky || want.Sticky.Wanted) {
			f.add(found.finding())
		}
		if found.Note != "" {
			f.add(Finding{
				Rule: RuleConflictingAnnotation, Actor: Admin, Message: msgConflictNote, Controller: c.Name,
				Origin: Origin{Key: found.key}, Detail: found.Note,
			})
		}
	}
}

// finding returns the finding for the author.
func (c conflict) finding() Finding {
	return Finding{
		Rule: RuleConflictingAnnotation, Actor: Author, Message: msgConflict, Target: AnnotationTarget(c.key),
		Found: c.text, Detail: c.Warning, Fix: removal(AnnotationTarget(c.key)),
	}
}
