package dialect

import "fmt"

// AffinityMode is how a controller keeps a client on one pod. Two modes on one
// object contradict each other.
type AffinityMode string

// The modes that controllers have.
const (
	NoAffinity      AffinityMode = ""
	ByCookie        AffinityMode = "cookie"
	ByClientAddress AffinityMode = "client-address"
)

// UnmarshalText takes one of the modes that controllers have.
func (m *AffinityMode) UnmarshalText(text []byte) error {
	switch mode := AffinityMode(text); mode {
	case ByCookie, ByClientAddress:
		*m = mode
		return nil
	default:
		return fmt.Errorf("must be %q or %q", ByCookie, ByClientAddress)
	}
}
