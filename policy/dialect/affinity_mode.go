package dialect

// AffinityMode is how a controller keeps a client on one pod. Two modes on one
// object contradict each other.
type AffinityMode string

// The modes that controllers have.
const (
	NoAffinity      AffinityMode = ""
	ByCookie        AffinityMode = "cookie"
	ByClientAddress AffinityMode = "client-address"
)
