package livetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"github.com/livetopics/live"
)

// Expect waits for the next publication or message on a topic, and takes it: its data
// must be the same JSON value as data, encoded as Publish does. Events, and what comes on
// other topics, stay for an Expect of their own.
func (c *Client) Expect(topic string, data any) Frame {
	c.t.Helper()
	want, err := encode(data)
	if err != nil {
		c.t.Fatalf("livetest: expect on %s: the data is no JSON: %v", topic, err)
	}
	f, err := c.take(func(f *Frame) bool { return f.isMessage(topic) })
	if err != nil {
		c.fail("on %s expected %s: %v", topic, shorten(string(want)), err)
	}
	if !sameJSON(f.Data, want) {
		c.fail("on %s expected %s, but got %s", topic, shorten(string(want)), shorten(f.Raw))
	}
	return f
}

// ExpectEvent waits for the next such event on a topic, takes it and returns its data:
// join, leave, update, count, gap or revoked. The topic of events that concern the
// session, such as drain, is empty.
func (c *Client) ExpectEvent(topic, event string) json.RawMessage {
	c.t.Helper()
	f, err := c.take(func(f *Frame) bool { return f.Topic == topic && f.Event == event })
	if err != nil {
		c.fail("expected the event %s on %q: %v", event, topic, err)
	}
	return f.Data
}

// Next waits for whatever comes next, in the order in which it came, and takes it. The
// welcome and the answers to the client's own methods are no part of that.
func (c *Client) Next() Frame {
	c.t.Helper()
	f, err := c.take(func(*Frame) bool { return true })
	if err != nil {
		c.fail("expected something: %v", err)
	}
	return f
}

// Welcome is the event with which the server greeted this client, which offers live.v1.
func (c *Client) Welcome() Frame {
	c.t.Helper()
	var f Frame
	if err := c.await(func() bool { f = c.welcome; return f.Event != "" }); err != nil {
		c.fail("no welcome came: %v", err)
	}
	return f
}

// take waits for the first that fits, and takes it out.
func (c *Client) take(fits func(*Frame) bool) (f Frame, err error) {
	err = c.await(func() bool {
		for i := range c.inbox {
			if !fits(&c.inbox[i]) {
				continue
			}
			f = c.inbox[i]
			if i == 0 {
				c.inbox = c.inbox[1:] // in the common case nothing is moved
			} else {
				c.inbox = slices.Delete(c.inbox, i, i+1)
			}
			return true
		}
		return false
	})
	return f, err
}

// ExpectNothing checks that nothing has come which was not taken. In a testing/synctest
// bubble it first waits until all is idle, and so sees whatever follows without time
// going by. Elsewhere it waits for what the server has accepted by now, and has dealt
// with of what this client sent; goroutines of yours may still be at work.
func (c *Client) ExpectNothing() {
	c.t.Helper()
	if !settle() {
		c.catchUp()
	}
	c.mu.Lock()
	n := len(c.inbox)
	c.mu.Unlock()
	if n > 0 {
		c.fail("expected nothing, but %d came", n)
	}
}

// settle waits until all else in the bubble is idle. It reports whether there is one.
func settle() (bubble bool) {
	defer func() {
		if p := recover(); p != nil {
			if !strings.Contains(fmt.Sprint(p), "not in a bubble") {
				panic(p)
			}
		}
	}()
	synctest.Wait()
	return true
}

// catchUp waits for what is on its way to the client. One that has not sent an operation
// is not made to: the server sends it a mark.
func (c *Client) catchUp() {
	c.t.Helper()
	c.mu.Lock()
	over, mark := c.link.closed != nil, c.marks+1
	silent := !c.with.versioned() && c.requests == 0
	c.mu.Unlock()
	switch {
	case over:
	case !silent:
		_, _ = c.request("ping", members{}, ask{}) // a refusal is an answer as well
	default:
		if c.Session().Send(live.Message{Topic: markTopic}) != nil {
			return // it has ended
		}
		if err := c.await(func() bool { return c.marks >= mark }); errors.Is(err, errTimeout) {
			c.fail("waited for what is on its way: %v", err)
		}
	}
}

// ExpectClosed waits until the server has closed the connection, and returns the reason
// it gave. The code must be this one: 1006 for a connection that ended without a close
// frame.
func (c *Client) ExpectClosed(code int) (reason string) {
	c.t.Helper()
	var end *closed
	if err := c.await(func() bool { return false }); !errors.As(err, &end) {
		c.fail("expected the connection to be closed with code %d: %v", code, err)
	}
	if end.code != code {
		c.fail("expected code %d, but %v", code, end)
	}
	return end.reason
}

// ExpectEnded waits until the server has done with the session of a connection that has
// ended: OnClose has returned, and the session is subscribed to nothing, present nowhere
// and counted no more. It returns what OnClose was told.
func (c *Client) ExpectEnded() error {
	c.t.Helper()
	v := c.now().visit
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case <-v.left:
	case <-timeout.C:
		c.fail("expected the session to end: %v", errTimeout)
	}
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for c.server.Session(v.session.ID()) != nil { // nobody is told of the last steps
		select {
		case <-again.C:
		case <-timeout.C:
			c.fail("expected the session to end: %v", errTimeout)
		}
	}
	return v.err
}
