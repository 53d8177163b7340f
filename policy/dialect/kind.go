package dialect

// Kind is the kind of a Kubernetes object.
type Kind string

// The kinds that Holdfast reads.
const (
	Ingress Kind = "Ingress"
	Service Kind = "Service"
)

// KindInfo describes a kind of object.
type KindInfo struct {
	Kind Kind
	// Routes says that an object of the kind names its controller and sends to
	// Services. An object of another kind may be served by any controller of the
	// cluster.
	Routes bool
	// Fields are the settings that fields of the spec hold.
	Fields []Setting
}

// kinds describes each kind.
var kinds = [...]KindInfo{
	{Kind: Ingress, Routes: true},
	{Kind: Service, Fields: []Setting{SessionAffinity}},
}

// Kinds returns all kinds that Holdfast reads.
func Kinds() []KindInfo { return kinds[:] }

// Info returns the description of a kind; an empty one if Holdfast doesn't read it.
func (k Kind) Info() KindInfo {
	for _, info := range kinds {
		if info.Kind == k {
			return info
		}
	}
	return KindInfo{}
}

// Routes reports whether objects of the kind name their controller and send to
// Services.
func (k Kind) Routes() bool { return k.Info().Routes }
