package natsbroker

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/livetopics/live/broker"
)

// once is for publications without history that have a Dedup. They are stored for the
// dedup window, and the stream itself passes each on to the topic's subject when it
// has it: so either both happens or nothing.
type once struct {
	b       *Broker // set once
	making  chan struct{}
	trouble trouble

	mu   sync.Mutex // guards the fields below
	made bool
	here map[string]accepted // without JetStream: what this node accepted
	next time.Time           // when to look for what is too old
}

// accepted is a publication that was accepted here.
type accepted struct {
	sum uint64
	at  time.Time
}

func (o *once) name() string { return o.b.opts.Prefix + "_d" }

// publishOnce publishes a message unless a repeat of it was within the window.
func (b *Broker) publishOnce(ctx context.Context, m *broker.Message) error {
	o := &b.once
	if err := o.ready(ctx); errors.Is(err, broker.ErrUnsupported) {
		return o.publishHere(ctx, m)
	} else if err != nil {
		return err
	}
	if err := o.trouble.enter(); err != nil {
		return err
	}
	err := o.store(ctx, m)
	o.trouble.leave(err)
	return err
}

func (o *once) store(ctx context.Context, m *broker.Message) error {
	b, sum := o.b, sumOf(m)
	msg := nats.Msg{
		Subject: string(appendSubject([]byte(b.subjects.once), m.Topic)),
		Header:  nats.Header{"Nats-Msg-Id": {hashOf(m.Topic, m.Dedup)}},
		Data:    appendFrame(nil, m, b.ids.Add(1), sum),
	}
	for wait := 10 * time.Millisecond; ; wait *= 2 {
		a, err := b.store(ctx, &msg)
		switch {
		case errors.Is(err, errNobodyThere) && wait < patience, is(err, codeInProcess):
			if err := pause(ctx, wait); err != nil {
				return err
			}
			continue
		case errors.Is(err, errNobodyThere):
			o.mu.Lock()
			o.made = false
			o.mu.Unlock()
			return err
		case err == nil && a.Duplicate:
			return b.repeats(ctx, o.name(), a.Seq, sum)
		}
		return err
	}
}

// ready makes the stream if need be.
func (o *once) ready(ctx context.Context) error {
	if o.isMade() {
		return nil
	}
	select {
	case o.making <- struct{}{}:
		defer func() { <-o.making }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if o.isMade() {
		return nil
	}
	subjects := &o.b.subjects
	c := o.b.plan(o.name(), subjects.once+">")
	c.MaxAge, c.Window = dedupWindow, dedupWindow
	c.Republish = &republish{From: subjects.once + ">", To: subjects.plain + ">"}
	if _, err := o.b.makeStream(ctx, c); err != nil {
		return err
	}
	o.mu.Lock()
	o.made = true
	o.mu.Unlock()
	return nil
}

func (o *once) isMade() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.made
}

// publishHere publishes a message unless this node has published a repeat of it: all
// that can be done without JetStream.
func (o *once) publishHere(ctx context.Context, m *broker.Message) error {
	id, now, sum := hashOf(m.Topic, m.Dedup), time.Now(), sumOf(m)
	o.mu.Lock()
	defer o.mu.Unlock()
	if first, ok := o.here[id]; ok && now.Sub(first.at) < dedupWindow {
		if first.sum != sum {
			return broker.ErrConflict
		}
		return nil
	}
	if err := o.b.publishPlain(ctx, m); err != nil {
		return err
	}
	if o.here == nil {
		o.here = make(map[string]accepted)
	}
	o.here[id] = accepted{sum, now}
	if now.After(o.next) {
		o.next = now.Add(dedupWindow / 4)
		for id, a := range o.here {
			if now.Sub(a.at) >= dedupWindow {
				delete(o.here, id)
			}
		}
	}
	return nil
}
