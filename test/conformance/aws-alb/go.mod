module github.com/holdfast-dev/holdfast/test/conformance/aws-alb

go 1.26.0

require (
	github.com/holdfast-dev/holdfast v0.0.0
	github.com/holdfast-dev/holdfast/test/conformance/agree v0.0.0
	sigs.k8s.io/aws-load-balancer-controller v0.0.0-20221203001353-edeb4f1c1312
)

require (
	github.com/agnivade/levenshtein v1.2.2 // indirect
	github.com/pkg/errors v0.9.1 // indirect
)

replace (
	github.com/holdfast-dev/holdfast => ../../..
	github.com/holdfast-dev/holdfast/test/conformance/agree => ../agree
)
