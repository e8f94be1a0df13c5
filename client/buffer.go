package client

// How much waits for a program that does not read, by default.
const (
	defaultBuffer      = 1024
	defaultBufferBytes = 4 << 20
)

// buffer has what came and was not taken yet, oldest first. It is a value without a lock.
type buffer struct {
	// Set once.
	most, mostBytes int

	ring    []Message // a power of two long
	head    int       // of the oldest
	count   int
	bytes   int
	dropped uint64 // publications that stood before the oldest
	hole    bool   // something stood there, whether it can be counted or not
	after   Position
}

func (b *buffer) empty() bool { return b.count == 0 && !b.hole }

// fits reports whether a message of that size may be added. One always may be.
func (b *buffer) fits(size int) bool {
	return b.count == 0 || b.count < b.most && b.bytes+size <= b.mostBytes
}

// push adds a message, whether it fits or not.
func (b *buffer) push(m Message) {
	if b.count == len(b.ring) {
		b.grow()
	}
	b.ring[(b.head+b.count)&(len(b.ring)-1)] = m
	b.count++
	b.bytes += m.size()
}

// pushOver adds a message, and drops the oldest where it does not fit.
func (b *buffer) pushOver(m Message) {
	for size := m.size(); !b.fits(size); {
		b.drop(b.shift())
	}
	b.push(m)
}

// drop counts a message that the program does not get.
func (b *buffer) drop(m Message) {
	b.hole, b.after = true, m.after
	switch m.Kind {
	case KindPublication:
		b.dropped++
	case KindGap:
		b.dropped += m.Count
	}
}

// pop takes the oldest message. Those that were dropped before it come as one gap.
func (b *buffer) pop(topic string) (m Message, ok bool) {
	if b.hole {
		m = Message{Kind: KindGap, Topic: topic, Count: b.dropped, after: b.after}
		b.hole, b.dropped = false, 0
		return m, true
	}
	if b.count == 0 {
		return Message{}, false
	}
	return b.shift(), true
}

func (b *buffer) shift() Message {
	at := &b.ring[b.head]
	m := *at
	*at = Message{}
	b.head = (b.head + 1) & (len(b.ring) - 1)
	b.count--
	b.bytes -= m.size()
	if b.count == 0 && len(b.ring) > 64 {
		b.ring, b.head = nil, 0
	}
	return m
}

func (b *buffer) grow() {
	ring := make([]Message, max(4, 2*len(b.ring)))
	for i := range b.count {
		ring[i] = b.ring[(b.head+i)&(len(b.ring)-1)]
	}
	b.ring, b.head = ring, 0
}

// clear forgets all.
func (b *buffer) clear() {
	b.ring, b.head, b.count, b.bytes = nil, 0, 0, 0
	b.hole, b.dropped = false, 0
}
