package webhook

import "github.com/holdfast-dev/holdfast/policy"

// serviceSpec reads the spec of a Service.
func (d *decoder) serviceSpec(o *reviewed) error {
	o.Type, o.Headless, o.LoadBalancerClass = "", false, ""
	o.affinity, o.affinityConfigured = policy.Affinity{}, false
	return d.object(func(name []byte) error {
		switch string(name) {
		case "type":
			return d.string(&o.Type)
		case "clusterIP":
			return d.clusterIP(o)
		case "loadBalancerClass":
			return d.string(&o.LoadBalancerClass)
		case "sessionAffinity":
			return d.affinity(o)
		case "sessionAffinityConfig":
			return d.affinityConfig(o)
		}
		return d.skip()
	})
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
	err := d.string(&o.affinity.Type)
	if o.affinity.Type == policy.AffinityNone {
		o.affinity.Type = ""
	}
	return err
}

func (d *decoder) affinityConfig(o *reviewed) error {
	o.affinityConfigured, o.affinity.Seconds = d.next() != 'n', 0
	return d.object(func(name []byte) error {
		if string(name) != "clientIP" {
			return d.skip()
		}
		o.affinity.Seconds = 0
		return d.object(func(name []byte) error {
			if string(name) != "timeoutSeconds" {
				return d.skip()
			}
			return d.integer(&o.affinity.Seconds)
		})
	})
}
