package cluster

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// alarms are what a log must not have.
var alarms = []string{"panic:", "fatal error:", "WARNING: DATA RACE"}

// mostAlarms is how many lines of one log are told.
const mostAlarms = 5

// Alarms lists lines of the logs that say that a program is broken.
func (c *Cluster) Alarms() []string {
	processes := make([]*Process, 0, len(c.Nodes)+1)
	for _, n := range c.Nodes {
		processes = append(processes, n.Process)
	}
	if c.Redis != nil {
		processes = append(processes, c.Redis.Process)
	}
	var all []string
	for _, p := range processes {
		all = append(all, p.alarms()...)
	}
	return all
}

// alarms looks through the log of a process.
func (p *Process) alarms() []string {
	f, err := os.Open(p.log.Name())
	if err != nil {
		return []string{err.Error()}
	}
	defer f.Close()
	var found []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan() && len(found) < mostAlarms; n++ {
		for _, alarm := range alarms {
			if strings.Contains(lines.Text(), alarm) {
				found = append(found, fmt.Sprintf("%s:%d: %.300s", p.log.Name(), n, lines.Text()))
				break
			}
		}
	}
	return found
}
