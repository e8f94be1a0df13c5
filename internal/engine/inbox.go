package engine

import (
	"sync"
	"sync/atomic"
)

// The kinds of command.
const (
	cmdPublish     = iota // frame to shard, except to conn
	cmdSend               // frame to conn
	cmdSubscribe          // sub
	cmdUnsubscribe        // sub
	cmdHold               // sub falls behind
	cmdLive               // sub is live again
	cmdCall               // fn, for what is rare
)

// command is something for a loop to do.
type command struct {
	kind  uint8
	conn  *Conn
	shard *shard
	sub   *subscription
	frame *Frame
	fn    func()
}

// inbox holds what callers want of a loop, in order. Pushing never waits: who must
// not flood the loop calls wait first. Thus a lock may be held while pushing.
type inbox struct {
	limit int          // set once: how many commands there may be before wait waits
	size  atomic.Int32 // len(list) and what the loop has taken and not done yet
	poll  poller       // set once: woken when something comes while the loop is parked

	mu     sync.Mutex // guards the fields below
	list   []command
	parked bool       // the loop sleeps, or is about to
	closed bool       // the loop has ended: everything is dropped
	room   *sync.Cond // on mu: size went below limit, or closed
}

func (b *inbox) init(limit int, p poller) {
	b.limit, b.poll = limit, p
	b.room = sync.NewCond(&b.mu)
}

// push appends c and wakes the loop if it sleeps. It never waits. It reports
// whether the loop is still there.
func (b *inbox) push(c command) bool {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return false
	}
	b.list = append(b.list, c)
	b.size.Add(1)
	wake := b.parked
	b.parked = false
	b.mu.Unlock()
	if wake {
		b.poll.wake()
	}
	return true
}

// full reports whether callers should wait before they push more.
func (b *inbox) full() bool { return int(b.size.Load()) >= b.limit }

// wait returns when the inbox is not full. It must not be called by a loop, nor
// with a lock held.
func (b *inbox) wait() {
	if !b.full() {
		return
	}
	b.mu.Lock()
	for !b.closed && b.full() {
		b.room.Wait()
	}
	b.mu.Unlock()
}

// take returns all commands, and keeps spare's memory for those to come.
func (b *inbox) take(spare []command) []command {
	b.mu.Lock()
	list := b.list
	b.list = spare[:0]
	b.mu.Unlock()
	return list
}

// done says that the loop has done n of the commands it took.
func (b *inbox) done(n int) {
	was := int(b.size.Add(int32(-n))) + n
	if was >= b.limit && was-n < b.limit {
		b.mu.Lock() // whoever saw it full is in Wait once we have this
		b.room.Broadcast()
		b.mu.Unlock()
	}
}

// park says that the loop is going to sleep, unless there is something to do.
func (b *inbox) park() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parked = len(b.list) == 0
	return b.parked
}

// unpark says that the loop is awake.
func (b *inbox) unpark() {
	b.mu.Lock()
	b.parked = false
	b.mu.Unlock()
}

// close drops what there is and whatever comes, and lets all who wait go.
func (b *inbox) close() {
	b.mu.Lock()
	b.closed, b.list = true, nil
	b.mu.Unlock()
	b.room.Broadcast()
}
