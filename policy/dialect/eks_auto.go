package dialect

import "slices"

// eksAuto is the load balancing of EKS Auto Mode: AWS's managed copy of the AWS Load
// Balancer Controller, whose source isn't public. By its documentation (EKS user guide,
// automode) it lacks the class by annotation and groups by annotation, and it ignores
// what it doesn't know without an event.
var eksAuto = Dialect{
	Name:  "eks-auto",
	Title: "EKS Auto Mode (AWS's managed load balancing)",
	Class: Class{
		Controllers: []string{"eks.amazonaws.com/alb"},
		Names:       []string{"alb"},
		Cloud:       "aws",
		Order:       FieldOnly,
	},
	Options:     awsALB.Options,
	Annotations: awsALB.Annotations,
	Conflicts: slices.Concat(
		slices.DeleteFunc(slices.Clone(awsALB.Conflicts), func(c Conflict) bool { return c.Key == albGroupName }),
		[]Conflict{
			{
				On: Ingress, Key: albGroupName,
				Warning: "isn't read by EKS Auto Mode; remove it, and ask an admin for spec.group.name in the class's IngressClassParams",
			},
		},
	),
	Unread:         awsALB.Unread,
	Unsupported:    awsALB.Unsupported,
	Idle:           awsALB.Idle,
	TLSAnnotations: albTLS,
	Upgrade:        awsALB.Upgrade,
	Reload:         awsALB.Reload,
	Unverified:     "its source isn't public, so what Holdfast writes was never tried: check once that the load balancer has the attributes",
}
