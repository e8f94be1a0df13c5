package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/livetopics/live/broker"
)

// What servers ask of each other.
const (
	askDisconnect  = "disconnect"
	askSubscribe   = "subscribe"
	askUnsubscribe = "unsubscribe"
	askStats       = "stats"
	askTopics      = "topics"
)

// request is what a server asks of all others.
type request struct {
	ID    uint64      `json:"id"`
	From  string      `json:"from"` // the ID of who asks
	What  string      `json:"what"`
	User  string      `json:"user,omitempty"`
	Topic string      `json:"topic,omitempty"`
	Query *TopicQuery `json:"query,omitempty"`
}

// answer is one server's.
type answer struct {
	ID     uint64          `json:"id"`
	Node   string          `json:"node"`
	Error  string          `json:"error,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
}

// mostNodes is how many servers a cluster may have.
const mostNodes = 1000

// poll is what came of a request.
type poll struct {
	nodes   map[string]string // the names of all others by their IDs
	answers map[string]answer // by ID
}

// silent lists the names of those who did not answer.
func (p *poll) silent() []string {
	var names []string
	for id, name := range p.nodes {
		if _, answered := p.answers[id]; !answered {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// ask asks all other servers, and waits until all have answered or the context ends:
// that not all have is no error. Where the broker does not know who they are, as a NATS
// without JetStream, they are asked, and not waited for.
func (c *cluster) ask(ctx context.Context, r request) (*poll, error) {
	p := &poll{answers: make(map[string]answer)}
	if c.server.local {
		return p, nil
	}
	var err error
	if p.nodes, err = c.others(ctx); err != nil {
		return p, err
	}
	answers := make(chan answer, mostNodes)
	c.mu.Lock()
	c.last++
	r.ID, r.From = c.last, c.id
	c.polls[r.ID] = answers
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.polls, r.ID)
		c.mu.Unlock()
	}()
	data, err := json.Marshal(r)
	if err != nil {
		return p, fmt.Errorf("encode a request to other servers: %w", err)
	}
	if _, err := c.server.broker.Publish(ctx, &broker.Message{Topic: controlTopic, Data: data}); err != nil {
		return p, brokerError(err)
	}
	for len(p.answers) < len(p.nodes) {
		select {
		case a := <-answers:
			if _, known := p.nodes[a.Node]; known {
				p.answers[a.Node] = a
			}
		case <-ctx.Done():
			return p, nil
		}
	}
	return p, nil
}

// others returns the names of all other servers by their IDs.
func (c *cluster) others(ctx context.Context) (map[string]string, error) {
	m, err := c.server.broker.Members(ctx, nodesTopic, mostNodes)
	if err != nil {
		return nil, brokerError(err)
	}
	nodes := make(map[string]string)
	for _, one := range m.List {
		var info nodeInfo
		if json.Unmarshal(one.Info, &info) != nil || info.Name == "" {
			info.Name = one.User
		}
		if one.User != c.id {
			nodes[one.User] = info.Name
		}
	}
	return nodes, nil
}

// asked does what another server asks, in the background, and answers: what concerns
// one user in the order it was asked.
func (c *cluster) asked(data []byte) {
	var r request
	if err := json.Unmarshal(data, &r); err != nil || r.From == c.id {
		return
	}
	c.lanes.add(r.What+r.User, func() {
		a := answer{ID: r.ID, Node: c.id}
		result, err := c.server.obey(&r)
		if err == nil && result != nil {
			a.Result, err = json.Marshal(result)
		}
		if err != nil {
			a.Error = err.Error()
		}
		reply, err := json.Marshal(a)
		if err != nil {
			c.server.log.Error("live: an answer to another server is no JSON", "error", err)
			return
		}
		c.tell(nodePrefix+r.From, reply)
	})
}

// obey does what a server asks of this one.
func (s *Server) obey(r *request) (result any, err error) {
	switch r.What {
	case askDisconnect:
		return nil, s.disconnect(r.User)
	case askSubscribe:
		return nil, s.subscribeUser(r.User, r.Topic)
	case askUnsubscribe:
		return nil, s.unsubscribeUser(r.User, r.Topic)
	case askStats:
		return s.Stats(), nil
	case askTopics:
		if r.Query == nil {
			r.Query = &TopicQuery{}
		}
		return s.activeTopics(*r.Query), nil
	}
	return nil, fmt.Errorf("%q is not known to this version", r.What)
}

// answered is told of an answer.
func (c *cluster) answered(data []byte) {
	var a answer
	if err := json.Unmarshal(data, &a); err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case c.polls[a.ID] <- a: // has room for one of each; nobody waits any more for one that is not in the map
	default:
	}
}

// everywhere has all servers do what the request says, this one first.
func (s *Server) everywhere(r request) error {
	_, err := s.obey(&r)
	ctx, cancel := s.brokerContext(context.Background())
	defer cancel()
	p, askErr := s.cluster.ask(ctx, r)
	err = errors.Join(err, askErr)
	for id, a := range p.answers {
		if a.Error != "" {
			err = errors.Join(err, fmt.Errorf("live: %s: %s", p.nodes[id], a.Error))
		}
	}
	if silent := p.silent(); len(silent) > 0 && askErr == nil {
		err = errors.Join(err, fmt.Errorf("%w: no answer from %s", ErrUnavailable, strings.Join(silent, ", ")))
	}
	return err
}
