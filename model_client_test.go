package live_test

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"

	"github.com/livetopics/live"
)

// modelClient does what comes to its mind, in rounds: it asks for something, perhaps
// does not read for a while, and then reads until its last request is answered.
type modelClient struct {
	m       *model
	id      int
	rng     *rand.Rand
	wild    bool // it subscribes to a wildcard
	patient bool // to nothing that could have it closed

	conn     *client
	session  uint32 // counts its connections
	streams  []*modelStream
	pending  []modelRequest // not answered yet, in order
	requests int
	counts   []uint32      // what it has published to each topic
	unsure   *modelRequest // a publication whose answer it did not see
	wildIn   bool
}

func newModelClient(m *model, id int) *modelClient {
	c := &modelClient{m: m, id: id, rng: m.random(id), counts: make([]uint32, len(m.topics))}
	c.patient, c.wild = id%5 == 0, id%5 == 4
	for _, topic := range m.topics {
		c.streams = append(c.streams, &modelStream{client: c, topic: topic})
	}
	return c
}

// may reports whether the client subscribes to the topic.
func (c *modelClient) may(t *modelTopic) bool {
	switch {
	case c.patient:
		return t.rule.Overflow != live.Disconnect
	case c.wild:
		return t.name == "wild:a" || t.rule.Overflow == live.Replay
	}
	return true
}

func (c *modelClient) run() {
	err := c.act()
	c.m.acted.Done()
	if err == nil {
		<-c.m.settled
		err = c.catchUp()
	}
	if err == nil {
		err = c.check()
	}
	if err != nil {
		c.m.failf("client %d: %v", c.id, err)
	}
	if c.conn != nil {
		c.conn.nc.Close()
	}
}

// act acts until nothing is published any more.
func (c *modelClient) act() error {
	for more := true; more && !c.m.failed(); more = c.m.pace.grant(modelTokens) {
		if err := c.round(true); err != nil {
			return err
		}
	}
	return c.settle()
}

// modelTokens is how many publications a client's round is worth.
const modelTokens = 20

// round is one. A connection that ends in it is no error.
func (c *modelClient) round(acts bool) error {
	var err error
	if c.conn == nil {
		if err := c.connect(); err != nil {
			return err
		}
	}
	most := -1
	if c.conn == nil {
		return nil
	}
	if acts {
		for range c.rng.IntN(3) {
			err = errors.Join(err, c.ask())
		}
		switch c.rng.IntN(20) {
		case 0:
			most = c.rng.IntN(200)
		case 1, 2:
			c.m.pace.stall(200 + c.rng.IntN(6000))
		}
	}
	if err == nil {
		err = c.request(modelRequest{op: "ping"}, "")
	}
	for n := 0; err == nil && len(c.pending) > 0; n++ {
		if n == most {
			c.m.cuts.Add(1)
			return c.cut()
		}
		err = c.read()
	}
	return c.ended(err)
}

// ended makes of an error that the connection has ended none, if it may.
func (c *modelClient) ended(err error) error {
	var frame *closed
	var broken net.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errModel):
		return err
	case errors.As(err, &frame) && frame.code != int(live.CloseTooSlow):
		return err
	case errors.As(err, &broken) && broken.Timeout():
		return fmt.Errorf("%d requests are not answered: %w", len(c.pending), err)
	case c.patient:
		return fmt.Errorf("a client none of whose topics may end its connection: %w", err)
	}
	c.m.slow.Add(1)
	return c.cut()
}

// cut ends the connection, sometimes with a reset, and keeps what it knows.
func (c *modelClient) cut() error {
	if tcp, ok := c.conn.nc.(*net.TCPConn); ok && c.rng.IntN(2) == 0 {
		tcp.SetLinger(0)
	}
	c.conn.nc.Close()
	c.conn = nil
	for i := range c.pending {
		if r := &c.pending[i]; r.op == "publish" && r.dedup != "" {
			c.unsure = r
		}
	}
	c.pending, c.wildIn = nil, false
	for _, s := range c.streams {
		s.in = false
	}
	return nil
}

// connect connects, and subscribes again to what it was subscribed to, mostly from where
// it was.
func (c *modelClient) connect() error {
	nc, err := c.m.rig.connect()
	if err != nil {
		return err
	}
	c.session++
	c.conn, _, err = c.m.rig.askOver(nc, func(q *request) {
		q.line = fmt.Sprintf("GET /ws?client=c%d&n=%d HTTP/1.1", c.id, c.session)
	})
	if err != nil || c.conn == nil {
		return fmt.Errorf("connect: %v", err)
	}
	c.conn.br = bufio.NewReaderSize(c.conn.br, 16<<10)
	return c.resume()
}

// read reads and checks one message.
func (c *modelClient) read() error {
	message, err := c.conn.receive()
	if err != nil {
		return err
	}
	name, rest, isTopic := splitTopic(message)
	if !isTopic {
		return c.reply(message)
	}
	topic := c.m.byName[name]
	if topic == nil {
		return faultf("%.200s: of a topic that nobody knows", message)
	}
	s := c.streams[topic.index]
	if data, ok := strings.CutPrefix(rest, `"data":`); ok {
		e, rest, err := parseData(data)
		seq := parseSeq(rest)
		if err != nil || string(topic.frame(nil, seq, e)) != message {
			return faultf("%.300s: is not what was published", message)
		}
		if err := s.publication(seq, e); err != nil {
			return faultf("%s: %v", name, err)
		}
		return nil
	}
	return c.event(s, message)
}

// errModel is in all errors that say that the model and the server do not agree.
var errModel = errors.New("not as it should be")

func faultf(format string, args ...any) error {
	return fmt.Errorf("%w: %w", errModel, fmt.Errorf(format, args...))
}
