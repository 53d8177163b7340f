package policy

import "github.com/holdfast-dev/holdfast/policy/dialect"

// situation is what the user's annotations mean for one controller of the object.
// Nothing changes it once assess has made it.
type situation struct {
	dialect.Installation
	conflicts []conflict
	// suppressed are the settings that aren't injected beside the conflicts, unread
	// those whose annotations the controller ignores beside them.
	suppressed, unread dialect.SettingSet
	// userModes are how the user has the controller keep clients on one pod, mode is how
	// it is to.
	userModes userModes
	mode      dialect.AffinityMode
}

// assess returns the situation of one controller.
func assess(c dialect.Installation, base *baseline, want *desiredValues) situation {
	s := situation{Installation: c, conflicts: findConflicts(c, base.Object), userModes: readUserModes(c, base.Object)}
	for _, found := range s.conflicts {
		s.suppressed, s.unread = s.suppressed.Union(found.Suppresses), s.unread.Union(found.Unread)
	}
	if want.Sticky.Wanted {
		s.mode = s.userModes.modeBeside(policyMode(c, base.Object.Kind, want.policy))
	}
	return s
}

// isOpen reports whether a setting is Holdfast's to set: it is neither suppressed nor
// one of another affinity mode, nor part of stickiness that the user set up. To that a
// setting is added only if the object's own Holdfast annotation asks for it.
func (s *situation) isOpen(setting dialect.Setting, want *desiredValues) bool {
	switch {
	case !applies(setting, s.mode) || s.suppressed.Contains(setting):
		return false
	case s.userModes.whole && setting.AffinityMode() != dialect.NoAffinity:
		return want.Value(setting).Origin.Source == FromObject
	default:
		return true
	}
}
