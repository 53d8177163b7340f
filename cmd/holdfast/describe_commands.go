package main

import (
	"github.com/holdfast-dev/holdfast/policy"
	"github.com/holdfast-dev/holdfast/policy/audit"
)

// command returns a command of kubectl about the object.
func (d *describer) command(verb, argument string) string {
	return d.commandFor(string(d.object.Kind), d.object.Name, verb, argument)
}

func (d *describer) commandFor(kind, name, verb, argument string) string {
	return audit.Kubectl(audit.Object{Kind: kind, Namespace: d.object.Namespace, Name: name}, verb, argument)
}

// commands returns how to override what Holdfast does with the object, and how to opt out.
func (d *describer) commands(made description) []describedCommand {
	var all []describedCommand
	add := func(to, command string) { all = append(all, describedCommand{to, command}) }
	if made.Decision.OptedOut {
		add("let Holdfast change it again", d.command("label", policy.PolicyLabel+"-"))
		return all
	}
	if d.namespace != nil && !d.namespace.Excluded && d.mode != policy.Enforce {
		add("let Holdfast change the objects of this Namespace", "kubectl label --overwrite namespace "+audit.ShellWord(d.namespace.Name)+" "+policy.PolicyLabel+"="+string(policy.Enforce))
	}
	timeouts, stickiness := d.overridable()
	for _, on := range timeouts {
		add("set another idle timeout", d.commandFor(on.Kind, on.Name, "annotate"+audit.Overwrite, policy.IdleTimeoutAnnotation+"=2h"))
	}
	for _, on := range stickiness {
		to, value := "keep each client on one pod", "true"
		if made.Stickiness.Wanted {
			to, value = "not keep clients on one pod", "false"
		}
		add(to, d.commandFor(on.Kind, on.Name, "label"+audit.Overwrite, policy.StickyLabel+"="+value))
	}
	if d.in.Policy.HonorsIgnore() && (len(d.trace.Controllers) > 0 || !d.object.Kind.Routes()) {
		add("have Holdfast leave it alone, and remove what it added", d.command("label"+audit.Overwrite, policy.PolicyLabel+"="+policy.Ignore))
	}
	return all
}

// overridable returns the objects on which Holdfast's annotation for timeouts has an
// effect, and those on which its label for stickiness has: the object, or the Services that
// its controller reads them from.
func (d *describer) overridable() (timeouts, stickiness []audit.Object) {
	own := []audit.Object{{Kind: string(d.object.Kind), Name: d.object.Name}}
	if !d.object.Kind.Routes() {
		stickiness = own
	}
	var services []audit.Object
	for _, name := range d.object.Backends {
		services = append(services, audit.Object{Kind: string(policy.Service), Name: name})
	}
	for _, c := range d.trace.Controllers {
		switch {
		case c.ReadsTimeouts:
			timeouts = own
		case policy.ReadsTimeouts(c.Installation, policy.Service):
			timeouts = services
		}
		switch {
		case c.ReadsStickiness:
			stickiness = own
		case c.SupportsAffinity(policy.Service):
			stickiness = services
		}
	}
	return timeouts, stickiness
}
