package live_test

import (
	"fmt"

	"github.com/livetopics/live"
)

// settle reads until all requests are answered, and nothing is left to ask for.
func (c *modelClient) settle() error {
	for gaveUp := modelDeadline(); !c.m.failed(); {
		if err := c.round(false); err != nil {
			return err
		}
		if c.conn != nil && c.unsure == nil {
			return nil
		}
		if gaveUp() {
			return fmt.Errorf("it cannot stay connected, although nothing is published")
		}
	}
	return nil
}

// catchUp reads until the client has all that it is to get, the last word included.
func (c *modelClient) catchUp() error {
	gaveUp := modelDeadline()
	for !c.m.failed() {
		if err := c.round(false); err != nil {
			return err
		}
		behind := c.behind()
		if behind == nil {
			return nil
		}
		if gaveUp() {
			return fmt.Errorf("%s ends at %d, and the client got %d", behind.topic.name, behind.topic.log.least(), behind.seq)
		}
	}
	return nil
}

// behind returns a stream to which something has to come still.
func (c *modelClient) behind() *modelStream {
	for _, s := range c.streams {
		if c.conn == nil || s.in && s.topic.numbered() && s.seq < s.topic.log.least() && !(c.wildcard(s.topic) && !s.early) {
			return s
		}
		if s.in && s.early && !s.topic.numbered() && s.last[0] == 0 {
			return s
		}
	}
	return nil
}

// check checks what can be known only at the end.
func (c *modelClient) check() error {
	if c.m.failed() {
		return nil
	}
	for _, s := range c.streams {
		err := s.checkHoles()
		if err == nil && s.in && s.early {
			err = s.checkEnd()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.topic.name, err)
		}
	}
	return nil
}

// checkHoles checks that of what did not come, and was not told of, nothing was for this
// client; and that what it was told of is gone.
func (s *modelStream) checkHoles() error {
	l := &s.topic.log
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range s.holes {
		for seq := h.From; seq <= h.To; seq++ {
			if seq > uint64(len(l.entries)) {
				return fmt.Errorf("%+v did not come, and there is no %d", h, seq)
			}
			if e := l.entries[seq-1]; e.except != uint16(s.client.id+1) {
				return fmt.Errorf("%d to %d did not come, and the client was not told; %d is %+v", h.From, h.To, seq, e)
			}
		}
	}
	if s.topic.lossy() {
		return nil
	}
	for _, g := range s.gaps {
		if g.To+uint64(s.topic.rule.History.Size) > uint64(len(l.entries)) {
			return fmt.Errorf("a gap of %+v, and %d is the newest", g, len(l.entries))
		}
	}
	return nil
}

// checkEnd checks that the newest came of all that the client is to know.
func (s *modelStream) checkEnd() error {
	t := s.topic
	if t.rule.Overflow == live.KeepLatest && t.numbered() {
		return s.checkKeys()
	}
	for p := range s.has {
		n := t.begun[p].Load()
		switch {
		case t.keys > 0 && p > 0:
			for key, got := range s.latest[p][:t.keys] {
				newest := n - (n+uint32(t.keys)-uint32(key))%uint32(t.keys)
				if n > uint32(t.keys) && newest > s.from[p] && got != newest {
					return fmt.Errorf("of key %d of publisher %d the newest is %d, and %d came", key, p, newest, got)
				}
			}
		case s.checked && s.has[p] < n && !t.lossy():
			return fmt.Errorf("of publisher %d %d came, and it published %d", p, s.has[p], n)
		}
	}
	return nil
}

// checkKeys checks that the newest of each key came.
func (s *modelStream) checkKeys() error {
	l := &s.topic.log
	l.mu.Lock()
	defer l.mu.Unlock()
	newest := make(map[string]uint64)
	for i, e := range l.entries {
		if e != (modelEntry{}) && e.except != uint16(s.client.id+1) {
			newest[s.topic.key(e)] = uint64(i + 1)
		}
	}
	gone := uint64(max(len(l.entries)-s.topic.rule.History.Size, 0))
	for key, seq := range newest {
		if seq > max(gone, s.head) && s.keys[key] != seq {
			return fmt.Errorf("the newest of %s is %d, and %d came", key, seq, s.keys[key])
		}
	}
	return nil
}
