package load

import (
	"errors"
	"time"

	"github.com/livetopics/live/bench/internal/process"
)

// meter is what all had used when a measurement began: CPU time.
type meter struct {
	scenario *scenario
	start    time.Time
	server   time.Duration // of all nodes
	broker   time.Duration // of the broker that they share, where it is a process of its own
	own      time.Duration // of the generator
	machine  time.Duration // of everything that ran here
}

func (s *scenario) meter() (meter, error) {
	m := meter{scenario: s, start: time.Now()}
	var failed error
	add := func(d *time.Duration, pid int) {
		cpu, err := process.CPU(pid)
		*d += cpu
		failed = errors.Join(failed, err)
	}
	for _, n := range s.nodes {
		add(&m.server, n.PID)
	}
	if s.brokerPID != 0 {
		add(&m.broker, s.brokerPID)
	}
	add(&m.own, process.Self)
	var err error
	m.machine, err = process.Machine()
	return m, errors.Join(failed, err)
}

// read puts what has been used since into the result, per delivery since base.
func (m meter) read(base account) error {
	end, err := m.scenario.meter()
	now, r := m.scenario.account(), &m.scenario.result
	wall := end.start.Sub(m.start)
	server, broker, own := end.server-m.server, end.broker-m.broker, end.own-m.own
	r.Publications, r.Deliveries = now.sent-base.sent, now.delivered-base.delivered
	r.Seconds = wall.Seconds()
	r.ServerCPU = float64(server) / float64(time.Microsecond) / float64(max(r.Deliveries, 1))
	r.BrokerCPU = float64(broker) / float64(time.Microsecond) / float64(max(r.Publications, 1))
	r.ServerLoad = float64(server) / float64(wall)
	r.GeneratorLoad = float64(own) / float64(wall)
	r.OthersLoad = max(0, float64(end.machine-m.machine-server-broker-own)/float64(wall))
	r.PerSecond = float64(r.Deliveries) / wall.Seconds()
	return err
}

// account is how far streams were at some moment.
type account struct{ sent, delivered uint64 }

// account is how far all rooms are.
func (s *scenario) account() (a account) {
	for _, room := range s.rooms {
		a.sent += room.sent
		a.delivered += room.delivered
	}
	return a
}
