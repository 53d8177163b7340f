package policy_test

import "github.com/holdfast-dev/holdfast/policy/dialect"

// itemsOf returns what an annotation has elements for; empty for a fixed one.
func itemsOf(a *dialect.Annotation) dialect.Items {
	switch l := a.Layout.(type) {
	case dialect.ElementPerItem:
		return l.Items
	case dialect.NameList:
		return l.Items
	default:
		return ""
	}
}

// optionOf returns the option that holds an annotation's value; empty for none.
func optionOf(a *dialect.Annotation) string {
	from, _ := a.ValueFrom.(dialect.FromOption)
	return from.Option
}
