package dialect

// ngrok is ngrok's operator (ngrok/ngrok-operator); ngrok's cloud does the proxying.
// Its annotations configure neither timers nor stickiness. The older spec.controller
// is read until release 1.0 (internal/store/store.go).
var ngrok = Dialect{
	Name:  "ngrok",
	Title: "ngrok Kubernetes Operator (ngrok/ngrok-operator)",
	Class: Class{
		Controllers: []string{"ngrok.com/ingress-controller", "k8s.ngrok.com/ingress-controller"},
		Names:       []string{"ngrok"},
		Order:       FieldOnly,
	},
	Unsupported: []Limitation{
		{Setting: IdleTimeout, Remedy: "ngrok has no setting for it: have clients send pings"},
		{Setting: ConnectTimeout, Remedy: "ngrok has no setting for it"},
		{Setting: ResponseBuffering, Remedy: "ngrok has no setting for it"},
		{Setting: RequestBuffering, Remedy: "ngrok has no setting for it"},
		{Setting: CookieAffinity, Remedy: "ngrok can't keep a client on one pod"},
		{Setting: AddressAffinity, Remedy: "ngrok can't keep a client on one pod"},
	},
	Idle:    Idle{Unknown: true, By: "ngrok's cloud"},
	Upgrade: "always on",
}
