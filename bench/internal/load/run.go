package load

import (
	"fmt"

	"github.com/livetopics/live/bench/internal/process"
)

// Topics of every scenario.
const (
	roomTopic  = "room"
	probeTopic = "self"
)

// scenario is one run against one server.
type scenario struct {
	*Generator
	server *process.Server
	config Config
	result Result
	room   *stream
}

// Run runs the scenario of that name against a server that nobody else uses, and closes its clients. It
// blocks, for no longer than the configuration's time and some seconds to join and to settle; it fails
// when a delivery is missing, doubled, out of order or altered, when the server closes a client, and when
// it is silent for ten seconds while something is due.
func Run(server *process.Server, name string, config Config) (Result, error) {
	run := map[string]func(*scenario) error{
		"idle": (*scenario).idleMemory, "saturated": (*scenario).saturated,
		"paced": (*scenario).paced, "fanout": (*scenario).fanOut,
	}[name]
	if run == nil {
		return Result{}, fmt.Errorf("load: %q is none of the scenarios %v", name, Scenarios)
	}
	if err := config.check(); err != nil {
		return Result{}, err
	}
	g, err := New(server.Addr, server.Dialect)
	if err != nil {
		return Result{}, err
	}
	defer g.Close()
	room, err := newStream(g.dialect, roomTopic, config.FrameBytes)
	if err != nil {
		return Result{}, err
	}
	s := &scenario{Generator: g, server: server, config: config, room: room}
	s.result = Result{Scenario: name, Config: config}
	if err := run(s); err != nil {
		return Result{}, fmt.Errorf("%s: %w", name, err)
	}
	return s.result, nil
}

// publisher joins a client that subscribes to nothing.
func (s *scenario) publisher() (*conn, error) {
	clients, err := s.join(1, nil)
	if err != nil {
		return nil, err
	}
	return clients[0], nil
}
