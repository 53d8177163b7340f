// The probe against the WebSocket servers that people use, which run on Node. A module of
// its own: nothing else needs Node.
module github.com/holdfast-dev/holdfast/test/probe

go 1.26.0

require (
	github.com/holdfast-dev/holdfast/test/cluster v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
)

replace github.com/holdfast-dev/holdfast/test/cluster => ../cluster

require (
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.47.0 // indirect
)
