package webhook

import "github.com/holdfast-dev/holdfast/policy"

// serviceSpec reads the spec of a Service.
func (d *decoder) serviceSpec(o *reviewed) error {
	o.Type, o.Headless, o.LoadBalancerClass = "", false, ""
	var affinity policy.Affinity
	hasAffinity, hasConfig := false, false
	err := d.object(func(name []byte) error {
		switch string(name) {
		case "type":
			return d.string(&o.Type)
		case "clusterIP":
			return d.clusterIP(o)
		case "loadBalancerClass":
			return d.string(&o.LoadBalancerClass)
		case "sessionAffinity":
			hasAffinity = d.next() != 'n'
			return d.affinity(&affinity)
		case "sessionAffinityConfig":
			hasConfig = d.next() != 'n'
			return d.affinityConfig(&affinity)
		}
		return d.skip()
	})
	o.recordPresence(policy.SessionAffinity, hasAffinity)
	o.recordPresence(policy.SessionAffinityConfig, hasConfig)
	o.Fields = []policy.Field{policy.SessionAffinityField(affinity)}
	return err
}

// clusterIP sets whether a Service is headless.
func (d *decoder) clusterIP(o *reviewed) error {
	var address []byte
	err := d.bytes(&address)
	o.Headless = string(address) == "None"
	return err
}

// affinity reads None as unset, since None is the API server's default.
func (d *decoder) affinity(out *policy.Affinity) error {
	err := d.string(&out.Type)
	if out.Type == policy.AffinityNone {
		out.Type = ""
	}
	return err
}

// affinityConfig reads the timeout of ClientIP.
func (d *decoder) affinityConfig(out *policy.Affinity) error {
	out.Seconds = 0
	return d.object(func(name []byte) error {
		if string(name) != "clientIP" {
			return d.skip()
		}
		out.Seconds = 0
		return d.object(func(name []byte) error {
			if string(name) != "timeoutSeconds" {
				return d.skip()
			}
			return d.integer(&out.Seconds)
		})
	})
}
