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
	server *process.Server   // its first node, which most have alone
	nodes  []*process.Server // all of them
	config Config
	result Result
	room   *stream   // the first publisher's publications
	rooms  []*stream // all publishers', to the same topic

	publishers []*conn // one for each of rooms
	brokerPID  int     // of the process of the broker; 0: there is none
}

// Run runs the scenario of that name against a server that nobody else uses, and closes its clients. It
// blocks, for no longer than the configuration's time and some seconds to join and to settle; it fails
// when a delivery is missing, doubled, out of order or altered, when the server closes a client, and when
// it is silent for ten seconds while something is due.
func Run(server *process.Server, name string, config Config) (Result, error) {
	return Cluster{Nodes: []*process.Server{server}, Publishers: 1}.Run(name, config)
}

// run is Run on all nodes of a cluster.
func (c Cluster) run(name string, config Config) (Result, error) {
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
	g, err := New(c.Nodes[0].Dialect, c.addrs()...)
	if err != nil {
		return Result{}, err
	}
	defer g.Close()
	s := &scenario{Generator: g, server: c.Nodes[0], nodes: c.Nodes, brokerPID: c.BrokerPID, config: config}
	s.result = Result{Scenario: name, Config: config}
	for i := range c.Publishers {
		room, err := newStream(g.dialect, roomTopic, letters[i], config.FrameBytes)
		if err != nil {
			return Result{}, err
		}
		s.rooms = append(s.rooms, room)
	}
	s.room = s.rooms[0]
	err = run(s)
	if err == nil && c.OneOrder {
		err = s.oneOrder()
	}
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", name, err)
	}
	return s.result, nil
}

// assemble joins the publishers, on the nodes in turn, and then the subscribers.
func (s *scenario) assemble() (err error) {
	if s.publishers, err = s.join(len(s.rooms)); err != nil {
		return err
	}
	_, err = s.join(s.config.Sessions, s.rooms...)
	return err
}

// publisher joins a client that subscribes to nothing.
func (s *scenario) publisher() (*conn, error) {
	clients, err := s.join(1)
	if err != nil {
		return nil, err
	}
	return clients[0], nil
}
