package parts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// ErrNoNpm is returned where scripts can't be given what they need.
var ErrNoNpm = errors.New("npm isn't on this machine, so the packages that scripts for Node need can't be installed")

// install copies scripts, and has npm install the packages of their package-lock.json
// there, with the machine's settings.
func install(ctx context.Context, scripts, to string) error {
	if _, err := exec.LookPath("npm"); err != nil {
		return ErrNoNpm
	}
	if err := os.CopyFS(to, os.DirFS(scripts)); err != nil {
		return fmt.Errorf("copying scripts: %w", err)
	}
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = to
	if err := run(npm); err != nil {
		return fmt.Errorf("installing what scripts need: %w", err)
	}
	return nil
}
