package live

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/livetopics/live/broker"
	"github.com/livetopics/live/internal/engine"
	"github.com/livetopics/live/internal/protocol"
	"github.com/livetopics/live/internal/ws"
)

// How a subscription that is behind is brought up to date.
const (
	pageSize     = 256      // publications read at a time
	pageBytes    = 64 << 10 // or about so many bytes of data
	lastStep     = 64       // live publications that may follow the last page at once
	historyWait  = 200 * time.Millisecond
	historyTries = 150 // times historyWait, until the session is closed

	historyPatience = 5 * time.Second // at most, between two tries while the broker cannot be reached
)

// lag is a subscription that is behind, on its way to live.
type lag struct {
	held  engine.Held
	rule  *Rule
	epoch string // of after; empty if that is of the topic's present one
	after uint64 // the last publication that was sent, or need not be
	tries int    // that failed in a row

	late   bool // CatchUp said so, when after was
	lateAt uint64
	page   *broker.Page // the next one, if it was read already
}

// catcher brings one session's subscriptions up to date: page by page from history,
// one topic after the other, each page when the socket has taken the one before. It has
// a goroutine while there is something to do.
type catcher struct {
	session *Session // set once

	mu      sync.Mutex // guards the fields below
	lags    []*lag
	running bool
}

// add begins to bring a subscription up to date. It does not block.
func (c *catcher) add(lags ...*lag) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lags = append(c.lags, lags...)
	if len(c.lags) > 0 && !c.running {
		c.running = true
		c.session.server.catching.Go(c.run) // owner: the session; ends when nothing is behind, or the session has ended
	}
}

func (c *catcher) run() {
	pages := &c.session.server.pages
	pages.enter()
	defer pages.exit()
	for l := c.next(); l != nil; l = c.next() {
		if c.step(l) {
			c.add(l) // behind the others: each gets its turn
		}
	}
}

func (c *catcher) next() *lag {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.lags) == 0 || c.session.conn.Ended() {
		c.running, c.lags = false, nil
		return nil
	}
	l := c.lags[0]
	c.lags[0] = nil
	c.lags = c.lags[1:]
	return l
}

// step sends one page, and reports whether there is more to do.
func (c *catcher) step(l *lag) (more bool) {
	s := c.session
	frame, head, ok := l.takeKnown(s.server)
	if !ok {
		page, err := s.server.historyPage(l)
		if err != nil {
			return c.retry(l, err)
		}
		key := l.key()
		frame, head = l.take(s, &page), page.Position
		l.remember(s.server, key, &page, frame)
	}
	l.tries = 0
	moved := frame != nil || !l.late || l.after != l.lateAt
	if frame != nil {
		if !l.held.Send(frame) {
			return false
		}
		if !c.drained() {
			return false
		}
	}
	if l.after < head.Seq {
		return true
	}
	switch l.held.CatchUp(l.catch(s)) {
	case engine.Late:
		if l.late, l.lateAt = true, l.after; !moved { // the history is older than what was published here: it will change
			return c.pause(historyWait)
		}
		return true
	case engine.Holed:
		l.held.Restart() // what is not kept is in the history
		return true
	}
	return false
}

// catch is what the engine is told of how far the subscription has come.
func (l *lag) catch(s *Session) engine.Catch {
	return engine.Catch{After: l.after, Replay: l.rule.Overflow == Replay, Most: lastStep, Skip: s.isOrigin()}
}

// historyPage reads what comes after what the subscription has, up to a number that is a
// multiple of the page's size: so those who missed more or less soon need the same pages.
func (s *Server) historyPage(l *lag) (broker.Page, error) {
	if page := l.page; page != nil {
		l.page = nil
		return *page, nil
	}
	ctx, cancel := s.brokerContext(context.Background())
	defer cancel()
	return s.readFor(ctx, l.held.Topic(), l.rule.History, broker.Query{Since: l.after, Limit: pageSize - int(l.after%pageSize), MaxBytes: pageBytes})
}

// take makes the frame of a page, and moves the subscription to its end. What is not
// there any more is told by a gap event in its place.
func (l *lag) take(s *Session, page *broker.Page) *engine.Frame {
	topic := l.held.Topic()
	var b []byte
	switch {
	case l.epoch != "" && l.epoch != page.Epoch:
		// The page was asked for by a number of another epoch: it is read again.
		l.epoch, l.after = page.Epoch, 0
		if !s.spoke.Load() {
			return nil
		}
		return rawFrame(anewFrame(topic, page.Epoch))
	case page.Floor > l.after:
		b = s.appendGap(b, topic, protocol.AppendGap(nil, l.after+1, page.Floor))
	}
	l.epoch = page.Epoch
	l.after = max(l.after, page.Floor)
	if len(page.Publications) == 0 {
		l.after = max(l.after, page.Seq) // there is nothing between
		return rawFrame(b)
	}
	own := s.isOrigin()
	b = growFor(b, topic, page.Publications)
	for i := range page.Publications {
		p := &page.Publications[i]
		l.after = p.Seq
		if own(p.Origin) {
			continue
		}
		b = appendPublication(b, topic, p)
	}
	return rawFrame(b)
}

// appendGap appends a gap event, for a client that knows of events.
func (s *Session) appendGap(b []byte, topic string, data []byte) []byte {
	if !s.spoke.Load() {
		return b
	}
	return appendText(b, protocol.AppendEvent(nil, topic, "gap", data))
}

// growFor makes room for the publications of a page.
func growFor(b []byte, topic string, list []broker.Publication) []byte {
	size := 0
	for i := range list {
		size += ws.MaxHeaderSize + protocol.PublicationSize(topic, list[i].Data, list[i].Key)
	}
	return append(make([]byte, 0, len(b)+size), b...)
}

// appendPublication appends a text frame.
func appendPublication(b []byte, topic string, p *broker.Publication) []byte {
	start := len(b)
	b = append(b, make([]byte, ws.MaxHeaderSize)...)
	b = protocol.AppendPublication(b, topic, p.Data, p.Seq, p.Key)
	n := len(b) - start - ws.MaxHeaderSize
	head := ws.HeaderSize(n)
	if head < ws.MaxHeaderSize {
		copy(b[start+head:], b[start+ws.MaxHeaderSize:])
		b = b[:start+head+n]
	}
	ws.PutHeader(b[start:start+head], ws.OpText, n)
	return b
}

// appendText appends a text frame.
func appendText(b, payload []byte) []byte { return ws.AppendFrame(b, ws.OpText, payload) }

// rawFrame makes a frame of bytes that are frames already; nil of none.
func rawFrame(b []byte) *engine.Frame {
	if len(b) == 0 {
		return nil
	}
	return &engine.Frame{Bytes: b}
}

// drained waits until the session's socket has taken everything. It reports false if
// the session ends instead.
func (c *catcher) drained() bool {
	done := make(chan struct{})
	conn := &c.session.conn
	conn.AfterWritten(func() { close(done) })
	select {
	case <-done:
		return true
	case <-conn.Done():
		return false
	}
}

// retry waits a little after an error of the broker's. While that cannot be reached the
// session stays: elsewhere it would be the same. Where there is another reason for it, a
// session that cannot be brought up to date is closed: it comes back.
func (c *catcher) retry(l *lag, err error) (more bool) {
	s := c.session
	if errors.Is(err, broker.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		wait := min(historyWait<<min(l.tries, 5), historyPatience)
		l.tries++
		return c.pause(wait/2 + rand.N(wait))
	}
	if l.tries++; l.tries > historyTries {
		s.server.log.Warn("live: closed a session, since a topic's history cannot be read", "session", s.ID(), "topic", l.held.Topic(), "error", err)
		const reason = "history cannot be read at the moment"
		s.conn.Close(CloseTooSlow, reason, &CloseError{Code: CloseTooSlow, Reason: reason, cause: err})
		return false
	}
	return c.pause(historyWait)
}

// pause waits, and reports whether the session is still there.
func (c *catcher) pause(wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.session.conn.Done():
		return false
	}
}

// Behind is called by the engine when the session was too slow for a topic of Replay.
func (in *inbound) Behind(held engine.Held, after uint64) {
	s := (*Session)(in)
	rule, _ := s.server.rules.of(held.Topic())
	if rule == nil {
		return
	}
	s.catcher().add(&lag{held: held, rule: rule, after: after})
}
