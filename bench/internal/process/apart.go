package process

import (
	"fmt"
	"os"
)

// Apart ties this process to the last processor but one, and returns the last, for servers. Where there is one
// processor alone it says so on standard error, and ties nothing.
func Apart() (server int, err error) {
	cpus, err := CPUs()
	if err != nil {
		return 0, err
	}
	if len(cpus) < 2 {
		fmt.Fprintln(os.Stderr, "one processor alone: servers and clients share it, and the figures suffer")
		return cpus[0], nil
	}
	return cpus[len(cpus)-1], Tie(cpus[len(cpus)-2])
}
