package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/livetopics/live/bench/internal/process"
	"github.com/livetopics/live/bench/internal/report"
)

// patience is how long one sample may take before its generator is ended.
const patience = 3 * time.Minute

// sample takes one sample with a generator and a server of its own.
func (j job) sample(quick bool, serverCPU, generatorCPU int) report.Sample {
	s := report.Sample{Server: j.server, Round: j.round}
	out, err := j.generate(quick, serverCPU, generatorCPU)
	if err == nil {
		err = json.Unmarshal(out, &s.Result)
	}
	if err != nil {
		s.Error = err.Error()
	}
	s.Scenario = j.scenario
	return s
}

// generate runs the generator and returns what it printed. The server ends with the generator, whose pipe
// it watches.
func (j job) generate(quick bool, serverCPU, generatorCPU int) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, filepath.Join(binDir, "load"),
		"-server", filepath.Join(binDir, j.server), "-server-cpu", strconv.Itoa(serverCPU),
		"-scenario", j.scenario, "-quick="+strconv.FormatBool(quick))
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := process.OnCPU(generatorCPU, cmd.Start); err != nil {
		return nil, fmt.Errorf("bench: starting the generator: %w", err)
	}
	if err := cmd.Wait(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, bytes.TrimSpace(errs.Bytes()))
	}
	return out.Bytes(), nil
}
