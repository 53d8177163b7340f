package audit

import (
	"cmp"

	"github.com/holdfast-dev/holdfast/policy"
)

// NoCloudProvider is the CloudProvider of a cluster whose Nodes have no spec.providerID,
// which each cloud's controller writes.
const NoCloudProvider = "none"

// providers are the clouds by the scheme of their Nodes' spec.providerID. Nothing writes
// to it.
var providers = map[string]policy.Cloud{
	"alicloud": policy.CloudAlibaba, "aws": policy.CloudAWS, "azure": policy.CloudAzure, "digitalocean": policy.CloudDigitalOcean,
	"gce": policy.CloudGoogle, "hcloud": policy.CloudHetzner, "openstack": policy.CloudOpenStack, "oci": policy.CloudOracle,
	"scaleway": policy.CloudScaleway,
}

// cloud returns the cloud of the cluster: the policy's, else that of its Nodes, which is
// CloudOther if Holdfast doesn't know it. Without Nodes it is CloudUnknown.
func (v *view) cloud() policy.Cloud {
	if v.Policy.Cloud != policy.CloudUnknown || v.CloudProvider == "" {
		return v.Policy.Cloud
	}
	return cmp.Or(providers[v.CloudProvider], policy.CloudOther)
}
