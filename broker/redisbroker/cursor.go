package redisbroker

// cursor is how far a followed topic with history has been delivered. The zero cursor
// knows nothing.
type cursor struct {
	epoch string
	seq   uint64 // the last that was delivered, or need not be
	at    int64  // when that was published; 0 if it is not known
	era   uint32 // of the broker's connections when it was learned; see Broker.era
}

// verdict is what is to be done with a publication that came.
type verdict uint8

const (
	next  verdict = iota // deliver it: it is the next one
	stale                // it is delivered already
	hole                 // look into the history first
)

// judge says what to do with a publication of that place.
func (c cursor) judge(epoch string, seq uint64) verdict {
	switch {
	case epoch != c.epoch:
		return hole // which of both is the older only the server knows
	case seq == c.seq+1:
		return next
	case seq <= c.seq:
		return stale
	}
	return hole
}

// What is kept of a topic that is being looked into, so that it need not be read.
const (
	heldCount = 256
	heldBytes = 256 << 10
)

// held keeps the newest publications that came while a topic was being looked into.
type held struct {
	list  []arrival
	bytes int
}

// add keeps one more, and returns how many of the oldest made room for it.
func (h *held) add(a arrival) (dropped int) {
	h.list = append(h.list, a)
	h.bytes += len(a.Data)
	for n := len(h.list); n-dropped > 1 && (n-dropped > heldCount || h.bytes > heldBytes); dropped++ {
		h.bytes -= len(h.list[dropped].Data)
	}
	if dropped > 0 {
		n := copy(h.list, h.list[dropped:])
		clear(h.list[n:])
		h.list = h.list[:n]
	}
	return dropped
}

// first returns the first number that is held of the epoch.
func (h *held) first(epoch string) (uint64, bool) {
	for i := range h.list {
		if h.list[i].epoch == epoch {
			return h.list[i].Seq, true
		}
	}
	return 0, false
}

// take empties it.
func (h *held) take() []arrival {
	list := h.list
	*h = held{}
	return list
}
