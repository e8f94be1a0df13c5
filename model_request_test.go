package live_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livetopics/live"
)

// modelRequest is one of a client's requests.
type modelRequest struct {
	op    string
	id    int
	batch bool
	asked []modelAsk // of subscribe and unsubscribe

	topic *modelTopic // of publish and history
	entry modelEntry
	dedup string
	least uint64 // the topic's newest publication had at least this number
	since bool
	limit int
}

// modelAsk is one topic of a request.
type modelAsk struct {
	stream *modelStream
	again  bool   // it is subscribed already
	since  bool   // from where it was
	epoch  string // which is this
	seq    uint64
	last   int
	least  uint64
}

// request sends a request; members are those beside op and id.
func (c *modelClient) request(r modelRequest, members string) error {
	c.requests++
	r.id = c.requests
	c.pending = append(c.pending, r)
	text := fmt.Sprintf(`{"op":%q,"id":%d%s}`, r.op, r.id, members)
	return c.conn.write(frame(true, opText, text))
}

// pick returns some of the topics that it is subscribed to, or is not.
func (c *modelClient) pick(wanted bool, most int) (list []*modelStream) {
	for _, i := range c.rng.Perm(len(c.streams)) {
		if s := c.streams[i]; s.wanted == wanted && c.may(s.topic) && len(list) < most {
			list = append(list, s)
		}
	}
	return list
}

// ask asks for something.
func (c *modelClient) ask() error {
	switch way := c.rng.IntN(16); {
	case way < 7:
		if some := c.pick(false, 1+c.rng.IntN(4)); len(some) > 0 {
			return c.subscribe(some, c.rng.IntN(4) > 0)
		}
	case way < 9:
		if some := c.pick(true, 1+c.rng.IntN(2)); len(some) > 0 && !c.wild && c.mayChange(some) {
			return c.unsubscribe(some)
		}
	case way < 10:
		if some := c.pick(true, 1); len(some) > 0 && c.mayChange(some) {
			return c.subscribeAgain(some[0])
		}
	case way < 14:
		return c.publish()
	default:
		return c.history()
	}
	return nil
}

// mayChange reports whether the client may end or repeat subscriptions. What waits of
// Replay from before that stays in the queue, and can fill it: a patient client does not.
func (c *modelClient) mayChange(some []*modelStream) bool {
	return !c.patient || !slices.ContainsFunc(some, func(s *modelStream) bool { return s.topic.rule.Overflow == live.Replay })
}

// resume subscribes to what it was subscribed to.
func (c *modelClient) resume() error {
	if c.wild {
		if err := c.request(modelRequest{op: "subscribe"}, `,"topic":"wild:*"`); err != nil {
			return c.ended(err)
		}
	}
	err := c.repeat()
	some := c.pick(true, len(c.streams))
	for len(some) > 0 && err == nil {
		n := min(len(some), 1+c.rng.IntN(len(some)))
		err = c.subscribe(some[:n], c.rng.IntN(8) > 0)
		some = some[n:]
	}
	return c.ended(err)
}

// subscribe subscribes to topics, one alone or some at once, where it can from where it
// was.
func (c *modelClient) subscribe(some []*modelStream, since bool) error {
	r := modelRequest{op: "subscribe", batch: len(some) > 1 || c.rng.IntN(2) == 0}
	last := 0
	if !since && !c.wild && c.rng.IntN(2) == 0 {
		last = 1 + c.rng.IntN(300)
	}
	var positions []string
	for _, s := range some {
		s.wanted = true
		a := modelAsk{stream: s, since: since && s.epoch != "" && !c.wildcard(s.topic), epoch: s.epoch, seq: s.seq, least: s.topic.log.least()}
		position := "null"
		if a.since {
			position = fmt.Sprintf(`{"epoch":%q,"seq":%d}`, a.epoch, a.seq)
		} else if !c.wildcard(s.topic) {
			a.last = last
		}
		r.asked = append(r.asked, a)
		positions = append(positions, fmt.Sprintf(`%q:%s`, s.topic.name, position))
		if !r.batch {
			members := fmt.Sprintf(`,"topic":%q`, s.topic.name)
			if a.since {
				members += `,"since":` + position
			} else if a.last > 0 {
				members += fmt.Sprintf(`,"last":%d`, a.last)
			}
			return c.request(r, members)
		}
	}
	members := `,"topics":{` + strings.Join(positions, ",") + `}`
	if last > 0 {
		for i := range r.asked {
			r.asked[i].last = last
		}
		members += fmt.Sprintf(`,"last":%d`, last)
	}
	return c.request(r, members)
}

// wildcard reports whether the client's wildcard matches the topic.
func (c *modelClient) wildcard(t *modelTopic) bool {
	return c.wild && strings.HasPrefix(t.name, "wild:")
}

// subscribeAgain subscribes to what it is subscribed to.
func (c *modelClient) subscribeAgain(s *modelStream) error {
	a := modelAsk{stream: s, again: true, least: s.topic.log.least()}
	members := fmt.Sprintf(`,"topic":%q`, s.topic.name)
	if c.rng.IntN(4) == 0 {
		a.since = true
		members += `,"since":{"epoch":"e","seq":1}`
	}
	return c.request(modelRequest{op: "subscribe", asked: []modelAsk{a}}, members)
}

func (c *modelClient) unsubscribe(some []*modelStream) error {
	r := modelRequest{op: "unsubscribe", batch: len(some) > 1}
	var names []string
	for _, s := range some {
		s.wanted = false
		r.asked = append(r.asked, modelAsk{stream: s})
		names = append(names, fmt.Sprintf("%q", s.topic.name))
	}
	if r.batch {
		return c.request(r, `,"topics":[`+strings.Join(names, ",")+`]`)
	}
	return c.request(r, `,"topic":`+names[0])
}

// publish publishes, sometimes so that it does not come back.
func (c *modelClient) publish() error {
	topic := c.m.topics[c.rng.IntN(len(c.m.topics))]
	if !topic.clients || c.unsure != nil {
		return nil
	}
	c.counts[topic.index]++
	r := modelRequest{op: "publish", topic: topic}
	r.entry = modelEntry{publisher: uint16(modelPublishers + 1 + c.id), n: c.counts[topic.index]}
	if c.rng.IntN(3) == 0 {
		r.entry.except, r.entry.session = uint16(c.id+1), c.session
	}
	if r.entry.except != 0 || c.rng.IntN(2) == 0 {
		r.dedup = fmt.Sprint(r.entry.n)
	}
	return c.sendPublish(r)
}

func (c *modelClient) sendPublish(r modelRequest) error {
	members := fmt.Sprintf(`,"topic":%q,"data":%s`, r.topic.name, r.entry.data(nil))
	if key := r.topic.key(r.entry); key != "" {
		members += fmt.Sprintf(`,"key":%q`, key)
	}
	if r.dedup != "" {
		members += fmt.Sprintf(`,"dedup":%q`, r.dedup)
	}
	if r.entry.except != 0 {
		members += `,"echo":false`
	}
	return c.request(r, members)
}

// repeat publishes again what it does not know of whether it was published.
func (c *modelClient) repeat() error {
	if c.unsure == nil {
		return nil
	}
	r := *c.unsure
	c.unsure = nil
	return c.sendPublish(r)
}

// history asks for a page of it.
func (c *modelClient) history() error {
	topic := c.m.topics[c.rng.IntN(len(c.m.topics))]
	if !topic.numbered() {
		return nil
	}
	r := modelRequest{op: "history", topic: topic, least: topic.log.least(), limit: 1 + c.rng.IntN(20)}
	members := fmt.Sprintf(`,"topic":%q,"limit":%d`, topic.name, r.limit)
	if s := c.streams[topic.index]; s.epoch != "" && c.rng.IntN(2) == 0 {
		r.since = true
		members += fmt.Sprintf(`,"since":{"epoch":%q,"seq":%d}`, s.epoch, s.seq)
	}
	return c.request(r, members)
}
