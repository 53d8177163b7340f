package audit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/dialect"
	"github.com/holdfast-dev/holdfast/policy/duration"
)

const (
	msgShortIdle   policy.Message = `{origin-key} is {found-text}, so {controller} closes an idle WebSocket after {detail} s; set it to {wanted-text}`
	msgShortReload policy.Message = `{origin-key} is {found-text}, so each reload of {controller} closes all open WebSockets after {detail} s; set it to {wanted-text}`
)

// notSet is what sentences say of a key that a ConfigMap lacks.
const notSet = "not set"

// configured puts what the ConfigMaps of the controllers say in the place of the engine's
// notes about them, which assume defaults.
func (v *view) configured(all []Finding) []Finding {
	if v.lacks(workloadResources) || v.lacks([]string{configMaps}) {
		return all
	}
	for _, d := range v.inUse() {
		for _, i := range v.controllers[d] {
			m := v.configMap(i)
			if m == nil {
				continue
			}
			for _, timer := range i.Timers {
				wanted := v.longestWanted(all, d, timer)
				all = slices.DeleteFunc(all, func(f Finding) bool { return isNoteAbout(f, d, timer) || isMet(f, d, m, i.File, timer) })
				if f, short := shortTimer(d, m, i.File, timer, wanted); short {
					all = append(all, f)
				}
			}
		}
	}
	return all
}

// inUse returns the controllers that serve Ingresses that the policy covers, in the order
// of their table.
func (v *view) inUse() []*dialect.Dialect {
	used := make(map[*dialect.Dialect]bool)
	for i := range v.Ingresses {
		ingress := &v.Ingresses[i]
		if v.covers(ingress.Namespace) && !v.Policy.IsOptedOut(ingress.Object) {
			used[v.controllerOf(ingress).Dialect] = true
		}
	}
	var all []*dialect.Dialect
	for _, d := range dialect.All() {
		if used[d] {
			all = append(all, d)
		}
	}
	return all
}

// isNoteAbout reports whether a finding is the engine's note about a controller's timer.
func isNoteAbout(f Finding, d *dialect.Dialect, t dialect.ProcessTimer) bool {
	if f.Controller != d.Name || f.Object.Kind != "IngressClass" {
		return false
	}
	if t.OnReload {
		return f.Rule == policy.RuleReloadClosesSockets
	}
	return f.Rule == policy.RuleNoAnnotation && f.Setting == dialect.IdleTimeout
}

// asksFor returns for how long the author of an Ingress asks a controller to keep idle
// WebSockets open, if a finding says that only the controller's configuration can do that.
func asksFor(f Finding, d *dialect.Dialect, t dialect.ProcessTimer) (asked duration.Duration, ok bool) {
	if t.OnReload || f.Controller != d.Name || f.Rule != policy.RuleNoEffect || f.Setting != dialect.IdleTimeout {
		return 0, false
	}
	asked, err := duration.Parse(f.Found)
	return asked, err == nil
}

// isMet reports whether a ConfigMap gives the author of an Ingress the timeout that a
// finding is about.
func isMet(f Finding, d *dialect.Dialect, m *ConfigMap, file string, t dialect.ProcessTimer) bool {
	asked, ok := asksFor(f, d, t)
	_, now := timerIn(m, file, t)
	return ok && now >= asked
}

// longestWanted returns how long WebSockets are to stay open: as the policy says, or
// longer if an Ingress asks for that.
func (v *view) longestWanted(all []Finding, d *dialect.Dialect, t dialect.ProcessTimer) duration.Duration {
	longest := v.maxTimeout()
	for _, f := range all {
		if asked, ok := asksFor(f, d, t); ok {
			longest = max(longest, asked)
		}
		if !isNoteAbout(f, d, t) {
			continue
		}
		if wanted, err := duration.Parse(f.Wanted); err == nil {
			longest = max(longest, wanted)
		}
	}
	return longest
}

// maxTimeout returns the longer of the policy's timeouts.
func (v *view) maxTimeout() duration.Duration {
	return max(v.Policy.Timeouts.Read.Default, v.Policy.Timeouts.Send.Default)
}

// shortTimer finds a timer of a ConfigMap that ends before WebSockets are to.
func shortTimer(d *dialect.Dialect, m *ConfigMap, file string, t dialect.ProcessTimer, wanted duration.Duration) (Finding, bool) {
	found, now := timerIn(m, file, t)
	right, ok := t.Format.Write(dialect.DurationOf(wanted))
	if !ok || now >= wanted {
		return Finding{}, false
	}
	f := policy.Finding{
		Rule: policy.RuleControllerTimeout, Actor: policy.Admin, Message: msgShortIdle, Controller: d.Name,
		Target: policy.Target{Parent: "/data", Name: t.Key}, Origin: policy.Origin{Key: t.Key},
		Found: found, Wanted: strconv.Quote(right), Detail: strconv.FormatInt(now.Seconds(), 10),
	}
	if t.OnReload {
		f.Message = msgShortReload
	}
	if file != "" {
		f.Target.Name, f.Wanted = file, right
	}
	short := withLifetime(m.about(f), t, now, wanted)
	short.ServedBy = d.Name
	if file == "" {
		short.Command = patch(m.Object, fmt.Sprintf(`{"data":{%q:%q}}`, t.Key, right))
	}
	return short, true
}

// timerIn returns what a ConfigMap says of a timer, as sentences show it, and how long that
// keeps a WebSocket open.
func timerIn(m *ConfigMap, file string, t dialect.ProcessTimer) (found string, after duration.Duration) {
	if text, written := configValue(m, file, t.Key); written {
		return strconv.Quote(text), t.After(text)
	}
	return notSet, t.Default
}

// withLifetime adds how long idle WebSockets live. A reload isn't about idle ones.
func withLifetime(f Finding, t dialect.ProcessTimer, now, wanted duration.Duration) Finding {
	if !t.OnReload {
		f.Lifetime = Lifetime{Now: now, Wanted: wanted}
	}
	return f
}

// configValue returns what a ConfigMap has for a key, or for a path in one of its files.
// A file that isn't YAML has nothing.
func configValue(m *ConfigMap, file, key string) (text string, written bool) {
	if file == "" {
		text, written = m.Data[key]
		return text, written
	}
	var root any
	if yaml.Unmarshal([]byte(m.Data[file]), &root) != nil {
		return "", false
	}
	for _, name := range strings.Split(key, ".") {
		object, is := root.(map[string]any)
		if !is {
			return "", false
		}
		root = object[name]
	}
	if root == nil {
		return "", false
	}
	return fmt.Sprint(root), true
}
