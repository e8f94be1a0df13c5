package live_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/livetopics/live"
)

// speaker is a client that speaks the operations. What comes before the reply that it
// waits for is kept for later.
type speaker struct {
	*client
	ids  int
	kept []string
}

// reply is the answer to an operation.
type reply struct {
	ID     json.RawMessage
	Result json.RawMessage
	Error  *refusal
}

// refusal is why an operation was not done.
type refusal struct{ Code, Message string }

// subscribed is the result of a subscribe to one topic.
type subscribed struct {
	Epoch     string
	Seq, Head uint64
	Recovered *bool
	Lost      *struct{ From, To uint64 }
	Snapshot  json.RawMessage
	Members   []live.Member
	Count     int
	Error     *refusal
}

// recovered says what became of since.
func (s *subscribed) recovered() bool { return s.Recovered != nil && *s.Recovered }

// speaker connects a client until the end of the test.
func (r *rig) speaker(t *testing.T, edit ...func(*request)) *speaker {
	t.Helper()
	return &speaker{client: r.dial(t, edit...)}
}

// speakers connects a client, and returns its session too.
func (r *rig) speakerPair(t *testing.T, edit ...func(*request)) (*speaker, *live.Session) {
	t.Helper()
	c, s := r.pair(t, edit...)
	return &speaker{client: c}, s
}

// named makes the client call itself so.
func named(client string) func(*request) {
	return func(q *request) { q.line = "GET /ws?client=" + client + " HTTP/1.1" }
}

// asUser is for servers whose OnAuth is authUser.
func asUser(name string) func(*request) { return header("Authorization", name) }

// versioned offers live.v1.
func versioned(q *request) { q.header.Set("Sec-WebSocket-Protocol", "live.v1") }

// start sends an operation, whose text has no id yet, and returns the id.
func (c *speaker) start(t *testing.T, op string) (id string) {
	t.Helper()
	c.ids++
	id = fmt.Sprint(c.ids)
	c.text(t, `{"id":`+id+`,`+op[1:])
	return id
}

// await receives the reply to an operation, and keeps what comes before.
func (c *speaker) await(t *testing.T, id string) reply {
	t.Helper()
	for {
		frame := c.client.next(t)
		var r reply
		if bytes.HasPrefix([]byte(frame), []byte(`{"id":`)) {
			if err := json.Unmarshal([]byte(frame), &r); err != nil {
				t.Fatalf("received %.200s: %v", frame, err)
			}
			if string(r.ID) != id {
				t.Fatalf("received the reply %.200s, want that to %s", frame, id)
			}
			return r
		}
		c.kept = append(c.kept, frame)
	}
}

// ask sends an operation and returns its reply.
func (c *speaker) ask(t *testing.T, op string) reply {
	t.Helper()
	return c.await(t, c.start(t, op))
}

// do sends an operation that must be done, and returns the result.
func (c *speaker) do(t *testing.T, op string) string {
	t.Helper()
	r := c.ask(t, op)
	if r.Error != nil {
		t.Fatalf("%s was refused: %s: %s", op, r.Error.Code, r.Error.Message)
	}
	return string(r.Result)
}

// refused sends an operation that must be refused with the code, and returns what the
// client is told.
func (c *speaker) refused(t *testing.T, code, op string) (message string) {
	t.Helper()
	r := c.ask(t, op)
	if r.Error == nil {
		t.Fatalf("%s was done: %s, want it refused with %s", op, r.Result, code)
	}
	if r.Error.Code != code || r.Error.Message == "" {
		t.Fatalf("%s was refused with %s: %q, want %s", op, r.Error.Code, r.Error.Message, code)
	}
	return r.Error.Message
}

// enter sends a subscribe that must be done.
func (c *speaker) enter(t *testing.T, op string) subscribed {
	t.Helper()
	var s subscribed
	decode(t, c.do(t, op), &s)
	return s
}

// join subscribes to a topic, which must be done.
func (c *speaker) join(t *testing.T, topic string) subscribed {
	t.Helper()
	return c.enter(t, fmt.Sprintf(`{"op":"subscribe","topic":%q}`, topic))
}

// rejoin subscribes after a position.
func (c *speaker) rejoin(t *testing.T, topic, epoch string, seq uint64) subscribed {
	t.Helper()
	return c.enter(t, fmt.Sprintf(`{"op":"subscribe","topic":%q,"since":{"epoch":%q,"seq":%d}}`, topic, epoch, seq))
}

// next returns the next frame that is no awaited reply.
func (c *speaker) next(t *testing.T) string {
	t.Helper()
	if len(c.kept) == 0 {
		return c.client.next(t)
	}
	frame := c.kept[0]
	c.kept = c.kept[1:]
	return frame
}

// wantFrames receives frames, which must be these and in this order.
func (c *speaker) wantFrames(t *testing.T, frames ...string) {
	t.Helper()
	for _, want := range frames {
		if got := c.next(t); got != want {
			t.Fatalf("received %.300s, want %.300s", got, want)
		}
	}
}

// wantNumbered receives publications of a topic whose data is their number, from one
// to another.
func (c *speaker) wantNumbered(t *testing.T, topic string, from, to int) {
	t.Helper()
	for n := from; n <= to; n++ {
		c.wantFrames(t, numbered(topic, n))
	}
}

// wantNothing checks that nothing came, and nothing is on the way.
func (c *speaker) wantNothing(t *testing.T) {
	t.Helper()
	c.do(t, `{"op":"ping"}`)
	if len(c.kept) > 0 {
		t.Fatalf("received %.300s, want nothing", c.kept[0])
	}
}

// wantCloseFrame receives a close frame with the code, whatever comes before it.
func (c *speaker) wantCloseFrame(t *testing.T, code int) (reason string) {
	t.Helper()
	for {
		_, err := c.receive()
		var frame *closed
		switch {
		case err == nil:
			continue
		case !errors.As(err, &frame) || frame.code != code:
			t.Fatalf("%v, want a close frame with %d", err, code)
		}
		c.nc.Close()
		return frame.reason
	}
}

// numbered is a publication whose data is its number.
func numbered(topic string, n int) string {
	return fmt.Sprintf(`{"topic":%q,"data":%d,"seq":%d}`, topic, n, n)
}

// publishNumbers publishes numbers that are those of the publications.
func (r *rig) publishNumbers(t *testing.T, topic string, from, to int) {
	t.Helper()
	for n := from; n <= to; n++ {
		r.publish(t, topic, fmt.Sprint(n))
	}
}

func decode(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("decode %.300s: %v", text, err)
	}
}

// open lets everybody do everything.
var open = live.Rule{CanSubscribe: live.Anyone, CanPublish: live.Anyone}

// remembering is open with a history.
func remembering(size int) live.Rule {
	r := open
	r.History = live.History{Size: size}
	return r
}
