package live_test

import (
	"fmt"

	"github.com/livetopics/live"
)

// modelStream is what a client has of a topic.
type modelStream struct {
	client *modelClient
	topic  *modelTopic

	wanted bool // the client subscribed last, and did not unsubscribe
	in     bool // and was answered
	early  bool // it was before the last word was said

	// Of topics with history.
	epoch string
	seq   uint64 // the newest that it has, or was told of
	head  uint64 // the newest there was when it subscribed
	holes []modelSpan
	gaps  []modelSpan
	keys  map[string]uint64 // the newest number of each key

	// How far each publisher of the server's has come; after that nothing may be
	// missing while checked is set.
	has     [modelPublishers + 1]uint32
	checked bool

	// Of topics without history, since it subscribed.
	last    [modelPublishers + 1]uint32    // the newest of each publisher
	latest  [modelPublishers + 1][8]uint32 // and of each of its keys
	from    [modelPublishers + 1]uint32    // what came after these was published since
	skipped uint64
	dropped uint64 // as it was told
}

// modelSpan is some numbers in a row.
type modelSpan struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// began is told that the stream goes on after seq, of which head is the newest.
func (s *modelStream) began(seq, head uint64) {
	s.in, s.seq, s.head = true, seq, head
	s.skipped, s.dropped = 0, 0
	clear(s.last[:])
	clear(s.latest[:])
	s.keys = make(map[string]uint64)
	select {
	case <-s.client.m.settled:
		s.early = false
	default:
		s.early = true
	}
}

// base sets how far each publisher has come; from there nothing may be missing.
func (s *modelStream) base(state []uint32) {
	s.checked = len(state) == len(s.has)
	copy(s.has[:], state)
	copy(s.from[:], state)
}

// begun is how far each publisher may have come.
func (s *modelStream) begun() []uint32 {
	state := make([]uint32, len(s.has))
	for p := range state {
		state[p] = s.topic.begun[p].Load()
	}
	return state
}

// publication checks one that came.
func (s *modelStream) publication(seq uint64, e modelEntry) error {
	c := s.client
	c.m.received.Add(1)
	if !s.in {
		return fmt.Errorf("%+v came, and the client is not subscribed", e)
	}
	recovered := seq <= s.head && !c.m.late // else it may have been on its way when the client came back
	if e.except == uint16(c.id+1) && (e.session == c.session || recovered) {
		return fmt.Errorf("%+v came back to where it is from, as number %d", e, seq)
	}
	if (seq != 0) != s.topic.numbered() {
		return fmt.Errorf("%+v came with the number %d", e, seq)
	}
	if seq == 0 {
		return s.plain(e)
	}
	if seq <= s.seq {
		return fmt.Errorf("%d came after %d", seq, s.seq)
	}
	if s.seq > 0 || !c.wild {
		s.hole(seq - 1)
	}
	s.seq = seq
	s.keys[s.topic.key(e)] = seq
	if s.checked && e.n > s.has[e.publisher]+1 {
		return fmt.Errorf("%+v came, and of that publisher only %d was in the snapshot or came before", e, s.has[e.publisher])
	}
	if int(e.publisher) < len(s.has) {
		s.has[e.publisher] = max(s.has[e.publisher], e.n)
	}
	return s.topic.log.see(s.epoch, seq, e)
}

// hole notes that the client got nothing up to seq, and was not told.
func (s *modelStream) hole(seq uint64) {
	if seq > s.seq {
		s.holes = append(s.holes, modelSpan{s.seq + 1, seq})
	}
}

// plain checks one of a topic without numbers.
func (s *modelStream) plain(e modelEntry) error {
	p := e.publisher
	if int(p) >= len(s.has) {
		return fmt.Errorf("%+v came, which none of the publishers has published", e)
	}
	if e.n <= s.last[p] {
		return fmt.Errorf("%+v came after %d of that publisher", e, s.last[p])
	}
	s.last[p] = e.n
	if s.topic.keys > 0 {
		s.latest[p][e.n%uint32(s.topic.keys)] = e.n
	}
	if e.n > s.has[p]+1 {
		s.skipped += uint64(e.n - s.has[p] - 1)
		if !s.topic.lossy() {
			return fmt.Errorf("%+v came after %d of that publisher, and nothing may be dropped", e, s.has[p])
		}
	}
	s.has[p] = max(s.has[p], e.n)
	if s.topic.rule.Overflow == live.DropOldest && s.skipped > s.dropped {
		return fmt.Errorf("before %+v %d are missing, and the client was told of %d", e, s.skipped, s.dropped)
	}
	return nil
}

// gap checks a gap event.
func (s *modelStream) gap(at modelSpan, count uint64) error {
	s.client.m.gaps.Add(1)
	switch {
	case !s.in:
		return fmt.Errorf("a gap, and the client is not subscribed")
	case !s.topic.numbered():
		s.dropped += count
		if count == 0 || s.topic.rule.Overflow != live.DropOldest {
			return fmt.Errorf("a gap of %d", count)
		}
		return nil
	case at.From <= s.seq || at.To < at.From:
		return fmt.Errorf("a gap of %+v after %d", at, s.seq)
	case s.topic.lossless && !s.topic.lossy():
		return fmt.Errorf("a gap of %+v, and nothing can be lost", at)
	}
	s.hole(at.From - 1)
	s.gaps = append(s.gaps, at)
	s.seq = at.To
	s.checked = false
	return nil
}
