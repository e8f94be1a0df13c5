package main

import (
	"errors"
	"sync"

	"github.com/centrifugal/centrifuge"
	"github.com/centrifugal/protocol"
	"github.com/nats-io/nats.go"
)

// subjects begin with this; the channel follows.
const subjectPrefix = "centrifuge.client."

// errNoHistory says what this broker has not.
var errNoHistory = errors.New("no history on NATS")

// natsBroker is the least that puts centrifuge on NATS, after the documented design of Centrifugo's own broker,
// which is not part of the library: a core subject for each channel, the publication in the protocol's Protobuf
// form, at most once, no history. It knows publications alone, since the bench has no joins.
type natsBroker struct {
	conn    *nats.Conn
	handler centrifuge.BrokerEventHandler // set once, by the node

	mu   sync.Mutex // guards subs
	subs map[string]*nats.Subscription
}

var _ centrifuge.Broker = (*natsBroker)(nil)

func newNATSBroker(url string) (*natsBroker, error) {
	conn, err := nats.Connect(url)
	return &natsBroker{conn: conn, subs: make(map[string]*nats.Subscription)}, err
}

// RegisterBrokerEventHandler is told where publications go.
func (b *natsBroker) RegisterBrokerEventHandler(h centrifuge.BrokerEventHandler) error {
	b.handler = h
	return nil
}

// Subscribe subscribes to the channels' subjects, and returns when the server knows of it.
func (b *natsBroker) Subscribe(channels ...string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, channel := range channels {
		if b.subs[channel] != nil {
			continue
		}
		sub, err := b.conn.Subscribe(subjectPrefix+channel, func(m *nats.Msg) { b.receive(channel, m.Data) })
		if err != nil {
			return err
		}
		b.subs[channel] = sub
	}
	return b.conn.Flush()
}

// receive hands on what came for a channel.
func (b *natsBroker) receive(channel string, data []byte) {
	var p protocol.Publication
	if err := p.UnmarshalCF(data); err != nil {
		return
	}
	_ = b.handler.HandlePublication(channel, &centrifuge.Publication{Data: p.Data}, centrifuge.StreamPosition{}, false, nil)
}

// Unsubscribe ends what Subscribe began.
func (b *natsBroker) Unsubscribe(channels ...string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, channel := range channels {
		if sub := b.subs[channel]; sub != nil {
			delete(b.subs, channel)
			if err := sub.Unsubscribe(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Publish sends a publication on its way, and waits for nothing.
func (b *natsBroker) Publish(channel string, data []byte, _ centrifuge.PublishOptions) (centrifuge.PublishResult, error) {
	message, err := (&protocol.Publication{Data: data}).MarshalCF()
	if err != nil {
		return centrifuge.PublishResult{}, err
	}
	return centrifuge.PublishResult{}, b.conn.Publish(subjectPrefix+channel, message)
}

// PublishJoin does nothing.
func (b *natsBroker) PublishJoin(string, *centrifuge.ClientInfo) error { return nil }

// PublishLeave does nothing.
func (b *natsBroker) PublishLeave(string, *centrifuge.ClientInfo) error { return nil }

// History fails: there is none.
func (b *natsBroker) History(string, centrifuge.HistoryOptions) ([]*centrifuge.Publication, centrifuge.StreamPosition, error) {
	return nil, centrifuge.StreamPosition{}, errNoHistory
}

// RemoveHistory fails: there is none.
func (b *natsBroker) RemoveHistory(string) error { return errNoHistory }
