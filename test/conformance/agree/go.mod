// What every conformance test does: it asks a controller's own parser and
// Holdfast's table the same questions.
module github.com/holdfast-dev/holdfast/test/conformance/agree

go 1.26.0

require github.com/holdfast-dev/holdfast v0.0.0

require github.com/agnivade/levenshtein v1.2.2 // indirect

replace github.com/holdfast-dev/holdfast => ../../..
