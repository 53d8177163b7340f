package policy

import "github.com/holdfast-dev/holdfast/policy/dialect"

// owner is dialect.Owner for a key of a record.
func owner(key string, on Kind) (*dialect.Annotation, bool) {
	annotation, element, composite := dialect.SplitKey(key)
	if composite && element == "" {
		return new(dialect.Annotation), false
	}
	if a, owned := dialect.Owner(annotation, element, on); owned {
		return a, true
	}
	return new(dialect.Annotation), false
}

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

// cookieOf returns how an annotation's value is made of a cookie's attributes;
// its Write is nil for any other annotation.
func cookieOf(a *dialect.Annotation) dialect.FromCookie {
	from, _ := a.Source.(dialect.FromCookie)
	return from
}

// availabilityHint returns what makes an annotation available; empty for nothing.
func availabilityHint(a *dialect.Annotation) string {
	if a.Available == nil {
		return ""
	}
	return a.Available.Hint
}

// put returns a text with an element.
func put(c dialect.Codec, text, name, value string) string {
	return dialect.Rewrite(c, text, nil, []dialect.Element{{Name: name, Value: value}})
}

// remove returns a text without an element.
func remove(c dialect.Codec, text, name string) string {
	return dialect.Rewrite(c, text, []string{name}, nil)
}
