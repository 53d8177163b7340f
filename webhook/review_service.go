package webhook

import "github.com/holdfast-dev/holdfast/policy"

// serviceSpec reads the spec of a Service.
func (d *decoder) serviceSpec(o *reviewed) error {
	o.Type, o.Headless, o.LoadBalancerClass = "", false, ""
	o.Affinity = policy.Affinity{}
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
			return d.affinity(o)
		case "sessionAffinityConfig":
			hasConfig = d.next() != 'n'
			return d.affinityConfig(o)
		}
		return d.skip()
	})
	o.recordPresence(policy.SessionAffinity, hasAffinity)
	o.recordPresence(policy.SessionAffinityConfig, hasConfig)
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
func (d *decoder) affinity(o *reviewed) error {
	err := d.string(&o.Affinity.Type)
	if o.Affinity.Type == policy.AffinityNone {
		o.Affinity.Type = ""
	}
	return err
}

func (d *decoder) affinityConfig(o *reviewed) error {
	o.Affinity.Seconds = 0
	return d.object(func(name []byte) error {
		if string(name) != "clientIP" {
			return d.skip()
		}
		o.Affinity.Seconds = 0
		return d.object(func(name []byte) error {
			if string(name) != "timeoutSeconds" {
				return d.skip()
			}
			return d.integer(&o.Affinity.Seconds)
		})
	})
}
