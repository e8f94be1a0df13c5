package natsbroker

import (
	"encoding/json"

	"github.com/nats-io/nats.go"

	"github.com/livetopics/live/broker"
)

// heldWild is how many publications wait for their stream's epoch to be known.
const heldWild = 4096

// wild is a publication that came by a wildcard alone.
type wild struct {
	topic string
	p     broker.Publication
}

// takeWild delivers what only a wildcard follows. The first time a stream is heard of
// its epoch has to be asked for, and what comes meanwhile waits.
func (b *Broker) takeWild(token, tokens string, p *broker.Publication) {
	name, ok := topicOf(tokens)
	if !ok {
		return
	}
	s := b.streamOf(token)
	s.mu.Lock()
	e := s.epoch.Load()
	if e == nil || len(s.held) > 0 {
		if len(s.held) < heldWild {
			s.held = append(s.held, wild{name, *p})
		}
		ask := !s.asking
		s.asking = true
		s.mu.Unlock()
		if ask {
			b.start(s.askEpoch) // ends with the answer
		}
		return
	}
	s.mu.Unlock()
	b.deliver(name, e.Name, p)
}

// askEpoch finds out the epoch of a stream that this node has not used yet.
func (s *stream) askEpoch() {
	_, err := s.again(s.b.ctx)
	s.mu.Lock()
	s.asking = false
	if err != nil {
		s.held = nil // no wildcard is promised all
	}
	s.mu.Unlock()
}

// release delivers what waited for the epoch.
func (s *stream) release(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.held {
		s.b.deliver(s.held[i].topic, name, &s.held[i].p)
	}
	s.held = nil
}

// heard takes the message that says a stream's epoch.
func (b *Broker) heard(s *stream, m *nats.Msg) {
	var said epoch
	if json.Unmarshal(m.Data, &said) != nil {
		return
	}
	if known := s.epoch.Load(); known != nil && known.Name != said.Name {
		b.maintain.compare(s)
	}
}
