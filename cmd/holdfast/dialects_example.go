package main

import (
	"cmp"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// examples are the values by which words are shown: an hour, or what Holdfast
// sets a switch to.
var examples = map[dialect.Setting]dialect.Value{
	dialect.Upgrade:           {Word: dialect.Enabled},
	dialect.IdleTimeout:       {Duration: duration.Hour},
	dialect.ReadTimeout:       {Duration: duration.Hour},
	dialect.SendTimeout:       {Duration: duration.Hour},
	dialect.ConnectTimeout:    {Duration: duration.Hour},
	dialect.FrontendTimeout:   {Duration: duration.Hour},
	dialect.Draining:          {Word: dialect.Enabled},
	dialect.DrainTimeout:      {Duration: duration.Hour},
	dialect.ResponseBuffering: {Word: dialect.Disabled},
	dialect.RequestBuffering:  {Word: dialect.Disabled},
	dialect.CookieAffinity:    {Word: dialect.Enabled},
	dialect.CookiePerService:  {Word: dialect.Enabled},
	dialect.CookieMode:        {Word: dialect.Persistent},
	dialect.CookieMaxAge:      {Duration: duration.Hour},
	dialect.CookieName:        {Word: exampleCookie.Name},
	dialect.CookiePath:        {Word: exampleCookie.Path},
	dialect.CookieSameSite:    {Word: exampleCookie.SameSite},
	dialect.CookieSecure:      {Word: dialect.Enabled},
	dialect.CookieHTTPOnly:    {Word: dialect.Enabled},
	dialect.AddressAffinity:   {Word: dialect.Enabled},
}

var exampleCookie = dialect.Cookie{
	Service: "web", Name: "route", MaxAge: duration.Hour, Path: "/", SameSite: "Lax", Secure: true, HTTPOnly: true,
}

// example is what a word looks like in an annotation that holds nothing else.
func example(sp *dialect.Spelling) string {
	of := exampleCookie.Service
	if sp.Each == dialect.EachPath {
		of = "/chat"
	}
	switch {
	case sp.IsList():
		return sp.Packing.Join(of, of)
	case sp.Packing != nil:
		return sp.Packing.Join(cmp.Or(sp.Member, of), exampleText(sp))
	default:
		return exampleText(sp)
	}
}

func exampleText(sp *dialect.Spelling) (text string) {
	value := examples[sp.Setting]
	switch {
	case sp.Named != "":
		text, _ = sp.Format.Spell(dialect.Value{Word: "holdfast"})
	case sp.Compose != nil:
		text, _ = sp.Compose(exampleCookie)
	case value.Duration > 0:
		text, _ = sp.Format.Spell(dialect.Value{Duration: sp.Span.Clamp(value.Duration)})
	default:
		text, _ = sp.Format.Spell(value)
	}
	return text
}
