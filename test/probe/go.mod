// The probe against the WebSocket servers that people use, which run on Node. A module of
// its own: nothing else needs Node.
module github.com/holdfast-dev/holdfast/test/probe

go 1.26.0

require github.com/stretchr/testify v1.12.1

require go.yaml.in/yaml/v3 v3.0.5 // indirect
