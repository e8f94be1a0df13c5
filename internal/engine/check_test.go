package engine

import (
	"fmt"
	"testing"
)

// checker walks one loop on the loop itself, and collects what does not fit together.
type checker struct {
	l     *loop
	conns map[*Conn]bool // those in the wheel
	wrong []string
}

func (k *checker) errorf(format string, args ...any) {
	k.wrong = append(k.wrong, fmt.Sprintf(format, args...))
}

// quietTries is how often check looks for a moment in which nobody wants anything of
// a loop: what is in an inbox is in the route already and not in the lists.
const quietTries = 1000

// check walks every loop of an engine that runs.
func check(t testing.TB, e *Engine) {
	t.Helper()
	for i, l := range e.loops {
		for try := range quietTries {
			wrong, quiet := checkOnLoop(l)
			if len(wrong) == 0 {
				break
			}
			if !quiet && try < quietTries-1 {
				continue
			}
			for _, w := range wrong {
				t.Errorf("loop %d: %s", i, w)
			}
			break
		}
	}
}

// checkOnLoop runs checkLoop in l, and reports whether nobody else wanted anything.
func checkOnLoop(l *loop) (wrong []string, quiet bool) {
	done := make(chan struct{})
	pushed := l.inbox.push(command{kind: cmdCall, fn: func() {
		defer close(done)
		quiet = l.inbox.size.Load() == 1
		wrong = checkLoop(l)
		quiet = quiet && l.inbox.size.Load() == 1
	}})
	if !pushed {
		return nil, true
	}
	<-done
	return wrong, quiet
}

// checkLoop says what is wrong with a loop that has done all that was wanted of it.
func checkLoop(l *loop) []string {
	k := &checker{l: l, conns: map[*Conn]bool{}}
	k.wheel()
	k.watch()
	for c := range k.conns {
		k.conn(c)
		k.subscriptions(c)
	}
	k.turn(l.cur, "the turn being written")
	k.turn(l.next, "the collecting turn")
	k.route()
	k.poller()
	return k.wrong
}

func (k *checker) wheel() {
	n := 0
	for spoke, slot := range k.l.wheel.slots {
		for i, c := range slot {
			n++
			k.conns[c] = true
			if int(c.spoke) != spoke || int(c.slot) != i {
				k.errorf("wheel: a connection in slot %d, place %d believes to be in %d, %d", spoke, i, c.spoke, c.slot)
			}
			if c.loop != k.l || c.state == closed {
				k.errorf("wheel: a connection in state %d, of this loop: %v", c.state, c.loop == k.l)
			}
		}
	}
	if n != k.l.conns || n != len(k.conns) {
		k.errorf("wheel: %d places, %d connections, the loop counts %d", n, len(k.conns), k.l.conns)
	}
}

func (k *checker) watch() {
	for i, c := range k.l.watched {
		if !k.conns[c] || int(c.watchAt) != i {
			k.errorf("watch list: place %d holds a connection that says %d, in the wheel: %v", i, c.watchAt, k.conns[c])
		}
	}
	for c := range k.conns {
		want := c.out != nil || c.giveUp != 0
		if got := c.watchAt != notWatched; got != want {
			k.errorf("watch list: watched: %v, has a queue or a deadline: %v", got, want)
		}
		if at := int(c.watchAt); c.watchAt != notWatched && (at >= len(k.l.watched) || k.l.watched[at] != c) {
			k.errorf("watch list: a connection that says %d is not there", at)
		}
	}
}

// conn looks at the queue.
func (k *checker) conn(c *Conn) {
	pending := int(c.pending.Load())
	if c.out == nil {
		if pending != 0 {
			k.errorf("queue: none, and %d frames are pending", pending)
		}
		return
	}
	sum, count, holes := -c.out.sent, 0, 0
	for i, f := range c.out.frames {
		if f == nil {
			continue
		}
		sum += len(f.Bytes)
		if f.Pub != nil && f.Pub.hole {
			holes++
			continue
		}
		count++
		if p := f.Pub; p != nil && p.Overflow == KeepLatest && c.out.newest[subject{p.Topic, p.Key}] < c.out.first+uint64(i) {
			k.errorf("queue: frame %d of %q, %q is not the newest known", i, p.Topic, p.Key)
		}
	}
	if sum != c.out.bytes || len(c.out.frames) > 0 && (c.out.frames[0] == nil || c.out.sent >= len(c.out.frames[0].Bytes)) {
		k.errorf("queue: %d frames with %d bytes, %d of the first sent; it counts %d", count, sum, c.out.sent, c.out.bytes)
	}
	if pending != count || c.out.count != count || c.out.holes != holes {
		k.errorf("queue: %d frames and %d holes, it counts %d and %d, %d pending", count, holes, c.out.count, c.out.holes, pending)
	}
}

// subscriptions looks at a connection's own list.
func (k *checker) subscriptions(c *Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	subs := c.subs.appendTo(nil)
	seen := map[string]bool{}
	for _, sub := range subs {
		name := sub.shard.topic.name
		if seen[name] || sub.conn != c || sub.shard.loop != k.l {
			k.errorf("subscription to %q: twice, or of another connection or loop", name)
		}
		seen[name] = true
		if c.subs.find(name) != sub {
			k.errorf("subscription to %q is listed and not found", name)
		}
		listed := sub.at != notListed && int(sub.at) < len(sub.shard.subs) && sub.shard.subs[sub.at] == sub
		if want := c.state == open && !k.behind(sub); listed != want {
			k.errorf("subscription to %q: in its shard: %v, connection open: %v", name, listed, c.state == open)
		}
	}
}

// behind reports whether a subscription is kept out of its shard's list.
func (k *checker) behind(sub *subscription) bool {
	s := k.l.engine.route.stripe(sub.shard.topic.name)
	s.mu.Lock()
	defer s.mu.Unlock()
	return sub.shard.topic.behind(sub)
}

// route looks at this loop's shards of every topic.
func (k *checker) route() {
	for i := range stripes + 1 {
		s := &k.l.engine.route.wild
		if i < stripes {
			s = &k.l.engine.route.stripes[i]
		}
		s.mu.Lock()
		for name, t := range s.topics {
			if t.name != name || len(t.shards) == 0 {
				k.errorf("route: topic %q under the name %q, with %d shards", t.name, name, len(t.shards))
			}
			loops := map[*loop]bool{}
			for _, sh := range t.shards {
				if loops[sh.loop] {
					k.errorf("route: topic %q has two shards for a loop", name)
				}
				loops[sh.loop] = true
				if sh.loop == k.l {
					k.shard(name, sh)
				}
			}
		}
		s.mu.Unlock()
	}
}

func (k *checker) shard(name string, sh *shard) {
	behind := 0
	if kept := sh.topic.kept; kept != nil {
		for sub := range kept.held {
			if sub.shard == sh {
				behind++
			}
		}
	}
	if int(sh.count) != len(sh.subs)+behind || sh.count == 0 {
		k.errorf("shard of %q: counts %d, lists %d, and %d are behind", name, sh.count, len(sh.subs), behind)
	}
	if len(sh.back) != behind || sh.back != nil && behind == 0 {
		k.errorf("shard of %q: knows %d that are behind, want %d", name, len(sh.back), behind)
	}
	for at, sub := range sh.subs {
		if int(sub.at) != at || sub.shard != sh || !k.conns[sub.conn] || sub.conn.state != open {
			k.errorf("shard of %q: place %d says %d; same shard: %v, open: %v", name, at, sub.at, sub.shard == sh, sub.conn.state == open)
		}
	}
	for _, t := range [2]*turn{k.l.cur, k.l.next} {
		d := sh.dirty[t.parity]
		if d != 0 && (t == k.l.cur || int(d) > len(t.shards) || t.shards[d-1].shard != sh) {
			k.errorf("shard of %q: place %d in a turn of %d shards is not its own", name, d, len(t.shards))
		}
	}
}

// turn looks at the marks, and at the memory of an empty one.
func (k *checker) turn(t *turn, name string) {
	for i := range t.marks {
		if c := t.marks[i].conn; c != nil && int(c.marks[t.parity]) != i+1 {
			k.errorf("%s: mark %d is of a connection that says %d", name, i+1, c.marks[t.parity])
		}
	}
	for c := range k.conns {
		at := int(c.marks[t.parity])
		if at != 0 && (at > len(t.marks) || t.marks[at-1].conn != c) {
			k.errorf("%s: a connection's mark %d of %d is not its own", name, at, len(t.marks))
		}
	}
	bytes := 0
	for _, f := range t.frames {
		bytes += len(f.Bytes)
	}
	if bytes != t.bytes {
		k.errorf("%s: %d bytes, it counts %d", name, bytes, t.bytes)
	}
	if !t.empty() {
		return
	}
	if len(t.frames)+len(t.shards)+len(t.urgent)+t.next != 0 || t.flat != nil {
		k.errorf("%s: empty, with %d frames, %d shards, %d urgent", name, len(t.frames), len(t.shards), len(t.urgent))
	}
	for i, m := range t.marks[:cap(t.marks)] {
		if m.conn != nil {
			k.errorf("%s: empty, and its memory holds connection %d", name, i)
		}
	}
	for i, f := range t.frames[:cap(t.frames)] {
		if f != nil {
			k.errorf("%s: empty, and its memory holds frame %d", name, i)
		}
	}
}

// checkEmpty looks at an engine after Shutdown.
func checkEmpty(t testing.TB, e *Engine) {
	t.Helper()
	for i := range e.route.stripes {
		if n := len(e.route.stripes[i].topics); n != 0 {
			t.Errorf("after Shutdown stripe %d has %d topics", i, n)
		}
	}
	for i, l := range e.loops {
		for _, w := range checkLoop(l) {
			t.Errorf("after Shutdown loop %d: %s", i, w)
		}
		if l.conns != 0 || len(l.watched) != 0 || len(l.inbox.list) != 0 || !l.cur.empty() || !l.next.empty() {
			t.Errorf("after Shutdown loop %d has %d connections, %d watched, %d commands; turns empty: %v, %v",
				i, l.conns, len(l.watched), len(l.inbox.list), l.cur.empty(), l.next.empty())
		}
	}
	if s := e.Stats(); s.Connections != 0 || s.Topics != 0 || s.Subscriptions != 0 {
		t.Errorf("after Shutdown Stats has %+v", s)
	}
}
