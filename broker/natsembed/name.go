package natsembed

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// nodeName returns the node's name: the one in the options, else the one in Dir, which
// is made if there is none.
func nodeName(o Options) (string, error) {
	if o.Name != "" {
		return o.Name, nil
	}
	made := "live-" + strings.ToLower(rand.Text()[:12])
	if o.Dir == "" {
		return made, nil
	}
	path := filepath.Join(o.Dir, "name")
	kept, err := os.ReadFile(path)
	switch {
	case err == nil && strings.TrimSpace(string(kept)) != "":
		return strings.TrimSpace(string(kept)), nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("natsembed: failed to read the node's name: %w", err)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return "", fmt.Errorf("natsembed: failed to make the data directory: %w", err)
	}
	if err := os.WriteFile(path+".new", []byte(made+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("natsembed: failed to keep the node's name: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return "", fmt.Errorf("natsembed: failed to keep the node's name: %w", err)
	}
	return made, nil
}
