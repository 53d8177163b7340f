package dialect

// ServiceTimeouts is the name of the option that has Holdfast write timeouts on
// Services. The chart reads it too.
const ServiceTimeouts = "serviceTimeouts"

// serviceTimeouts is the option of dialects that read timeouts from Services.
var serviceTimeouts = Option{
	Name:    ServiceTimeouts,
	Meaning: "timeouts are set on every Service of the labelled namespaces, so the webhook is called for all of them",
	Default: "false",
	Values:  OnOff,
}

// withServiceTimeouts is the availability of a timeout on a Service.
var withServiceTimeouts = &Availability{
	When: hasServiceTimeouts,
	Hint: "is read from the Service; set serviceTimeouts: true under the class's options in the policy's ingressClasses, or set it on the Service",
}

func hasServiceTimeouts(o Options) bool { return o.On(ServiceTimeouts) }
