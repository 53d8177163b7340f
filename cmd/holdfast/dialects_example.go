package main

import (
	"github.com/holdfast-dev/holdfast/policy/dialect"
)

// exampleCookie has the example of each attribute.
var exampleCookie = dialect.Cookie{
	Service:  exampleItem(dialect.Backends),
	Name:     dialect.CookieName.Info().Example.Text,
	MaxAge:   dialect.CookieMaxAge.Info().Example.Duration(),
	Path:     dialect.CookiePath.Info().Example.Text,
	SameSite: dialect.CookieSameSite.Info().Example.Text,
	Secure:   dialect.CookieSecure.Info().Example.IsOn(),
	HTTPOnly: dialect.CookieHTTPOnly.Info().Example.IsOn(),
}

// exampleItem returns the name of one of the items that an annotation has
// elements for.
func exampleItem(items dialect.Items) string {
	if items == dialect.Paths {
		return "/chat"
	}
	return "web"
}

// example returns the annotation's text if it holds nothing else.
func example(a *dialect.Annotation) string {
	switch l := a.Layout.(type) {
	case dialect.NameList:
		name := exampleItem(l.Items)
		return l.List.Join(name, name)
	case dialect.OneElement:
		return l.Codec.Join(l.Name, exampleValue(a))
	case dialect.ElementPerItem:
		return l.Codec.Join(exampleItem(l.Items), exampleValue(a))
	default:
		return exampleValue(a)
	}
}

// exampleValue returns what the controller reads for the setting's example.
func exampleValue(a *dialect.Annotation) (text string) {
	switch from := a.ValueFrom.(type) {
	case dialect.FromOption:
		text, _ = a.Format.Write(dialect.TextOf("holdfast"))
	case dialect.FromCookie:
		text, _ = from.Write(exampleCookie)
	default:
		text, _ = a.Format.Write(a.Limits.Clamp(a.Setting.Info().Example))
	}
	return text
}
