package dialect

// avi is VMware's Avi Load Balancer
// (vmware/load-balancer-and-ingress-services-for-kubernetes). No annotation sets a
// timer or stickiness: both are profiles in the Avi Controller, which other objects
// name by host and path.
var avi = Dialect{
	Name:  "avi",
	Title: "Avi Kubernetes Operator (vmware/load-balancer-and-ingress-services-for-kubernetes)",
	Class: Class{
		Controllers: []string{"ako.vmware.com/avi-lb"},
		Order:       FieldOnly,
	},
	Unsupported: []Limitation{
		{Setting: Upgrade, Remedy: "the application profile that a HostRule names must allow WebSockets"},
		{Setting: IdleTimeout, Remedy: "name an application profile in a HostRule (applicationProfile); its timers are set in the Avi Controller"},
		{Setting: ConnectTimeout, Remedy: "it is set in the Avi Controller"},
		{Setting: ResponseBuffering, Remedy: "it is set in the Avi Controller"},
		{Setting: RequestBuffering, Remedy: "it is set in the Avi Controller"},
		{Setting: CookieAffinity, Remedy: "name a persistence profile in an HTTPRule for the host (spec.paths[].applicationPersistence)"},
		{Setting: AddressAffinity, Remedy: "name a persistence profile in an HTTPRule for the host (spec.paths[].applicationPersistence)"},
	},
	Idle:    Idle{Unknown: true, By: "the application profile in the Avi Controller"},
	Upgrade: "as the application profile says",
}
