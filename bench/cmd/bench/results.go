package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/livetopics/live/bench/internal/report"
)

// resultsDir is where samples go, below the module's folder. The repository ignores it.
const resultsDir = "results"

// results is one run's file: a sample per line, each written as soon as it is there.
type results struct{ *os.File }

func newResults(now time.Time) (results, error) {
	if err := os.MkdirAll(resultsDir, 0o755); err != nil {
		return results{}, fmt.Errorf("bench: %w", err)
	}
	f, err := os.Create(filepath.Join(resultsDir, now.UTC().Format("20060102-150405")+".jsonl"))
	if err != nil {
		return results{}, fmt.Errorf("bench: %w", err)
	}
	return results{f}, nil
}

// add writes one sample.
func (r results) add(s report.Sample) error {
	if err := json.NewEncoder(r).Encode(s); err != nil {
		return fmt.Errorf("bench: writing a sample: %w", err)
	}
	return nil
}
