package natsbroker

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// epoch is what all nodes call the numbers of a stream, as long as they only grow. It
// is written down in the stream itself, so that it is lost with it: who finds none
// writes a new one, and of several nodes that do so at once the first has it.
type epoch struct {
	Name string `json:"epoch"`

	// Clock says how far the stream was at some times: all up to a number was stored by
	// then, so that it is known which may have expired.
	Clock []tick `json:"clock"`

	seq uint64 // of the message that says so
}

// tick is a moment, in Unix milliseconds, and the stream's last number then.
type tick struct {
	At  int64  `json:"at"`
	Seq uint64 `json:"seq"`
}

// ticks is into how many parts the clock divides the time for which messages are stored.
const ticks = 16

// backwards is how often a stream must be found to be shorter than it was before it
// is believed: a new leader may not have all at once.
const backwards = 4

// notYet is how often a stream may be found not to be there before it is believed: the
// server that leads one that was just made may not have it yet.
const notYet = 10

// verify reads the stream's epoch, or begins one: where there is none, or where the
// numbers run backwards. The caller holds s.making.
func (s *stream) verify(ctx context.Context) (*epoch, error) {
	shorter, absent := 0, 0
	for range 16 {
		high := s.high.Load()
		now := time.Now().UnixMilli()
		info, e, err := s.look(ctx)
		if is(err, codeNoStream) && absent < notYet {
			absent++
			if err := pause(ctx, patience/notYet); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			s.doubtIfGone(err)
			return nil, err
		}
		if old := s.epoch.Load(); old != nil && old.Name != e.Name {
			high = 0 // of another epoch
		}
		if e.Name != "" && info.State.Last < high {
			if shorter++; shorter < backwards {
				if err := pause(ctx, patience/backwards); err != nil {
					return nil, err
				}
				continue
			}
		}
		if e.Name != "" && info.State.Last >= high {
			s.adopt(e, info.State.Last)
			s.wind(ctx, e, tick{now, info.State.Last})
			return e, nil
		}
		last := info.State.Last
		if info.State.Messages == 0 {
			last = 0
		}
		next := &epoch{Name: strings.ToLower(rand.Text()[:12]), Clock: []tick{{now, last}}}
		err = s.writeEpoch(ctx, next, e.seq)
		if err != nil && !is(err, codeWrongLast, codeWrongLastTerm) {
			return nil, err
		}
		s.high.Store(0)
	}
	return nil, fmt.Errorf("natsbroker: the epoch of stream %s does not settle: %w", s.name, errNoAnswer)
}

// look asks how far the stream is, and for its epoch.
func (s *stream) look(ctx context.Context) (info streamInfo, e *epoch, err error) {
	if err = s.b.api(ctx, "STREAM.INFO."+s.name, nil, &info); err == nil {
		e, err = s.readEpoch(ctx)
	}
	return info, e, err
}

// doubtIfGone notes that the stream has to be made anew.
func (s *stream) doubtIfGone(err error) {
	if is(err, codeNoStream) {
		s.doubt()
	}
}

// readEpoch reads what the stream says; an epoch without name if nothing.
func (s *stream) readEpoch(ctx context.Context) (*epoch, error) {
	m, err := s.b.get(ctx, s.name, getRequest{Last: s.kept + marker})
	if is(err, codeNotFound) {
		return &epoch{}, nil
	}
	if err != nil {
		return nil, err
	}
	e := new(epoch)
	if json.Unmarshal(m.data, e) != nil || len(e.Clock) == 0 {
		e = new(epoch)
	}
	e.seq = m.seq
	return e, nil
}

// writeEpoch writes e down if nobody has written since the message of that number.
func (s *stream) writeEpoch(ctx context.Context, e *epoch, after uint64) error {
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("natsbroker: failed to encode an epoch: %w", err)
	}
	_, err = s.store(ctx, &nats.Msg{Subject: s.kept + marker, Data: data, Header: nats.Header{
		"Nats-TTL":                            {"never"},
		"Nats-Expected-Last-Subject-Sequence": {strconv.FormatUint(after, 10)},
	}})
	return err
}

// adopt makes e the stream's epoch. If it had another, all followed topics begin anew.
func (s *stream) adopt(e *epoch, last uint64) {
	old := s.epoch.Swap(e)
	if old != nil && old.Name != e.Name {
		s.b.opts.Logger.Warn("natsbroker: a history was lost and begins anew", "stream", s.name, "epoch", e.Name, "before", old.Name)
		s.high.Store(0)
		s.b.beginAnew(s)
	}
	raise(&s.high, last)
	s.release(e.Name)
}

// wind adds to the clock from time to time. Another node may be quicker.
func (s *stream) wind(ctx context.Context, e *epoch, now tick) {
	s.mu.Lock()
	age := s.hasAge.Milliseconds()
	s.mu.Unlock()
	newest := e.Clock[len(e.Clock)-1]
	if age == 0 || now.At-newest.At < age/ticks || now.Seq <= newest.Seq+1 {
		return
	}
	next := &epoch{Name: e.Name, Clock: append(since(e.Clock, now.At-age), now)}
	if s.writeEpoch(ctx, next, e.seq) == nil {
		s.epoch.CompareAndSwap(e, next)
	}
}

// since returns the ticks that tell something of after that time: the last before it is
// the first.
func since(clock []tick, at int64) []tick {
	for len(clock) > 1 && clock[1].At < at {
		clock = clock[1:]
	}
	return clock[:len(clock):len(clock)]
}

// gone returns up to which number messages may have expired, at that time.
func (e *epoch) gone(age time.Duration, now time.Time, last uint64) uint64 {
	if age == 0 {
		return 0
	}
	oldest := now.Add(-age).UnixMilli()
	for _, t := range e.Clock {
		if t.At >= oldest {
			return t.Seq
		}
	}
	return last
}

// pause waits a little.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
