package external

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
)

// NATSPackage is the import path of the server that NATS starts: a tool of this module.
const NATSPackage = "github.com/nats-io/nats-server/v2"

// NATS starts the nats-server at path, with JetStream, its files in a folder of its own, and waits until it
// answers.
func NATS(path string) (*Broker, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("external: %w", err)
	}
	dir, err := os.MkdirTemp("", "bench-nats")
	if err != nil {
		return nil, fmt.Errorf("external: %w", err)
	}
	b, err := start(dir, path, "-a", "127.0.0.1", "-p", "-1", "-m", "-1", "-js", "-sd", dir, "--ports_file_dir", dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	err = b.until(func() error { return b.found(filepath.Join(dir, "nats-server_"+strconv.Itoa(b.PID)+".ports")) })
	if err != nil {
		return nil, errors.Join(err, b.Stop())
	}
	return b, nil
}

// found reads from the file where a nats-server writes which ports it has chosen, and asks it whether it is well.
func (b *Broker) found(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var ports struct {
		NATS       []string `json:"nats"`
		Monitoring []string `json:"monitoring"`
	}
	if err := json.Unmarshal(text, &ports); err != nil {
		return err
	}
	if len(ports.NATS) == 0 || len(ports.Monitoring) == 0 {
		return fmt.Errorf("external: no ports in %s", text)
	}
	at, err := url.Parse(ports.NATS[0])
	if err != nil {
		return err
	}
	b.URL, b.Addr = ports.NATS[0], at.Host
	monitor := ports.Monitoring[0]
	b.requests = func() (int64, error) {
		var vars struct {
			Messages int64 `json:"in_msgs"`
		}
		err := get(monitor+"/varz", &vars)
		return vars.Messages, err
	}
	var health struct {
		Status string `json:"status"`
	}
	if err := get(monitor+"/healthz", &health); err != nil {
		return err
	}
	if health.Status != "ok" {
		return fmt.Errorf("external: nats-server is %q", health.Status)
	}
	return nil
}

// get reads what url answers, which is JSON, into v.
func get(url string, v any) error {
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("external: %s: %s", url, answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(v)
}
