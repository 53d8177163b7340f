package main

// contestant is a way to do the job, in force in the Namespace of its name.
type contestant struct {
	Name string
	// Served says that the program serve has it.
	Served bool
	// Injects says that an object comes out changed that isn't as it wants it.
	Injects bool
	// Counted is how the API server counts its calls.
	Counted histogram
}

var contestants = []contestant{
	{Name: "none"},
	{Name: "empty", Served: true, Counted: webhook("ingress.empty.test")},
	{Name: "constant", Served: true, Injects: true, Counted: webhook("ingress.constant.test")},
	{Name: "textbook", Served: true, Injects: true, Counted: webhook("ingress.textbook.test")},
	{Name: holdfast, Injects: true, Counted: webhook("ingress.holdfast.dev")},
	{Name: "mutatingadmissionpolicy", Injects: true, Counted: histogram{
		metric: "apiserver_mutating_admission_policy_check_duration_seconds", label: "policy", Name: "timeouts",
	}},
}

const holdfast = "holdfast"

func webhook(name string) histogram {
	return histogram{metric: "apiserver_admission_webhook_admission_duration_seconds", label: "name", Name: name}
}
