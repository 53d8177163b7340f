package dialect

// ServiceTimeouts is the name of the option that has Holdfast write timeouts on
// Services. The chart reads it too.
const ServiceTimeouts = "serviceTimeouts"

// serviceTimeouts is the option of dialects that read timeouts from Services.
var serviceTimeouts = Option{
	Name:    ServiceTimeouts,
	Meaning: "timeouts are written on every Service of the labelled namespaces, for which the registration is widened to all of them",
	Default: "false",
	Values:  OnOff,
}

// withServiceTimeouts is the availability of a timeout on a Service.
var withServiceTimeouts = &Availability{
	When: hasServiceTimeouts,
	Hint: "is read from the Service; write it there, or set the option serviceTimeouts: true in the policy's ingressClasses",
}

func hasServiceTimeouts(o Options) bool { return o.On(ServiceTimeouts) }
