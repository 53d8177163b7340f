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

func isNameList(a *dialect.Annotation) bool {
	_, is := a.Layout.(dialect.NameList)
	return is
}

func isMergeOnly(a *dialect.Annotation) bool {
	l, _ := a.Layout.(dialect.OneElement)
	return l.MergeOnly
}

// optionOf returns the option that holds an annotation's value; empty for none.
func optionOf(a *dialect.Annotation) string {
	from, _ := a.Source.(dialect.FromOption)
	return from.Option
}

// cookieOf returns how an annotation's value is made of a cookie's attributes.
func cookieOf(a *dialect.Annotation) dialect.FromCookie {
	from, _ := a.Source.(dialect.FromCookie)
	return from
}
