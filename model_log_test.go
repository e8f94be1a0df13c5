package live_test

import (
	"fmt"
	"sync"
)

// modelEntry is one publication: all else about it follows from this.
type modelEntry struct {
	publisher uint16
	except    uint16 // the client that must not get it, plus one
	session   uint32 // which of that client's it was
	n         uint32 // it is the n'th of the publisher to the topic, from 1 on
}

// modelLog is which publication has which number in a topic with history: what those
// who published were answered, and where they did not ask, what the first client saw.
type modelLog struct {
	mu      sync.Mutex // guards the fields below
	epoch   string
	entries []modelEntry // by number minus one; the zero one is not known
	acked   uint64       // the highest number that was answered
}

// acknowledge notes what somebody who published was answered.
func (l *modelLog) acknowledge(epoch string, seq uint64, e modelEntry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acked = max(l.acked, seq)
	return l.note(epoch, seq, e)
}

// see notes what a client received.
func (l *modelLog) see(epoch string, seq uint64, e modelEntry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.note(epoch, seq, e)
}

// note is called with mu held. epoch is empty where it is not said.
func (l *modelLog) note(epoch string, seq uint64, e modelEntry) error {
	switch {
	case seq == 0 || seq > 1<<24:
		return fmt.Errorf("the number %d", seq)
	case l.epoch == "":
		l.epoch = epoch
	case epoch != "" && l.epoch != epoch:
		return fmt.Errorf("the epoch %q after %q", epoch, l.epoch)
	}
	for uint64(len(l.entries)) < seq {
		l.entries = append(l.entries, modelEntry{})
	}
	at := &l.entries[seq-1]
	if *at != (modelEntry{}) && *at != e {
		return fmt.Errorf("number %d is %+v, and was %+v", seq, e, *at)
	}
	*at = e
	return nil
}

// least is a number that the topic's newest publication has reached.
func (l *modelLog) least() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acked
}

// check is for the end: all that the server's publishers published has a number, in
// their order.
func (l *modelLog) check(t *modelTopic) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.acked != uint64(len(l.entries)) {
		return fmt.Errorf("the last word was answered with %d, and there is a number %d", l.acked, len(l.entries))
	}
	var last [modelPublishers + 1]uint32
	unknown := 0
	clients := make(map[[2]uint32]uint64)
	for i, e := range l.entries {
		switch {
		case e == modelEntry{}:
			unknown++
		case e.publisher > modelPublishers:
			is := [2]uint32{uint32(e.publisher), e.n}
			if before := clients[is]; before != 0 {
				return fmt.Errorf("numbers %d and %d are both %+v", before, i+1, e)
			}
			clients[is] = uint64(i + 1)
		case e.n <= last[e.publisher]:
			return fmt.Errorf("number %d is %+v, after number %d of that publisher", i+1, e, last[e.publisher])
		default:
			last[e.publisher] = e.n
		}
	}
	missing := 0
	for p := range last {
		missing += int(t.begun[p].Load())
	}
	for _, e := range l.entries {
		if e != (modelEntry{}) && e.publisher <= modelPublishers {
			missing--
		}
	}
	if !t.clients && missing != unknown || missing > unknown {
		return fmt.Errorf("%d publications have no number, and %d numbers no publication", missing, unknown)
	}
	return nil
}
