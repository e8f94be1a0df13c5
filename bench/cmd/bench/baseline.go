package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/livetopics/live/bench/internal/report"
)

// buildBaseline builds our server once more, with the library as it stands in folder dir: another checkout
// of it, say of an older commit. The server's own code is the same for both.
func buildBaseline(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		return fmt.Errorf("bench: the baseline is no checkout of the library: %w", err)
	}
	mod := filepath.Join(binDir, report.Baseline+".mod")
	for from, to := range map[string]string{"go.mod": mod, "go.sum": filepath.Join(binDir, report.Baseline+".sum")} {
		text, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, text, 0o644)
		}
		if err != nil {
			return fmt.Errorf("bench: %w", err)
		}
	}
	if err := command("mod", "edit", "-replace="+library+"="+dir, mod); err != nil {
		return err
	}
	args := []string{"build", "-modfile=" + mod, "-mod=mod", "-o", filepath.Join(binDir, report.Baseline)}
	return command(append(args, "./servers/"+report.Ours)...)
}

// library is the module whose place is taken.
const library = "github.com/livetopics/live"

// command runs the go command of the path.
func command(args ...string) error {
	cmd := exec.Command("go", args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("bench: building the baseline: go %s: %w\n%s", strings.Join(args, " "), err, errs.Bytes())
	}
	return nil
}
