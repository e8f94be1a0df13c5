package load

import (
	"errors"
	"time"

	"github.com/livetopics/live/bench/internal/process"
)

// meter is what server and generator had used when a measurement began.
type meter struct {
	nodes       []*process.Server
	start       time.Time
	server, own time.Duration // CPU time, of all nodes and of the generator
	machine     time.Duration // CPU time of everything that ran here
}

func newMeter(nodes ...*process.Server) (meter, error) {
	var server time.Duration
	var errServer error
	for _, n := range nodes {
		cpu, err := process.CPU(n.PID)
		server += cpu
		errServer = errors.Join(errServer, err)
	}
	own, errOwn := process.CPU(process.Self)
	machine, errMachine := process.Machine()
	m := meter{nodes: nodes, start: time.Now(), server: server, own: own, machine: machine}
	return m, errors.Join(errServer, errOwn, errMachine)
}

// read puts what has been used since into r, per delivery since base.
func (m meter) read(r *Result, now, base account) error {
	end, err := newMeter(m.nodes...)
	wall := end.start.Sub(m.start)
	r.Publications, r.Deliveries = now.sent-base.sent, now.delivered-base.delivered
	r.Seconds = wall.Seconds()
	r.ServerCPU = float64(end.server-m.server) / float64(time.Microsecond) / float64(max(r.Deliveries, 1))
	r.ServerLoad = float64(end.server-m.server) / float64(wall)
	r.GeneratorLoad = float64(end.own-m.own) / float64(wall)
	others := end.machine - m.machine - (end.server - m.server) - (end.own - m.own)
	r.OthersLoad = max(0, float64(others)/float64(wall))
	r.PerSecond = float64(r.Deliveries) / wall.Seconds()
	return err
}

// account is how far streams were at some moment.
type account struct{ sent, delivered uint64 }

func (s *stream) account() account { return account{s.sent, s.delivered} }
