package parts

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
)

// BuildHoldfast builds Holdfast from the work tree into a folder, and returns the program.
func BuildHoldfast(ctx context.Context, folder string) (program string, err error) {
	finder, err := NewFinder(ctx, nil)
	if err != nil {
		return "", err
	}
	program = filepath.Join(folder, "holdfast")
	build := goCommand(ctx, filepath.Dir(finder.Root), "build", "-trimpath", "-o", program, "./cmd/holdfast")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building holdfast: %w\n%s", err, bytes.TrimSpace(output))
	}
	return program, nil
}
