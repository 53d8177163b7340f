package dialect

// toClusterIP is the warning for an annotation that has the controller send to the
// Service's ClusterIP instead of to its pods.
const toClusterIP = "sends all traffic to the Service's ClusterIP, so the controller can't keep a client on one pod; remove it"

// SendsToClusterIP reports whether the annotation has the controller send to the
// Service's ClusterIP instead of to its pods.
func (c Conflict) SendsToClusterIP() bool { return c.Warning == toClusterIP }
