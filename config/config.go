// Package config has the manifests of this folder that programs need.
package config

import _ "embed"

// Webhooks is the YAML of the webhooks' registration, as the chart renders it with its
// default values.
//
//go:embed webhook/manifests.yaml
var Webhooks []byte
