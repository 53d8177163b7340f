// WebSockets through real ingress controllers, on a local cluster with Holdfast.
module github.com/holdfast-dev/holdfast/test/wire

go 1.26.0

require (
	github.com/coder/websocket v1.8.15
	github.com/holdfast-dev/holdfast v0.0.0-00010101000000-000000000000
	github.com/holdfast-dev/holdfast/test/cluster v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/agnivade/levenshtein v1.2.2 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.47.0 // indirect
)

replace (
	github.com/holdfast-dev/holdfast => ../..
	github.com/holdfast-dev/holdfast/test/cluster => ../cluster
)
