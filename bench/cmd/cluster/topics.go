package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/livetopics/live/bench/internal/client"
	"github.com/livetopics/live/bench/internal/external"
	"github.com/livetopics/live/bench/internal/process"
	"github.com/livetopics/live/bench/internal/proxy"
	"github.com/livetopics/live/bench/internal/report"
	"github.com/livetopics/live/bench/internal/rows"
)

const (
	holders = 20 // clients among which all topics are divided
	every   = 10 // one topic of so many is published to while the broker, or the node, is away

	past = 1_000_000 // the number in what was published before anybody subscribed
)

// many is a node with many topics, another one that publishes, and a broker which the first reaches through a proxy.
type many struct {
	bench   *bench
	engine  engine
	broker  *external.Broker
	proxy   *proxy.Proxy
	other   *process.Server
	node    *process.Server
	holders []*holder
	count   int // of topics
	round   int // how often topics were published to
}

// topics has a node subscribe to very many topics with history, lose its broker for a while, and be killed and
// started anew, while another node publishes.
func (b *bench) topics(e engine) error {
	return b.with(e, ours, 1, func(broker *external.Broker, nodes []*process.Server) (err error) {
		m := &many{bench: b, engine: e, broker: broker, other: nodes[0], count: b.scaled(100_000)}
		if m.proxy, err = proxy.New(broker.Addr); err != nil {
			return err
		}
		defer m.proxy.Close()
		defer func() { err = errors.Join(err, m.close()) }()
		for i := range holders {
			m.holders = append(m.holders, newHolder(i*m.count/holders, (i+1)*m.count/holders))
		}
		return m.run()
	})
}

// furnish has the other node publish once to one topic in three: some topics have a past that their subscribers do
// not get, and some have none.
func (m *many) furnish() error {
	_, err := client.Order(m.other.Addr, "/publish", "topic", "chat:", "topics", m.count/3, "step", 3, "n", 1, "from", past)
	return err
}

// step is one thing that takes its time.
type step struct {
	name string
	do   func() (time.Duration, error)
}

func (m *many) run() error {
	if err := m.furnish(); err != nil {
		return err
	}
	got := report.Short(float64(m.count / every))
	for _, s := range []step{
		{"a node starts and subscribes to them", m.subscribe},
		{fmt.Sprintf("its broker is back after %v and it has what %s of them got", m.bench.away, got), m.cut},
		{"it is killed, starts anew and recovers them all", m.restart},
	} {
		if err := m.measure(s); err != nil {
			return fmt.Errorf("%d topics, %s: %w", m.count, s.name, err)
		}
	}
	return nil
}

// measure adds rows for a step.
func (m *many) measure(s step) error {
	before, err := m.used()
	if err != nil {
		return err
	}
	took, err := s.do()
	if err != nil {
		return err
	}
	after, err := m.used()
	if err != nil {
		return err
	}
	if after.pid != before.pid {
		before.node = 0
	}
	row := func(what string, value float64) {
		name := fmt.Sprintf("%s, %s topics: %s: %s", m.engine.brokerName(), report.Short(float64(m.count)), s.name, what)
		add(m.bench.rows.Row(name, "", rows.Limit{}), ours, value)
	}
	row("seconds", took.Seconds())
	row("the node's CPU, s", (after.node - before.node).Seconds())
	row("the broker's CPU, s", (after.broker - before.broker).Seconds())
	row("round trips", float64(after.turns-before.turns))
	row("requests to the broker, from all", float64(after.requests-before.requests))
	for _, h := range m.holders {
		if err := h.quiet(); err != nil {
			return fmt.Errorf("more came than was due: %w", err)
		}
	}
	return nil
}

// used is what a step adds to.
type used struct {
	pid             int           // of the node
	node, broker    time.Duration // CPU time
	turns, requests int64
}

func (m *many) used() (u used, err error) {
	u.turns = m.proxy.Turns()
	if u.requests, err = m.broker.Requests(); err != nil {
		return u, err
	}
	if u.broker, err = process.CPU(m.broker.PID); err != nil || m.node == nil {
		return u, err
	}
	u.pid = m.node.PID
	u.node, err = process.CPU(u.pid)
	return u, err
}

// start starts the node with the topics, whose broker is behind the proxy, and connects all clients to it.
func (m *many) start() (err error) {
	m.node, err = m.bench.node(ours, m.engine, m.engine.broker()+"://"+m.proxy.Addr, true)
	if err != nil {
		return err
	}
	return m.each(func(h *holder) error { return h.connect(m.node) })
}

// each has all clients do something at once.
func (m *many) each(f func(*holder) error) error {
	return client.Together(len(m.holders), len(m.holders), func(i int) error { return f(m.holders[i]) })
}

// subscribe is how long a node takes to start and to subscribe to everything.
func (m *many) subscribe() (time.Duration, error) {
	begun := time.Now()
	if err := m.start(); err != nil {
		return 0, err
	}
	err := m.each(func(h *holder) error { return h.subscribe(false, 0) })
	return time.Since(begun), err
}

// publish has the other node publish once more to one topic in every.
func (m *many) publish() error {
	_, err := client.Order(m.other.Addr, "/publish", "topic", "chat:", "topics", m.count/every, "step", every,
		"n", 1, "from", m.round)
	m.round++
	return err
}

// missed is how many publications each client lacks after publish.
func (m *many) missed() int { return m.count / every / holders }

// cut is how long it takes until every client has everything once the broker can be reached again.
func (m *many) cut() (time.Duration, error) {
	m.proxy.Cut()
	back := time.After(m.bench.away)
	if err := m.publish(); err != nil {
		return 0, err
	}
	<-back
	begun := time.Now()
	if err := m.proxy.Restore(); err != nil {
		return 0, err
	}
	err := m.each(func(h *holder) error { return h.read(m.missed()) })
	return time.Since(begun), err
}

// restart is how long a node that was killed takes to start, and its clients to come back and to recover.
func (m *many) restart() (time.Duration, error) {
	if err := m.node.Kill(); err != nil {
		return 0, err
	}
	m.node = nil
	for _, h := range m.holders {
		h.Close()
	}
	if err := m.publish(); err != nil {
		return 0, err
	}
	begun := time.Now()
	if err := m.start(); err != nil {
		return 0, err
	}
	err := m.each(func(h *holder) error { return h.subscribe(true, m.missed()) })
	return time.Since(begun), err
}

// close ends the node and its clients.
func (m *many) close() (err error) {
	for _, h := range m.holders {
		if h.Client != nil {
			h.Close()
		}
	}
	if m.node != nil {
		err = m.node.Stop()
	}
	return err
}

// brokerName is the name of the engine's broker as people write it.
func (e engine) brokerName() string {
	if e.redis {
		return "Redis"
	}
	return "NATS"
}
