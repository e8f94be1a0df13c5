package live_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/livetopics/live"
)

// publish is one of the server's publishers.
func (m *model) publish(p uint16) {
	rng := m.random(1000 + int(p))
	for {
		n := m.pace.take(16)
		if n == 0 {
			return
		}
		for range n {
			topic := m.topics[rng.IntN(len(m.topics))]
			if err := m.publishOne(rng, topic, p); err != nil {
				m.failf("publish to %s: %v", topic.name, err)
				return
			}
		}
	}
}

// publishOne publishes in one of the ways that there are.
func (m *model) publishOne(rng *rand.Rand, topic *modelTopic, p uint16) error {
	e := modelEntry{publisher: p, n: topic.begun[p].Add(1)}
	way := rng.IntN(8)
	if way < 4 && topic.keys == 0 {
		return m.rig.server.Publish(topic.name, e.data(nil))
	}
	o := live.PublishOptions{Key: topic.key(e)}
	if way == 4 && topic.numbered() && topic.rule.Snapshot == nil {
		client := rng.IntN(modelClients)
		if s := m.sessions[client].Load(); s != nil {
			o.Except, e.except, e.session = s.session, uint16(client+1), s.n
		}
	}
	if way == 5 {
		o.Dedup = fmt.Sprint(e.publisher, ".", e.n)
	}
	data := e.data(nil)
	at, err := m.rig.server.PublishWith(context.Background(), topic.name, data, o)
	if err != nil {
		return err
	}
	clear(data) // it is the caller's again
	if err := m.acknowledged(topic, e, at); err != nil || o.Dedup == "" {
		return err
	}
	return m.repeat(topic, e, at, o)
}

// acknowledged notes the answer to a publication.
func (m *model) acknowledged(topic *modelTopic, e modelEntry, at live.Position) error {
	if topic.numbered() {
		return topic.log.acknowledge(at.Epoch, at.Seq, e)
	}
	if at != (live.Position{}) {
		return fmt.Errorf("%+v is at %+v, without history", e, at)
	}
	return nil
}

// repeat publishes the same again, and other data as the same.
func (m *model) repeat(topic *modelTopic, e modelEntry, first live.Position, o live.PublishOptions) error {
	at, err := m.rig.server.PublishWith(context.Background(), topic.name, e.data(nil), o)
	if err != nil || at != first {
		return fmt.Errorf("the repeat of what is at %+v is at %+v: %v", first, at, err)
	}
	_, err = m.rig.server.PublishWith(context.Background(), topic.name, []byte(`"other"`), o)
	if !errors.Is(err, live.ErrConflict) {
		return fmt.Errorf("other data with the same Dedup: %v", err)
	}
	return nil
}

// sayLastWord publishes to every topic when all others have published.
func (m *model) sayLastWord() {
	for _, topic := range m.topics {
		e := modelEntry{publisher: 0, n: topic.begun[0].Add(1)}
		at, err := m.rig.server.PublishWith(context.Background(), topic.name, e.data(nil), live.PublishOptions{Key: topic.key(e)})
		if err == nil {
			err = m.acknowledged(topic, e, at)
		}
		if err != nil {
			m.failf("publish the last word to %s: %v", topic.name, err)
		}
	}
}
