// Command load starts one server, runs one scenario against it, and prints the result as one line of
// JSON. It fails, with the reason on standard error, when a delivery is missing, doubled or out of order.
//
//	load -server bin/gws -scenario saturated
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/livetopics/live/bench/internal/load"
	"github.com/livetopics/live/bench/internal/process"
)

func main() {
	server := flag.String("server", "", "`path` of the server's binary")
	cpu := flag.Int("server-cpu", process.AnyCPU, "`number` of the processor to tie the server to, -1 for none")
	scenario := flag.String("scenario", "saturated", "one of idle, saturated, paced, fanout")
	quick := flag.Bool("quick", false, "a tenth of the sessions and a shorter time: does everything work?")
	sessions := flag.Int("sessions", 0, "`number` of subscribers instead of the scenario's own")
	duration := flag.Duration("duration", 0, "`time` to publish instead of the scenario's own")
	pprof := flag.String("pprof", "", "`address` for the server to serve profiles on, none by default")
	flag.Parse()

	config, err := load.Default(*scenario, *quick)
	if err == nil {
		if *sessions > 0 {
			config.Sessions = *sessions
		}
		if *duration > 0 {
			config.Duration = *duration
		}
		err = measure(*server, *cpu, *scenario, *pprof, config)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// measure runs the scenario and prints its result. A result of a server that died is none.
func measure(path string, cpu int, scenario, pprof string, config load.Config) error {
	server, err := process.Start(path, cpu, "-pprof", pprof)
	if err != nil {
		return err
	}
	result, err := load.Run(server, scenario, config)
	if err := errors.Join(err, server.Stop()); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}
