package natsbroker

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/livetopics/live/broker"
)

// headerRoom is how much of the server's largest message is kept free for headers.
const headerRoom = 1024

// frames are buffers for what is being sent.
var frames = sync.Pool{New: func() any { return new([]byte) }}

// Publish returns, on a topic without history, when the message is handed to the
// connection, and waits only while the server is behind with confirming others; one
// with a Dedup is stored for the dedup window first. On a topic with history it returns
// when a majority of the stream's replicas has it.
func (b *Broker) Publish(ctx context.Context, m *broker.Message) (broker.Position, error) {
	if err := b.enter(ctx); err != nil {
		return broker.Position{}, err
	}
	if most := b.conn.MaxPayload() - headerRoom; int64(len(m.Data)+len(m.Key)+len(m.Origin)+32) > most {
		return broker.Position{}, fmt.Errorf("%w: %d bytes, and NATS takes %d (max_payload)", broker.ErrTooLarge, len(m.Data), most)
	}
	var p broker.Position
	var err error
	switch {
	case m.History.On():
		p, err = b.publishKept(ctx, m)
	case m.Dedup != "":
		err = b.publishOnce(ctx, m)
	default:
		err = b.publishPlain(ctx, m)
	}
	return p, b.outcome(err)
}

// publishPlain hands the message to the connection. What is not confirmed when that
// breaks is counted.
func (b *Broker) publishPlain(ctx context.Context, m *broker.Message) error {
	w := &b.window
	if w.full() {
		if err := b.room(ctx); err != nil {
			return err
		}
	}
	breaks := w.breaks.Load()
	buf := frames.Get().(*[]byte)
	*buf = appendFrame((*buf)[:0], m, b.ids.Add(1), 0)
	size := len(*buf)
	err := b.conn.Publish(b.plainSubject(m.Topic), *buf)
	b.recycle(buf)
	if err != nil {
		return sendError(err)
	}
	w.add(size)
	if w.breaks.Load() != breaks {
		return errBroke // it may not have been counted
	}
	return nil
}

// recycle keeps a buffer for others, unless it is large.
func (b *Broker) recycle(buf *[]byte) {
	if cap(*buf) <= 64<<10 {
		frames.Put(buf)
	}
}

func (b *Broker) plainSubject(topic string) string {
	var buf [320]byte
	return string(appendSubject(append(buf[:0], b.subjects.plain...), topic))
}

// ack is JetStream's answer to a message that it was to store.
type ack struct {
	Seq       uint64    `json:"seq"`
	Duplicate bool      `json:"duplicate"`
	Error     *apiError `json:"error"`
}

// store has a stream store a message, and returns where.
func (b *Broker) store(ctx context.Context, m *nats.Msg) (ack, error) {
	a, err := b.calls.one(ctx, m, answerWait)
	if err != nil {
		return ack{}, err
	}
	return parseAck(a.Data)
}

// parseAck reads the usual answer, {"stream":"NAME","seq":N}, without decoding it.
func parseAck(data []byte) (ack, error) {
	if i := bytes.Index(data, []byte(`","seq":`)); i > 0 && data[len(data)-1] == '}' && bytes.HasPrefix(data, []byte(`{"stream":"`)) {
		digits := data[i+8 : len(data)-1]
		n := uint64(0)
		for _, c := range digits {
			if c < '0' || c > '9' || len(digits) > 18 {
				n = 0
				break
			}
			n = n*10 + uint64(c-'0')
		}
		if n > 0 {
			return ack{Seq: n}, nil
		}
	}
	var a ack
	if err := json.Unmarshal(data, &a); err != nil {
		return a, fmt.Errorf("natsbroker: JetStream's acknowledgement: %w: %w", broker.ErrUnavailable, err)
	}
	if a.Error != nil {
		return a, fmt.Errorf("natsbroker: JetStream did not store a message: %w", a.Error)
	}
	return a, nil
}

// publishKept stores the message in its topic's history.
func (b *Broker) publishKept(ctx context.Context, m *broker.Message) (broker.Position, error) {
	s := b.stream(m.History)
	e, err := s.ready(ctx)
	if err != nil {
		return broker.Position{}, err
	}
	msg := nats.Msg{Subject: s.subject(m.Topic)}
	sum := uint64(0)
	if m.Dedup != "" {
		sum = sumOf(m)
		msg.Header = nats.Header{"Nats-Msg-Id": {hashOf(m.Topic, m.Dedup)}}
	}
	buf := frames.Get().(*[]byte)
	*buf = appendFrame((*buf)[:0], m, 0, sum)
	msg.Data = *buf
	before := s.high.Load()
	a, err := s.store(ctx, &msg)
	b.recycle(buf)
	if err != nil {
		return broker.Position{}, err
	}
	if a.Duplicate {
		if err := b.repeats(ctx, s.name, a.Seq, sum); err != nil {
			return broker.Position{}, err
		}
		return broker.Position{Epoch: e.Name, Seq: a.Seq}, nil
	}
	if a.Seq <= before { // the numbers run backwards
		if e, err = s.again(ctx); err != nil {
			return broker.Position{}, err
		}
	}
	if now := s.epoch.Load(); now.Name == e.Name {
		raise(&s.high, a.Seq)
	}
	b.expect(s, msg.Subject, a.Seq)
	return broker.Position{Epoch: e.Name, Seq: a.Seq}, nil
}

// store has the stream store a message. While it has no leader, which is when nobody
// answers for it, it is tried again for a moment; so it is while a repeat is being
// stored.
func (s *stream) store(ctx context.Context, m *nats.Msg) (a ack, err error) {
	if err := s.trouble.enter(); err != nil {
		return a, err
	}
	defer func() { s.trouble.leave(err) }()
	end := time.Now().Add(patience)
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, 200*time.Millisecond) {
		a, err = s.b.store(ctx, m)
		again := errors.Is(err, errNobodyThere) || is(err, codeInProcess)
		if !again || time.Now().After(end) || s.trouble.lasts() {
			if errors.Is(err, errNobodyThere) {
				s.doubt()
			}
			return a, err
		}
		if err := pause(ctx, wait); err != nil {
			return a, err
		}
	}
}

// sumOf tells messages of one Dedup apart: what a repeat has to be equal in. Never 0.
func sumOf(m *broker.Message) uint64 {
	data := m.Sent
	if data == nil {
		data = m.Data
	}
	h := sha256.New()
	h.Write([]byte(m.Key))
	h.Write([]byte{0}) // no key has one
	h.Write(data)
	var sum [sha256.Size]byte
	return binary.BigEndian.Uint64(h.Sum(sum[:0])) | 1
}

// repeats compares a repeat with the first, unless that has made room for newer ones.
func (b *Broker) repeats(ctx context.Context, stream string, seq, sum uint64) error {
	first, err := b.get(ctx, stream, getRequest{Seq: seq})
	if is(err, codeNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var f frame
	if parseFrame(first.data, &f) && f.sum != 0 && f.sum != sum {
		return broker.ErrConflict
	}
	return nil
}

// raise makes n at least to.
func raise(n *atomic.Uint64, to uint64) {
	for {
		old := n.Load()
		if old >= to || n.CompareAndSwap(old, to) {
			return
		}
	}
}
