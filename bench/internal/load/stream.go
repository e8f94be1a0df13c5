package load

import (
	"bytes"
	"fmt"

	"github.com/livetopics/live/bench/internal/dialect"
	"github.com/livetopics/live/bench/internal/stamp"
	"github.com/livetopics/live/bench/internal/wire"
)

// ring is how many publications of a stream may be on their way at once: a power of two.
const ring = 1 << 12

// stream is one topic: what has been published to it, who has had it, and what is still due. Subscribers
// get publications in order or the run fails, so that one number per subscriber says what it has had.
type stream struct {
	topic    string
	request  *stamp.Message // as a publisher sends it
	delivery *stamp.Message // as a subscriber gets it

	subscribers int
	sent        uint64              // publications sent: the next one's number
	done        uint64              // publications that every subscriber has
	delivered   uint64              // deliveries received
	flying      [ring]flight        // by number modulo ring
	onReceipt   func(at, now int64) // called for every delivery, if set: when it was sent, the time now
	onDone      func(now int64)     // called when every subscriber has one more publication, if set
}

// flight is one publication on its way.
type flight struct {
	delivery []byte // as every subscriber is to get it
	at       int64  // when it was sent
	due      int32  // receipts still missing
}

// newStream returns a stream whose deliveries are frames of frameBytes, head included, on the wire. Streams of
// one topic, each of another publisher, are told apart by the letter that fills their data.
func newStream(d dialect.Dialect, topic string, letter byte, frameBytes int) (*stream, error) {
	payload, err := payloadOf(frameBytes)
	if err != nil {
		return nil, err
	}
	size := payload - len(d.Delivery(topic, nil))
	s := &stream{topic: topic}
	if s.delivery, err = stamp.New(size, letter, func(data []byte) []byte { return d.Delivery(topic, data) }); err != nil {
		return nil, fmt.Errorf("load: frames of %d bytes: %w", frameBytes, err)
	}
	if s.request, err = stamp.New(size, letter, func(data []byte) []byte { return d.Publish(topic, data) }); err != nil {
		return nil, fmt.Errorf("load: frames of %d bytes: %w", frameBytes, err)
	}
	length := s.delivery.Size()
	block := make([]byte, ring*length)
	for i := range s.flying {
		s.flying[i].delivery = block[i*length : (i+1)*length]
	}
	return s, nil
}

// payloadOf is the length of the payload of a frame of frameBytes in all (RFC 6455, section 5.2).
func payloadOf(frameBytes int) (int, error) {
	for _, head := range []int{2, 4, 10} {
		if frameBytes > head && wire.HeadLength(frameBytes-head) == head {
			return frameBytes - head, nil
		}
	}
	return 0, fmt.Errorf("load: no frame has %d bytes in all: take two more", frameBytes)
}

// inFlight is how many publications somebody is still waiting for.
func (s *stream) inFlight() int { return int(s.sent - s.done) }

// next counts one more publication and returns its message. It fails when ring of them are on their way.
func (s *stream) next(now int64) ([]byte, error) {
	if s.inFlight() >= ring {
		return nil, fmt.Errorf("load: the server is %d publications behind on topic %s", ring, s.topic)
	}
	f := &s.flying[s.sent%ring]
	copy(f.delivery, s.delivery.Put(s.sent, now))
	f.at, f.due = now, int32(s.subscribers)
	s.sent++
	return s.request.Put(s.sent-1, now), nil
}

// take counts message as delivered to c if it is a delivery of this stream, and fails unless it is the one
// due to c. Nearly all are, byte for byte: the numbers of any other are read for the error's sake.
func (s *feed) take(c *conn, message []byte, now int64) (ok bool, err error) {
	if f := &s.flying[s.due%ring]; s.due < s.sent && bytes.Equal(message, f.delivery) {
		s.count(f, now)
		return true, nil
	}
	seq, _, ok := s.delivery.Take(message)
	if !ok {
		return false, nil
	}
	switch {
	case seq < s.due:
		err = fmt.Errorf("load: %v got publication %d of topic %s twice or late: %d was due", c, seq, s.topic, s.due)
	case seq >= s.sent:
		err = fmt.Errorf("load: %v got publication %d of topic %s, which nobody sent", c, seq, s.topic)
	case seq > s.due:
		err = fmt.Errorf("load: %v got publication %d of topic %s, but %d was due: lost or out of order",
			c, seq, s.topic, s.due)
	default:
		err = fmt.Errorf("load: %v got publication %d of topic %s with another send time", c, seq, s.topic)
	}
	return true, err
}

// count counts the publication due to its subscriber as delivered.
func (s *feed) count(f *flight, now int64) {
	s.due++
	s.delivered++
	if s.onReceipt != nil {
		s.onReceipt(f.at, now)
	}
	if f.due--; f.due == 0 {
		// In order: nobody has this one without having had all before it.
		s.done++
		if s.onDone != nil {
			s.onDone(now)
		}
	}
}

// missing is how many deliveries are due.
func (s *stream) missing() (n int) {
	for seq := s.done; seq < s.sent; seq++ {
		n += int(s.flying[seq%ring].due)
	}
	return n
}
