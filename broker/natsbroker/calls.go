package natsbroker

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/livetopics/live/broker"
)

// How long an answer is waited for, if the caller has no less patience. Who only reads
// asks again sooner: the server that was asked may be gone.
const (
	answerWait = 3 * time.Second
	readWait   = time.Second
	readTries  = 3
)

// callLine is how many answers may wait to be handed out.
const callLine = 1 << 16

var (
	errNoAnswer    = fmt.Errorf("%w: NATS did not answer in time", broker.ErrUnavailable)
	errNobodyThere = fmt.Errorf("%w: nobody answers for it in NATS at the moment", broker.ErrUnavailable)
)

// calls sends requests and hands their answers to those who wait: one subscription
// for all, and one goroutine.
type calls struct {
	conn    *nats.Conn   // set once
	prefix  string       // set once: of the subjects of answers
	greeted func([]byte) // set once: gets the answers with number 0
	line    chan *nats.Msg
	stop    chan struct{} // closed by close
	run     sync.WaitGroup

	mu      sync.Mutex // guards waiting and last
	waiting map[uint64]chan *nats.Msg
	last    uint64
}

func (c *calls) open(conn *nats.Conn) error {
	c.conn, c.prefix = conn, conn.NewInbox()+"."
	c.waiting = make(map[uint64]chan *nats.Msg)
	c.line, c.stop = make(chan *nats.Msg, callLine), make(chan struct{})
	if _, err := conn.ChanSubscribe(c.prefix+"*", c.line); err != nil {
		return fmt.Errorf("natsbroker: failed to subscribe to answers: %w", err)
	}
	c.run.Go(c.handOut) // owner: the broker, whose Close waits; ends when close closes stop
	return nil
}

// close ends handing out.
func (c *calls) close() {
	close(c.stop)
	c.run.Wait()
}

func (c *calls) handOut() {
	for {
		select {
		case m := <-c.line:
			c.hand(m)
		case <-c.stop:
			return
		}
	}
}

// hand gives an answer to who waits for it.
func (c *calls) hand(m *nats.Msg) {
	number, ok := strings.CutPrefix(m.Subject, c.prefix)
	if !ok {
		return
	}
	id, err := strconv.ParseUint(number, 36, 64)
	if err != nil {
		return
	}
	if id == 0 && len(m.Data) > 0 {
		c.greeted(m.Data)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if to := c.waiting[id]; to != nil {
		select {
		case to <- m:
		default: // more than was asked for
		}
	}
}

// expect makes room for n answers, and the subject for them.
func (c *calls) expect(n int) (answers chan *nats.Msg, reply string, id uint64) {
	answers = make(chan *nats.Msg, n)
	c.mu.Lock()
	c.last++
	id = c.last
	c.waiting[id] = answers
	c.mu.Unlock()
	var buf [64]byte
	return answers, string(strconv.AppendUint(append(buf[:0], c.prefix...), id, 36)), id
}

func (c *calls) forget(id uint64) {
	c.mu.Lock()
	delete(c.waiting, id)
	c.mu.Unlock()
}

// one sends a request and returns its answer.
func (c *calls) one(ctx context.Context, m *nats.Msg, wait time.Duration) (*nats.Msg, error) {
	answers, reply, id := c.expect(1)
	defer c.forget(id)
	m.Reply = reply
	if err := c.conn.PublishMsg(m); err != nil {
		return nil, sendError(err)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	return next(ctx, answers, timer)
}

// many sends a request with up to n answers, and gives each to take until it has
// enough or reports the last.
func (c *calls) many(ctx context.Context, m *nats.Msg, n int, take func(*nats.Msg) (more bool)) error {
	answers, reply, id := c.expect(n)
	defer c.forget(id)
	m.Reply = reply
	if err := c.conn.PublishMsg(m); err != nil {
		return sendError(err)
	}
	timer := time.NewTimer(readWait)
	defer timer.Stop()
	for {
		a, err := next(ctx, answers, timer)
		if err != nil {
			return err
		}
		timer.Reset(readWait)
		if !take(a) {
			return nil
		}
	}
}

// next waits for one answer.
func next(ctx context.Context, answers chan *nats.Msg, timer *time.Timer) (*nats.Msg, error) {
	select {
	case a := <-answers:
		if len(a.Data) == 0 && status(a) == "503" {
			return nil, errNobodyThere
		}
		return a, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timer.C:
		return nil, errNoAnswer
	}
}

// status is what the server says in place of an answer.
func status(m *nats.Msg) string {
	if s := m.Header["Status"]; len(s) > 0 {
		return s[0]
	}
	return ""
}

// sendError is the broker's error for one of the connection's.
func sendError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, nats.ErrMaxPayload):
		return fmt.Errorf("%w: %w", broker.ErrTooLarge, err)
	}
	return fmt.Errorf("%w: failed to send to NATS: %w", broker.ErrUnavailable, err)
}
