package dialect

import (
	"slices"
	"strings"

	"github.com/holdfast-dev/holdfast/policy/duration"
)

// Process is how a controller runs in a cluster, and what in its own configuration ends
// open WebSockets.
type Process struct {
	// Images are the names of its images without registry and tag: "traefik". Those of
	// the proxy that it configures are among them.
	Images []string
	// ConfigMapFlag is the flag that names its ConfigMap, as NAMESPACE/NAME, without the
	// dashes; empty for none.
	ConfigMapFlag string
	// ConfigMap is the ConfigMap's name if no argument names it; empty for none.
	ConfigMap string
	// File is the key of the ConfigMap that holds the configuration as YAML; empty if each
	// timer is a key of its own.
	File string
	// Timers are the timers that its ConfigMap sets.
	Timers []ProcessTimer
}

// ProcessTimer is a timer of a controller's ConfigMap that closes open WebSockets.
type ProcessTimer struct {
	// Key is the ConfigMap's key, or the path in its File, with dots.
	Key string
	// Default is what counts without the key; Never if nothing then closes a WebSocket.
	Default duration.Duration
	Format  Timer
	// OnReload says that it begins with a change of the configuration, and not when
	// a WebSocket becomes idle.
	OnReload bool
}

// After returns how long a WebSocket stays open with a text of the key. Of a text that
// the controller can't read the default is kept.
func (t ProcessTimer) After(text string) duration.Duration {
	if d := t.Format.Parse(text).Value.Duration(); d > 0 {
		return d
	}
	return t.Default
}

// Runs reports whether an image is one of the controller's.
func (p *Process) Runs(image string) bool {
	if p == nil {
		return false
	}
	image, _, _ = strings.Cut(image, "@")
	if tag := strings.LastIndexByte(image, ':'); tag > strings.LastIndexByte(image, '/') {
		image = image[:tag]
	}
	return slices.ContainsFunc(p.Images, func(name string) bool { return image == name || strings.HasSuffix(image, "/"+name) })
}
