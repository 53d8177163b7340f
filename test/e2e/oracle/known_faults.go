package oracle

// KnownFault is a fault that is being mended. A failure that it explains is counted
// and doesn't fail the test.
type KnownFault struct {
	Name string
	// Explains reports whether a failure is this fault's.
	Explains func(*Failure) bool
	// Reproduction fails for as long as the fault is there.
	Reproduction func(Table) Scenario
}

// KnownFaults are all that is known and not mended. An entry goes when its fault
// does; the test says when.
var KnownFaults []KnownFault
