// Generate writes the files that follow from the chart's schema and templates:
// its values.yaml, the table in its README, and the manifests in config/.
//
//	go -C test run ./chart/generate
package main

import (
	"context"
	"log"
	"os"
	"path/filepath"

	"github.com/holdfast-dev/holdfast/test/chart"
	"github.com/holdfast-dev/holdfast/test/cluster/parts"
)

func main() {
	log.SetFlags(0)
	if err := run(context.Background(), ".."); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, root string) error {
	helm, err := chart.Program(ctx, parts.Helm, func(p parts.Progress) { log.Print(p) })
	if err != nil {
		return err
	}
	return chart.Generate(root, helm, func(path, text string) error {
		return os.WriteFile(filepath.Join(root, path), []byte(text), 0o644)
	})
}
