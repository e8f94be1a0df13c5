package redisbroker

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/redis/rueidis"

	"github.com/livetopics/live/broker"
)

// Publish returns when the server has stored the message and spread it, which is one
// round trip; calls at the same time share it. A message with a Dedup is sent again if
// the connection breaks meanwhile. Errors: ErrConflict, ErrTooLarge, ErrUnavailable,
// ErrClosed, or that of the context.
func (b *Broker) Publish(ctx context.Context, m *broker.Message) (broker.Position, error) {
	if err := b.check(ctx); err != nil {
		return broker.Position{}, err
	}
	if len(m.Data) > b.o.MaxBytes {
		return broker.Position{}, fail(ctx, "publish to "+m.Topic, errTooLarge)
	}
	if m.History.On() || m.Dedup != "" {
		p, err := b.publishKept(ctx, m)
		return p, fail(ctx, "publish to "+m.Topic, err)
	}
	return broker.Position{}, fail(ctx, "publish to "+m.Topic, b.publishPlain(ctx, m))
}

// publishPlain spreads what is not remembered.
func (b *Broker) publishPlain(ctx context.Context, m *broker.Message) error {
	packed, channel := pack(m), b.names.publish(m.Topic)
	return b.call(ctx, false, func(c rueidis.Client) error {
		if c.Mode() != rueidis.ClientModeCluster {
			return c.Do(ctx, c.B().Publish().Channel(channel).Message(b.plainHead(false)+packed).Build()).Error()
		}
		wild := b.wildChannel(m.Topic)
		packed := b.plainHead(wild != "") + packed
		if wild != "" {
			return scripts.spread.run(ctx, c, []string{channel}, []string{packed, wild}).Error()
		}
		return c.Do(ctx, c.B().Spublish().Channel(channel).Message(packed).Build()).Error()
	})
}

// publishKept publishes what is remembered, in its history or for its Dedup.
func (b *Broker) publishKept(ctx context.Context, m *broker.Message) (broker.Position, error) {
	keys := []string{b.names.meta(m.Topic), b.names.stream(m.Topic)}
	sum := ""
	if m.Dedup != "" {
		keys = append(keys, b.names.dedup(m.Topic, m.Dedup))
		sum = fingerprint(m)
	}
	era := b.era.Load()
	known, err := b.certain(ctx, m, era)
	if err != nil {
		return broker.Position{}, err
	}
	args := []string{
		pack(m), "PUBLISH", b.names.publish(m.Topic), "",
		strconv.Itoa(max(m.History.Size, 0)), milliseconds(m.History.Age),
		b.base, known.epoch, number(known.seq), sum, b.plainHead(false),
	}
	var at cursor
	err = b.call(ctx, m.Dedup != "", func(c rueidis.Client) (err error) {
		if c.Mode() == rueidis.ClientModeCluster {
			wild := b.wildChannel(m.Topic)
			args[1], args[3], args[10] = "SPUBLISH", wild, b.plainHead(wild != "")
		}
		at, err = parsePosition(scripts.publish.run(ctx, c, keys, args))
		return err
	})
	if err != nil || !m.History.On() {
		return broker.Position{}, err
	}
	at.era = era
	b.table.learn(m.Topic, at)
	return broker.Position{Epoch: at.epoch, Seq: at.seq}, nil
}

// certain returns what this node knows of the topic. If it is from before the connection
// broke, it is compared first with what is stored: others may have published on older
// data, and so have gone beyond what this node knows.
func (b *Broker) certain(ctx context.Context, m *broker.Message, era uint32) (cursor, error) {
	if !m.History.On() {
		return cursor{}, nil
	}
	known := b.table.position(m.Topic, era)
	if known.epoch == "" || known.era == era {
		return known, nil
	}
	if _, err := b.history(ctx, m.Topic, m.History, "since", broker.Query{}); err != nil {
		return cursor{}, err
	}
	return b.table.position(m.Topic, era), nil
}

// parsePosition reads the reply of publish.lua.
func parsePosition(r rueidis.RedisResult) (c cursor, err error) {
	reply, err := r.ToMessage()
	if err != nil {
		return c, err
	}
	if reply.IsInt64() {
		if n, _ := reply.AsInt64(); n != 0 {
			return c, broker.ErrConflict
		}
		return c, nil
	}
	place, err := reply.ToString()
	if err != nil {
		return c, err
	}
	epoch, rest, ok1 := strings.Cut(place, ":")
	seq, at, ok2 := strings.Cut(rest, ":")
	c.epoch = epoch
	var err1, err2 error
	c.seq, err1 = strconv.ParseUint(seq, 10, 64)
	c.at, err2 = strconv.ParseInt(at, 10, 64)
	if !ok1 || !ok2 || err1 != nil || err2 != nil {
		return c, errReply
	}
	return c, nil
}

// fingerprint tells messages of one Dedup apart, on all nodes alike.
func fingerprint(m *broker.Message) string {
	sent := m.Sent
	if sent == nil {
		sent = m.Data
	}
	h := sha256.New()
	h.Write([]byte(m.Key))
	h.Write([]byte{0}) // no key has one
	h.Write(sent)
	var sum [sha256.Size]byte
	return base64.RawStdEncoding.EncodeToString(h.Sum(sum[:0])[:16])
}
