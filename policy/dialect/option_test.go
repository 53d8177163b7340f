package dialect_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-dev/holdfast/policy/dialect"
)

func TestEveryOptionIsComplete(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][A-Za-z]+$`)
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		seen, prefixes := map[string]bool{}, 0
		for _, o := range d.Options {
			assert.Regexp(t, name, o.Name)
			assert.False(t, seen[o.Name], "%s is there twice", o.Name)
			seen[o.Name] = true
			assert.False(t, len(o.Values) > 0 && o.Check != nil, "%s has both values and a check", o.Name)
			assert.NotEmpty(t, rightTexts(d, o), "%s: no text is right", o.Name)
			if o.Default != "" {
				assert.NoError(t, d.CheckOption(o.Name, o.Default), o.Name)
			}
			assert.Equal(t, o.Default, dialect.Options{}.Value(o))
			assert.Equal(t, "other", dialect.Options{o.Name: "other"}.Value(o))
			if o.Prefix {
				prefixes++
			}
		}
		assert.LessOrEqual(t, prefixes, 1)
	})
}

// An installation that declares an option's default is the one that declares
// nothing.
func TestADefaultChangesNothing(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		declared := dialect.Options{}
		for _, o := range d.Options {
			if o.Default != "" {
				declared[o.Name] = dialect.OptionText(o.Default)
			}
		}
		assert.Equal(t, taken(d, nil), taken(d, declared))
	})
}

func TestEveryOptionMatters(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		for _, o := range d.Options {
			matters := false
			for _, options := range declarations(d) {
				without := maps.Clone(options)
				delete(without, o.Name)
				matters = matters || !slices.Equal(taken(d, options), taken(d, without))
			}
			assert.True(t, matters, "%s changes nothing", o.Name)
		}
	})
}

// taken are the places that an installation writes.
func taken(d *dialect.Dialect, options dialect.Options) (places []string) {
	i := dialect.Installation{Dialect: d, Options: options}
	for _, on := range kinds {
		for a := range i.AnnotationsOn(on) {
			if i.Reads(a) && !a.ReadOnly {
				places = append(places, string(a.On)+" "+a.Setting.String()+" "+place(a))
			}
		}
	}
	return places
}

func TestWrongOptions(t *testing.T) {
	for _, c := range []struct{ dialect, option, text, want string }{
		{"ingress-nginx", "annotationPrefix", "nginx.example.com", ""},
		{"ingress-nginx", "annotationPrefix", "nginx.example.com/", `"nginx.example.com/" must be a DNS name, such as nginx.example.com`},
		{"ingress-nginx", "annotationPrefix", "", `"" must be a DNS name, such as nginx.example.com`},
		{"ingress-nginx", "annotationPrefix", "Nginx.example.com", `"Nginx.example.com" must be a DNS name, such as nginx.example.com`},
		{"ingress-nginx", "riskLevel", "Medium", ""},
		{"ingress-nginx", "riskLevel", "medium", `"medium" must be "Low" or "Medium" or "High" or "Critical"`},
		{"ingress-nginx", "prefix", "a", "is not an option of ingress-nginx; it has annotationPrefix, riskLevel"},
		{"nginx-inc", "edition", "plus", ""},
		{"nginx-inc", "edition", "Plus", `"Plus" must be "oss" or "plus"`},
		{"nginx-inc", "version", "5.4", ""},
		{"nginx-inc", "version", "v5.4.1", ""},
		{"nginx-inc", "version", "latest", `"latest" must be a version such as "5.4"`},
		{"nginx-inc", "version", "5.-4", `"5.-4" must be a version such as "5.4"`},
		{"nginx-inc", "version", "5.", `"5." must be a version such as "5.4"`},
		{"aws-alb", "grouped", "true", ""},
		{"aws-alb", "grouped", "yes", `"yes" must be "true" or "false"`},
		{"kong", "upstreamPolicy", "holdfast-sticky", ""},
		{"kong", "upstreamPolicy", "Holdfast", `"Holdfast" must be an object's name: lower-case letters, digits, "-" and "."`},
		{"kong", "serviceTimeouts", "on", `"on" must be "true" or "false"`},
		{"gke", "backendConfig", "", `"" must be an object's name: lower-case letters, digits, "-" and "."`},
		{"traefik", "edition", "plus", "is not an option of traefik, which has none"},
	} {
		err := dialect.ByName(c.dialect).CheckOption(c.option, c.text)
		if c.want == "" {
			assert.NoError(t, err, "%s: %s: %s", c.dialect, c.option, c.text)
			continue
		}
		assert.EqualError(t, err, c.want, c.dialect)
	}
}

func TestASwitchIsOnIfDeclaredTrue(t *testing.T) {
	assert.True(t, dialect.Options{"grouped": "true"}.On("grouped"))
	assert.False(t, dialect.Options{"grouped": "false"}.On("grouped"))
	assert.False(t, dialect.Options(nil).On("grouped"))
}

func TestAnotherKeyPrefix(t *testing.T) {
	everyDialect(t, func(t *testing.T, d *dialect.Dialect) {
		i := slices.IndexFunc(d.Options, func(o dialect.Option) bool { return o.Prefix })
		if i < 0 {
			return
		}
		usual := d.Options[i].Default
		plain := dialect.Installation{Dialect: d}
		moved := dialect.Installation{Dialect: d, Options: dialect.Options{d.Options[i].Name: "ingress.example.com"}}
		for _, on := range kinds {
			var keys []string
			for a := range plain.AnnotationsOn(on) {
				keys = append(keys, a.Key)
			}
			for a := range moved.AnnotationsOn(on) {
				key, rest := keys[0], keys[1:]
				keys = rest
				require.True(t, strings.HasPrefix(key, usual+"/"), "%s has another prefix", key)
				assert.Equal(t, "ingress.example.com/"+strings.TrimPrefix(key, usual+"/"), a.Key)
				assert.Equal(t, a.Key, moved.Key(key))
				assert.Equal(t, key, plain.Key(key))
				owner, owned := owner(a.Key, on)
				assert.True(t, owned, "what is written with that prefix can be removed")
				assert.Equal(t, a.Setting, owner.Setting)
			}
		}
	})
}

func TestNoControllerHasNoAnnotations(t *testing.T) {
	for range (dialect.Installation{}).AnnotationsOn(dialect.Ingress) {
		t.Error("an annotation of no controller")
	}
}

func TestRiskLevelsOfIngressNginx(t *testing.T) {
	const nginx = "nginx.ingress.kubernetes.io/"
	low := []string{"proxy-read-timeout", "proxy-send-timeout", "proxy-connect-timeout", "proxy-buffering", "proxy-request-buffering", "affinity", "session-cookie-samesite", "session-cookie-secure"}
	medium := append([]string{"affinity-mode", "session-cookie-max-age", "session-cookie-name", "session-cookie-path"}, low...)
	high := append([]string{"upstream-hash-by"}, medium...)
	for level, want := range map[string][]string{"": high, "Critical": high, "High": high, "Medium": medium, "Low": low} {
		i := dialect.Installation{Dialect: dialect.ByName("ingress-nginx")}
		if level != "" {
			i.Options = dialect.Options{"riskLevel": dialect.OptionText(level)}
		}
		var got []string
		for a := range i.AnnotationsOn(dialect.Ingress) {
			if i.Reads(a) {
				got = append(got, strings.TrimPrefix(a.Key, nginx))
			}
		}
		assert.ElementsMatch(t, want, got, "at level %q", level)
	}
}

func TestCookiesOfF5sEditionsAndVersions(t *testing.T) {
	const org, com = "nginx.org/sticky-cookie-services", "nginx.com/sticky-cookie-services"
	for _, c := range []struct {
		options dialect.Options
		want    string
	}{
		{nil, ""},
		{dialect.Options{"edition": "oss"}, ""},
		{dialect.Options{"edition": "oss", "version": "5.3.4"}, ""},
		{dialect.Options{"edition": "oss", "version": "5.4"}, org},
		{dialect.Options{"version": "5.4.0"}, org},
		{dialect.Options{"version": "v5.10"}, org},
		{dialect.Options{"version": "5"}, ""},
		{dialect.Options{"version": "6"}, org},
		{dialect.Options{"version": "4.9"}, ""},
		{dialect.Options{"edition": "plus"}, com},
		{dialect.Options{"edition": "plus", "version": "5.3"}, com},
		{dialect.Options{"edition": "plus", "version": "5.4"}, org},
	} {
		i := dialect.Installation{Dialect: dialect.ByName("nginx-inc"), Options: c.options}
		var got []string
		for a := range i.AnnotationsOn(dialect.Ingress) {
			if a.Setting == dialect.CookieAffinity && i.Reads(a) {
				got = append(got, a.Key)
			}
		}
		assert.Equal(t, c.want, strings.Join(got, " and "), c.options)
	}
}

func TestAnAnnotationThatNamesAnObjectNeedsTheOption(t *testing.T) {
	for _, c := range []struct {
		dialect string
		options dialect.Options
		want    []string
	}{
		{"kong", nil, []string{"Ingress response-buffering konghq.com/response-buffering", "Ingress request-buffering konghq.com/request-buffering"}},
		{"kong", dialect.Options{"upstreamPolicy": "sticky"}, []string{"Service cookie-affinity konghq.com/upstream-policy"}},
		{"kong", dialect.Options{"serviceTimeouts": "true"}, []string{"Service read-timeout konghq.com/read-timeout", "Service send-timeout konghq.com/write-timeout", "Service connect-timeout konghq.com/connect-timeout"}},
		{"gke", nil, nil},
		{"gke", dialect.Options{"serviceTimeouts": "true"}, nil},
		{"gke", dialect.Options{"backendConfig": "ws"}, []string{"Service cookie-affinity cloud.google.com/backend-config"}},
		{"gke", dialect.Options{"backendConfig": "ws", "serviceTimeouts": "true"}, []string{"Service cookie-affinity cloud.google.com/backend-config", "Service idle-timeout cloud.google.com/backend-config"}},
	} {
		assert.Subset(t, taken(dialect.ByName(c.dialect), c.options), c.want, "%s with %v", c.dialect, c.options)
		if c.want == nil {
			assert.Empty(t, taken(dialect.ByName(c.dialect), c.options))
		}
	}
}

func TestNothingIsWrittenIntoAGroupOfIngressesOfAWS(t *testing.T) {
	for _, key := range taken(dialect.ByName("aws-alb"), dialect.Options{"grouped": "true"}) {
		assert.True(t, strings.HasPrefix(key, "Service "), key)
	}
}
