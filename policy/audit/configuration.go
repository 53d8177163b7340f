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
// notes about them, which assume defaults. The notes stay if an installation has no
// ConfigMap that is known.
func (v *view) configured(all []Finding) []Finding {
	if v.lacks(workloadResources) || v.lacks([]string{configMaps}) {
		return all
	}
	for _, d := range v.inUse() {
		installations, complete := v.configMapsOf(d)
		if len(installations) == 0 {
			continue
		}
		for _, timer := range d.Process.Timers {
			wanted := v.longestWanted(all, d, timer)
			if complete {
				all = slices.DeleteFunc(all, func(f Finding) bool { return isNoteAbout(f, d, timer) || isMet(f, d, timer, installations) })
			}
			for _, m := range installations {
				if f, short := shortTimer(d, m, timer, wanted); short {
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
			used[v.controllerOf(ingress.Object).Dialect] = true
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

// askedFor returns for how long the author of an Ingress asks a controller to keep idle
// WebSockets open, if a finding says that only the controller's configuration can do that;
// zero for any other finding.
func askedFor(f Finding, d *dialect.Dialect, t dialect.ProcessTimer) duration.Duration {
	if t.OnReload || f.Controller != d.Name || f.Rule != policy.RuleNoEffect || f.Setting != dialect.IdleTimeout {
		return 0
	}
	return f.Timeout
}

// isMet reports whether a finding is about a timeout that the author of an Ingress asks for
// and that all installations of the controller have. Which of them serves the Ingress isn't
// known.
func isMet(f Finding, d *dialect.Dialect, t dialect.ProcessTimer, installations []*ConfigMap) bool {
	asked := askedFor(f, d, t)
	return asked > 0 && !slices.ContainsFunc(installations, func(m *ConfigMap) bool {
		_, now := timerIn(d, m, t)
		return now < asked
	})
}

// longestWanted returns how long WebSockets are to stay open: as the policy says, or
// longer if an Ingress asks for that.
func (v *view) longestWanted(all []Finding, d *dialect.Dialect, t dialect.ProcessTimer) duration.Duration {
	longest := v.maxTimeout()
	for _, f := range all {
		longest = max(longest, askedFor(f, d, t))
		if !isNoteAbout(f, d, t) {
			continue
		}
		wanted, _ := f.WantedTime()
		longest = max(longest, wanted)
	}
	return longest
}

// maxTimeout returns the longer of the policy's timeouts.
func (v *view) maxTimeout() duration.Duration {
	return max(v.Policy.Timeouts.Read.Default, v.Policy.Timeouts.Send.Default)
}

// shortTimer finds a timer of a ConfigMap that ends before WebSockets are to.
func shortTimer(d *dialect.Dialect, m *ConfigMap, t dialect.ProcessTimer, wanted duration.Duration) (Finding, bool) {
	found, now := timerIn(d, m, t)
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
	file := d.Process.File
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

// timerIn returns what the ConfigMap of a controller says of a timer, as sentences show it,
// and how long that keeps a WebSocket open.
func timerIn(d *dialect.Dialect, m *ConfigMap, t dialect.ProcessTimer) (found string, after duration.Duration) {
	if text, written := configValue(m, d.Process.File, t.Key); written {
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
