// The HTML report in a real browser. A module of its own: nothing else needs what drives
// one.
module github.com/holdfast-dev/holdfast/test/report-html

go 1.26.0

require (
	github.com/chromedp/cdproto v0.159.0
	github.com/chromedp/chromedp v0.23.0
	github.com/holdfast-dev/holdfast/test/cluster v0.0.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.47.0 // indirect
)

replace github.com/holdfast-dev/holdfast/test/cluster => ../cluster
