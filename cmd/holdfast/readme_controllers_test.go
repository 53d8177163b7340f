package main

import (
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

// controllersMarkdown returns the README's table of controllers: what Holdfast writes
// for each, and what it leaves to an admin.
func controllersMarkdown() string {
	var text strings.Builder
	row(&text, "controller", "an idle WebSocket ends after", "timeouts", "sticky sessions", "left to the admin")
	row(&text, "---", "---", "---", "---", "---")
	for _, d := range dialect.All() {
		row(&text, d.ControllerName()+"<br>`"+d.Name+"`", newDialectEntry(d).IdleWebSocket.after(),
			timeoutsCell(d), stickinessCell(d), strings.Join(leftToAdmin(d), "<br>"))
	}
	return text.String()
}

// timeoutsCell returns what Holdfast does about idle WebSockets.
func timeoutsCell(d *dialect.Dialect) string {
	cell := "no"
	switch enough := limitationOf(d, dialect.IdleTimeout).EnoughUpTo; {
	case firstInjected(d, dialect.Ingress, closesIdle) != nil:
		cell = "yes"
	case firstInjected(d, dialect.Service, closesIdle) != nil:
		cell = "on the Service" + ifOptional(d, firstInjected(d, dialect.Service, closesIdle))
	case d.Idle.Ends == 0 && !d.Idle.Unknown:
		cell = "not needed"
	case enough.Duration() >= duration.Hour:
		cell = "not needed up to " + enough.String()
	}
	if firstInjected(d, dialect.Ingress, isSetting(dialect.Upgrade)) != nil {
		cell += "; lets WebSockets through"
	}
	return cell
}

// stickinessCell returns the ways in which Holdfast keeps clients on one pod.
func stickinessCell(d *dialect.Dialect) string {
	var ways []string
	for _, mode := range []struct {
		name    string
		setting dialect.Setting
	}{
		{"cookie", dialect.CookieAffinity},
		{"client address", dialect.AddressAffinity},
	} {
		onIngress := firstInjected(d, dialect.Ingress, isSetting(mode.setting))
		onService := firstInjected(d, dialect.Service, isSetting(mode.setting))
		switch {
		case onIngress != nil:
			ways = append(ways, mode.name+ifOptional(d, onIngress))
		case onService != nil:
			ways = append(ways, mode.name+", on the Service"+ifOptional(d, onService))
		case limitationOf(d, mode.setting).NotNeeded:
			ways = append(ways, mode.name+", by default")
		}
	}
	if len(ways) == 0 {
		return "no"
	}
	return strings.Join(ways, "; ")
}

// leftToAdmin returns sentences about what no annotation sets, or only once the policy
// declares an option.
func leftToAdmin(d *dialect.Dialect) []string {
	var left []string
	for _, topic := range []struct {
		name     string
		settings []dialect.Setting
	}{
		{"WebSockets", []dialect.Setting{dialect.Upgrade}},
		{"timeouts", []dialect.Setting{dialect.IdleTimeout, dialect.ReadTimeout, dialect.FrontendTimeout}},
		{"sticky sessions", []dialect.Setting{dialect.CookieAffinity}},
	} {
		for _, s := range topic.settings {
			if l := limitationOf(d, s); l.Remedy != "" && !l.NotNeeded {
				left = append(left, topic.name+": "+l.RemedyFor(dialect.Value{}))
			}
			for _, on := range []dialect.Kind{dialect.Ingress, dialect.Service} {
				if a := firstInjected(d, on, isSetting(s)); a != nil && ifOptional(d, a) != "" {
					left = append(left, topic.name+": "+optionFor(d, a))
				}
			}
		}
	}
	if d.Reload.Ends != 0 && !d.Supports(dialect.Draining, dialect.Ingress) {
		set := dialect.FillIn(d.Reload.Set, d.Reload.Value(duration.Hour))
		left = append(left, "reloads: each closes open WebSockets after "+d.Reload.Ends.String()+"; to change that set "+set)
	}
	return left
}

// firstInjected returns the first annotation that Holdfast writes on a kind for a setting.
func firstInjected(d *dialect.Dialect, on dialect.Kind, is func(dialect.Setting) bool) *dialect.Annotation {
	i := slices.IndexFunc(d.Annotations, func(a *dialect.Annotation) bool { return a.On == on && !a.ReadOnly && is(a.Setting) })
	if i < 0 {
		return nil
	}
	return d.Annotations[i]
}

func isSetting(s dialect.Setting) func(dialect.Setting) bool {
	return func(other dialect.Setting) bool { return other == s }
}

// closesIdle reports whether a timer of the setting covers what the pod sends.
func closesIdle(s dialect.Setting) bool {
	return slices.Contains(s.Directions(), dialect.ReadTimeout)
}

// ifOptional returns a remark if an annotation is written only once the policy declares
// an option.
func ifOptional(d *dialect.Dialect, a *dialect.Annotation) string {
	if (dialect.Installation{Dialect: d}).Reads(a) {
		return ""
	}
	return ", with an option"
}

// optionFor returns what to declare in the policy, so that an annotation is written.
func optionFor(d *dialect.Dialect, a *dialect.Annotation) string {
	if option, found := (dialect.Installation{Dialect: d}).MissingSwitch(a); found {
		return "set the option " + option + ": true in the policy"
	}
	return a.Hint()
}

// limitationOf returns what no annotation does about a setting; the zero value if one
// does.
func limitationOf(d *dialect.Dialect, s dialect.Setting) dialect.Limitation {
	i := slices.IndexFunc(d.Unsupported, func(l dialect.Limitation) bool { return l.Setting == s })
	if i < 0 {
		return dialect.Limitation{}
	}
	return d.Unsupported[i]
}
