package audit

import "slices"

// matches reports whether a selector selects what has these labels. An empty one selects
// all.
func (s Selector) matches(labels map[string]string) bool {
	return selects(s.MatchLabels, labels) && !slices.ContainsFunc(s.Expressions, func(r Requirement) bool { return !r.holds(labels) })
}

// holds reports whether labels meet a requirement. One with an operator that doesn't exist
// is met by none.
func (r Requirement) holds(labels map[string]string) bool {
	value, there := labels[r.Key]
	switch r.Operator {
	case "In":
		return there && slices.Contains(r.Values, value)
	case "NotIn":
		return !there || !slices.Contains(r.Values, value)
	case "Exists":
		return there
	case "DoesNotExist":
		return !there
	}
	return false
}
