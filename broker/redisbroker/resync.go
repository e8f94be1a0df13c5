package redisbroker

import (
	"sync"
	"time"

	"github.com/livetopics/live/broker"
)

// How the history of followed topics is read.
const (
	readTopics = 256       // at a time
	readLimit  = 256       // publications of each
	readBytes  = 128 << 10 // or about so many bytes
	readAgain  = 200 * time.Millisecond
)

// resync reads what is missing of followed topics, many in one round trip, and compares
// all of them now and then. It is one goroutine.
type resync struct {
	b    *Broker       // set once
	bell chan struct{} // there is something in queue

	mu    sync.Mutex // guards queue
	queue []*follow
}

func (r *resync) init(b *Broker) { r.b, r.bell = b, make(chan struct{}, 1) }

// add has the topic read. Its stripe is locked.
func (r *resync) add(f *follow) {
	if f.queued {
		return
	}
	f.queued = true
	r.mu.Lock()
	r.queue = append(r.queue, f)
	r.mu.Unlock()
	select {
	case r.bell <- struct{}{}:
	default:
	}
}

// take returns the next topics to read.
func (r *resync) take() []*follow {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := min(len(r.queue), readTopics)
	taken := r.queue[:n:n]
	if r.queue = r.queue[n:]; len(r.queue) == 0 {
		r.queue = nil
	}
	return taken
}

// run is the goroutine.
func (r *resync) run() {
	every := max(r.b.o.CheckEvery/stripes, time.Millisecond)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for turn := 0; ; {
		select {
		case <-r.bell:
		case <-tick.C:
			r.compare(turn % stripes)
			turn++
		case <-r.b.ctx.Done():
			return
		}
		for list := r.take(); len(list) > 0; list = r.take() {
			if failed := r.read(list); failed && !r.b.pause(jitter(readAgain)) {
				return
			}
			if r.b.ctx.Err() != nil {
				return
			}
		}
	}
}

// read reads some topics, and reports whether one could not be.
func (r *resync) read(list []*follow) (failed bool) {
	b := r.b
	asked := make([]cursor, 0, len(list))
	wanted := list[:0:0]
	for _, f := range list {
		s := b.table.stripe(f.name)
		s.mu.Lock()
		f.queued = false
		if !f.gone {
			f.before = len(f.held.list)
			c := f.cursor
			if f.state == joining {
				c = s.known.get(f.name)
			}
			wanted, asked = append(wanted, f), append(asked, c)
		}
		s.mu.Unlock()
	}
	pages, errs := b.readPages(wanted, asked, false)
	for i, f := range wanted {
		s := b.table.stripe(f.name)
		s.mu.Lock()
		switch {
		case f.gone:
		case errs[i] != nil:
			failed = true
			r.add(f)
		case b.apply(f, &pages[i]):
			r.add(f)
		}
		s.mu.Unlock()
	}
	return failed
}

// readPages reads a page of each topic, or only where it stands.
func (b *Broker) readPages(list []*follow, from []cursor, position bool) ([]page, []error) {
	pages, errs := make([]page, len(list)), make([]error, len(list))
	if len(list) == 0 {
		return pages, errs
	}
	calls := make([]invocation, len(list))
	for i, f := range list {
		q := broker.Query{Since: from[i].seq, Limit: readLimit, MaxBytes: readBytes}
		if position || f.state == joining { // only this goroutine changes that state
			q.Limit = 0
		}
		calls[i] = b.pageCall(f.name, f.history, "fill", q, from[i])
	}
	b.counts.resyncs.Add(int64(len(list)))
	c, err := b.health.wait(b.ctx)
	if err != nil {
		for i := range errs {
			errs[i] = err
		}
		return pages, errs
	}
	for i, result := range scripts.page.runAll(b.ctx, c, calls) {
		pages[i], errs[i] = parsePage(result)
		if errs[i] != nil && b.ctx.Err() == nil {
			b.judge(c, errs[i])
		}
	}
	return pages, errs
}

// compare compares the topics of a stripe with what is stored, and has those read that
// have something new which has not been heard of.
func (r *resync) compare(i int) {
	b := r.b
	s := &b.table.stripes[i]
	var list []*follow
	var at []cursor
	s.mu.Lock()
	for _, f := range s.topics {
		if f.state == live && f.history.On() {
			list, at = append(list, f), append(at, f.cursor)
		}
	}
	s.mu.Unlock()
	for len(list) > 0 && !b.health.down.Load() && b.ctx.Err() == nil {
		n := min(len(list), readTopics)
		pages, errs := b.readPages(list[:n], at[:n], true)
		s.mu.Lock()
		for i, f := range list[:n] {
			if errs[i] == nil && !f.gone && f.state == live && (pages[i].Epoch != f.cursor.epoch || pages[i].Seq > f.cursor.seq) {
				f.state, f.before = behind, 0
				r.add(f)
			}
		}
		s.mu.Unlock()
		list, at = list[n:], at[n:]
	}
}
