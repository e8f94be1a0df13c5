package natsbroker

import (
	"context"
	"sync"
	"time"

	"github.com/livetopics/live/broker"
)

// How holes are filled.
const (
	fillPage  = 256
	fillBytes = 4 << 20
	fillers   = 8    // topics at once
	fillTries = 20   // of a server that is behind
	fillPages = 1000 // in a row, then others have their turn
)

// fills are the topics in which something is missing.
type fills struct {
	mu      sync.Mutex // guards the fields below
	line    []*topic
	running int
}

// fill reads what is missing of a topic, which is marked as filling, soon.
func (b *Broker) fill(topics ...*topic) {
	f := &b.fills
	f.mu.Lock()
	defer f.mu.Unlock()
	f.line = append(f.line, topics...)
	for range topics {
		if f.running == fillers || b.ctx.Err() != nil {
			return
		}
		f.running++
		b.start(b.fillAll) // ends when no topic waits
	}
}

func (b *Broker) fillAll() {
	f := &b.fills
	for {
		f.mu.Lock()
		if len(f.line) == 0 || b.ctx.Err() != nil {
			f.running--
			f.mu.Unlock()
			return
		}
		t := f.line[0]
		f.line = f.line[1:]
		f.mu.Unlock()
		if err := b.fillOne(b.ctx, t); err != nil {
			b.opts.Logger.Debug("natsbroker: a hole is not filled yet", "topic", t.name, "error", err)
			b.maintain.again(t)
		}
	}
}

// fillOne delivers what is missing of a topic, and then lets it go on by itself.
func (b *Broker) fillOne(ctx context.Context, t *topic) error {
	s := t.stream
	e, err := s.ready(ctx)
	if err != nil {
		return err
	}
	for try, pages := 0, 0; ; pages++ {
		from, more := t.missing(e)
		if !more {
			return nil
		}
		if pages > fillPages {
			return errNoAnswer
		}
		found, err := b.direct(ctx, s.name, getRequest{Seq: from.last + 1, Next: s.subject(t.name), Batch: fillPage, MaxBytes: fillBytes})
		if err != nil {
			return err
		}
		if pages == 0 && from.last > 0 {
			if err := b.tellLost(ctx, t, from); err != nil {
				return err
			}
		}
		if len(found.messages) > 0 {
			b.counters.filled.Add(uint64(t.deliverAll(b.deliver, from.epoch, found.messages)))
			continue
		}
		if try++; try < fillTries {
			if err := b.settle(ctx, t, from); err != nil {
				return err
			}
			continue
		}
		return errNoAnswer
	}
}

// settle is for when a server has nothing of what is missing: it may be behind, and
// has a little time; or there is nothing any more.
func (b *Broker) settle(ctx context.Context, t *topic, from place) error {
	head, err := b.get(ctx, t.stream.name, getRequest{Last: t.stream.subject(t.name)})
	switch {
	case is(err, codeNotFound), err == nil && head.seq <= from.last:
		t.giveUp(b, from)
		return nil
	case err != nil:
		return err
	}
	return pause(ctx, 20*time.Millisecond)
}

// tellLost tells of what is missing and has gone. Of a topic of which as much is stored
// as there may be, that is whatever there was before the oldest; else only what may
// have expired.
func (b *Broker) tellLost(ctx context.Context, t *topic, from place) error {
	s := t.stream
	found, err := b.direct(ctx, s.name, getRequest{Seq: 1, Next: s.subject(t.name), Batch: 1})
	if err != nil || len(found.messages) == 0 {
		return err
	}
	oldest := found.messages[0]
	if oldest.seq <= from.last+1 {
		return nil
	}
	upTo := s.expired(from.epoch, time.Now())
	if s.full(oldest.pending + 1) {
		upTo = oldest.seq
	}
	t.lose(b, from, min(upTo, oldest.seq-1))
	return nil
}

// place is how far a topic has been delivered.
type place struct {
	epoch *epoch
	last  uint64
	want  uint64
}

// missing returns after what something is missing; if nothing is, the topic goes on by
// itself. e is the stream's epoch, for a topic that has none yet.
func (t *topic) missing(e *epoch) (p place, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.epoch == nil {
		t.epoch = e
	}
	if t.ended || t.want <= t.last {
		t.filling = false
		return p, false
	}
	return place{t.epoch, t.last, t.want}, true
}

// at reports whether the topic is still where it was. t.mu is held.
func (t *topic) at(p place) bool { return !t.ended && t.epoch == p.epoch && t.last == p.last }

// deliverAll delivers what was read, and returns how much.
func (t *topic) deliverAll(d broker.Deliver, e *epoch, all []stored) (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range all {
		var f frame
		m := &all[i]
		if t.ended || t.epoch != e || m.seq <= t.last {
			continue
		}
		t.last = m.seq
		if !parseFrame(m.data, &f) {
			continue
		}
		f.m.Seq, f.m.At = m.seq, m.at.UnixMilli()
		d(t.name, e.Name, &f.m)
		n++
	}
	return n
}

// lose tells that all up to a number cannot be delivered.
func (t *topic) lose(b *Broker, p place, upTo uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.at(p) || upTo <= t.last {
		return
	}
	first := t.last + 1
	t.last = upTo
	b.counters.lost.Add(1)
	b.deliver(t.name, t.epoch.Name, &broker.Publication{Lost: first, Seq: upTo})
}

// giveUp tells that what is missing is nowhere any more.
func (t *topic) giveUp(b *Broker, p place) { t.lose(b, p, p.want) }
