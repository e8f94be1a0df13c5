package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// binDir is where binaries go, below the module's folder.
const binDir = "bin"

// build builds the generator and the servers with the go command of the path.
func build(servers []string) error {
	args := []string{"build", "-o", binDir + string(filepath.Separator), "./cmd/load"}
	for _, s := range servers {
		args = append(args, "./servers/"+s)
	}
	if err := os.MkdirAll(binDir, 0o755); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	cmd := exec.Command("go", args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("bench: building the servers, in this module's folder: %w", err)
	}
	return nil
}
