package engine

import "github.com/livetopics/live/internal/ws"

// item is something for the Handler: a message, or do, for what is rare.
type item struct {
	op      ws.Opcode
	payload []byte
	do      func()
}

// mailbox holds what came for a Handler that is busy. It is guarded by its
// connection's mu, and there is none while it would be empty.
type mailbox struct {
	items []item
	bytes int
}

// post appends an item to the mailbox, and starts a goroutine to work on it unless
// there is one. It reports whether the mailbox is full.
func (c *Conn) post(it item) (full bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mute && it.do == nil {
		return false
	}
	if c.box == nil {
		c.box = &mailbox{}
	}
	c.box.items = append(c.box.items, it)
	c.box.bytes += len(it.payload)
	if !c.busy {
		c.busy = true
		go c.work() // owner: the connection; ends when the mailbox is empty
	}
	return c.box.full(&c.loop.engine.opts)
}

// full limits a mailbox in messages, and in bytes to those of a few of the largest.
func (b *mailbox) full(o *Options) bool {
	return len(b.items) >= o.MailboxSize || b.bytes >= 4*o.ReadLimit
}

// work hands items to the Handler until there are none. It takes all there are at
// once, so that a burst costs one lock and not one per message.
func (c *Conn) work() {
	var items []item
	finished := false
	defer func() {
		if !finished { // the Handler called runtime.Goexit: others must not wait for ever
			c.putBack(items)
			go c.work() // owner: the connection; ends when the mailbox is empty
		}
	}()
	for {
		if items = c.takeAll(); items == nil {
			finished = true
			return
		}
		for len(items) > 0 {
			it := items[0]
			items[0] = item{}
			items = items[1:]
			c.handle(&it)
		}
	}
}

// takeAll empties the mailbox; nil says that there was nothing, and nobody works on
// it any more.
func (c *Conn) takeAll() []item {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.box == nil {
		c.busy = false
		return nil
	}
	items := c.box.items
	c.box = nil
	if c.paused {
		c.paused = false
		c.loop.inbox.push(command{kind: cmdCall, conn: c, fn: func() { c.loop.resume(c) }})
	}
	return items
}

func (c *Conn) putBack(items []item) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(items) == 0 {
		return
	}
	if c.box == nil {
		c.box = &mailbox{}
	}
	c.box.items = append(items, c.box.items...)
	for i := range items {
		c.box.bytes += len(items[i].payload)
	}
}

func (c *Conn) handle(it *item) {
	if it.do != nil {
		it.do()
		return
	}
	c.mu.Lock()
	mute := c.mute
	c.mu.Unlock()
	if !mute {
		c.handler.Message(it.op, it.payload)
	}
}

// tellClosed is the last item.
func (c *Conn) tellClosed(err error) {
	defer func() {
		c.mu.Lock()
		c.subs = subscriptions{}
		c.mu.Unlock()
		c.loop.engine.live.Done()
	}()
	c.handler.Closed(err)
}
