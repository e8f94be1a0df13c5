package natsbroker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/livetopics/live/broker"
)

// mostAtOnce is how many messages are asked for at once: JetStream's limit for the
// newest of several subjects.
const mostAtOnce = 1024

// batch is what a request for several messages found.
type batch struct {
	messages []stored
	pending  uint64 // how many more there are
	upTo     uint64 // as of which number of the stream, for the newest of several subjects
	last     uint64 // the number of the last of messages
}

// direct asks any server that has the stream, which may be behind the leader, for up
// to q.Batch messages, or for the newest of each of q.MultiLast.
func (b *Broker) direct(ctx context.Context, stream string, q getRequest) (batch, error) {
	var found batch
	if q.Batch == 0 && len(q.MultiLast) == 0 {
		q.Batch = 1
	}
	data, err := json.Marshal(q)
	if err != nil {
		return found, fmt.Errorf("natsbroker: failed to encode a request: %w", err)
	}
	room := max(q.Batch, len(q.MultiLast))
	if len(q.MultiLast) > 0 {
		room = mostAtOnce
	}
	m := &nats.Msg{Subject: "$JS.API.DIRECT.GET." + stream, Data: data}
	end := time.Now().Add(patience)
	for wait := 10 * time.Millisecond; ; wait *= 2 {
		found, err = b.readBatch(ctx, m, room+1)
		// Nobody answers for a stream that was just made, or of which a server is gone.
		again := errors.Is(err, errNobodyThere) || errors.Is(err, errNoAnswer)
		if !again || time.Now().After(end) {
			break
		}
		if err := pause(ctx, wait); err != nil {
			return found, err
		}
	}
	if err != nil {
		return batch{}, fmt.Errorf("natsbroker: reading stream %s: %w", stream, err)
	}
	return found, nil
}

// readBatch sends a request for several messages and takes them.
func (b *Broker) readBatch(ctx context.Context, m *nats.Msg, room int) (found batch, err error) {
	var failed error
	err = b.calls.many(ctx, m, room, func(a *nats.Msg) bool {
		more, err := found.take(a)
		failed = err
		return more
	})
	return found, errors.Join(err, failed)
}

// errRead says that a stream's server does not answer as expected.
var errRead = fmt.Errorf("%w: unexpected answer of JetStream", broker.ErrUnavailable)

// errTooMany says that more subjects match than can be read at once.
var errTooMany = fmt.Errorf("%w: too many subjects", broker.ErrUnavailable)

// take takes one answer, and reports whether there are more to come.
func (f *batch) take(m *nats.Msg) (more bool, err error) {
	switch s := status(m); s {
	case "":
		s, err := storedIn(m)
		if err != nil {
			return false, err
		}
		if err := f.follows(m); err != nil {
			return false, err
		}
		f.messages, f.last = append(f.messages, s), s.seq
		return true, nil
	case "204":
		if err := f.follows(m); err != nil {
			return false, err
		}
		f.pending, _ = number(m.Header, "Nats-Num-Pending")
		f.upTo, _ = number(m.Header, "Nats-UpTo-Sequence")
		return false, nil
	case "404":
		return false, nil
	case "413":
		return false, errTooMany
	default:
		return false, fmt.Errorf("%w: %s %v", errRead, s, m.Header["Description"])
	}
}

// follows returns an error if an answer does not come right after the one before: what
// is between was lost on its way, and must not be taken for what is not stored.
func (f *batch) follows(m *nats.Msg) error {
	if before, ok := number(m.Header, "Nats-Last-Sequence"); ok && before != f.last {
		return fmt.Errorf("%w: answers after the one of %d are missing", errNoAnswer, f.last)
	}
	return nil
}

// storedIn reads a message of a stream as it was sent by a direct get or a republish.
func storedIn(m *nats.Msg) (stored, error) {
	seq, ok := number(m.Header, "Nats-Sequence")
	at := m.Header["Nats-Time-Stamp"]
	if !ok || len(at) == 0 {
		return stored{}, errRead
	}
	t, err := time.Parse(time.RFC3339Nano, at[0])
	if err != nil {
		return stored{}, fmt.Errorf("%w: %w", errRead, err)
	}
	s := stored{seq: seq, at: t, data: m.Data}
	s.pending, _ = number(m.Header, "Nats-Num-Pending")
	if subject := m.Header["Nats-Subject"]; len(subject) > 0 {
		s.subject = subject[0]
	}
	return s, nil
}

// number reads a number from a header.
func number(h nats.Header, name string) (uint64, bool) {
	v := h[name]
	if len(v) == 0 {
		return 0, false
	}
	n, err := strconv.ParseUint(v[0], 10, 64)
	return n, err == nil
}
