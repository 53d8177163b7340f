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
			return d.affinityType(&affinity.Type)
		case "sessionAffinityConfig":
			hasConfig = d.next() != 'n'
			return d.affinityTimeout(&affinity.Seconds)
		}
		return d.skip()
	})
	o.Fields = []policy.Field{policy.SessionAffinityField(affinity)}
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

// affinityType reads None as unset, since None is the API server's default.
func (d *decoder) affinityType(out *string) error {
	err := d.string(out)
	if *out == policy.AffinityNone {
		*out = ""
	}
	return err
}

// affinityTimeout reads the seconds in a sessionAffinityConfig.
func (d *decoder) affinityTimeout(seconds *int64) error {
	*seconds = 0
	return d.object(func(name []byte) error {
		if string(name) != "clientIP" {
			return d.skip()
		}
		*seconds = 0
		return d.object(func(name []byte) error {
			if string(name) != "timeoutSeconds" {
				return d.skip()
			}
			return d.integer(seconds)
		})
	})
}
