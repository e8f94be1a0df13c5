package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Build builds the commands of these import paths into dir, which it makes, with the go command of the path. It
// has to run in the folder of the module that requires them.
func Build(dir string, packages ...string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("process: %w", err)
	}
	args := append([]string{"build", "-o", dir + string(filepath.Separator)}, packages...)
	cmd := exec.Command("go", args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("process: building %v, in this module's folder: %w", packages, err)
	}
	return nil
}
