package engine

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// The defaults of Options.
const (
	DefaultQueueSize    = 256
	DefaultQueueBytes   = 2 << 20
	DefaultReadLimit    = 64 << 10
	DefaultMailboxSize  = 128
	DefaultInboxSize    = 16 << 10
	DefaultIdleTimeout  = time.Minute
	DefaultWriteTimeout = 10 * time.Second
	DefaultCloseTimeout = 5 * time.Second
)

// Options of an Engine. 0 is the default of each; for the three timeouts a negative
// value means none.
type Options struct {
	Loops        int           // how many loops; by default one per core that Go may use
	QueueSize    int           // frames that wait for one socket that refuses them
	QueueBytes   int           // bytes that wait for one socket that refuses them
	ReadLimit    int           // bytes of one inbound message
	MailboxSize  int           // inbound messages that wait for one Handler before its socket is read no more
	InboxSize    int           // commands that wait for one loop before callers wait
	IdleTimeout  time.Duration // a peer that was not heard for this long is gone
	WriteTimeout time.Duration // a socket that took no byte of what waits for this long is given up
	CloseTimeout time.Duration // how long a peer has to answer a close frame
	NetSockets   bool          // use the net.Conn socket for every connection

	// Hole makes the frame that tells of publications which were dropped for a slow
	// reader, in their place: lost of them, numbered from from to to, or 0 without
	// numbers. It must not block. Without it nobody is told.
	Hole func(topic string, from, to uint64, lost int) []byte
}

func (o Options) withDefaults() Options {
	def := func(p *int, v int) {
		if *p <= 0 {
			*p = v
		}
	}
	def(&o.Loops, runtime.GOMAXPROCS(0))
	def(&o.QueueSize, DefaultQueueSize)
	def(&o.QueueBytes, DefaultQueueBytes)
	def(&o.ReadLimit, DefaultReadLimit)
	def(&o.MailboxSize, DefaultMailboxSize)
	def(&o.InboxSize, DefaultInboxSize)
	for p, v := range map[*time.Duration]time.Duration{
		&o.IdleTimeout: DefaultIdleTimeout, &o.WriteTimeout: DefaultWriteTimeout, &o.CloseTimeout: DefaultCloseTimeout,
	} {
		if *p == 0 {
			*p = v
		}
	}
	return o
}

// Engine is a set of loops and the route between topics and them. All of its
// methods may be called from any goroutine.
type Engine struct {
	// Set once, by New.
	opts  Options
	loops []*loop
	route route

	next    atomic.Uint32  // the loop of the next connection, round robin
	closing atomic.Bool    // Shutdown has begun
	coming  atomic.Int64   // reserved places whose connection is not attached yet
	reserve sync.RWMutex   // held for reading while a place is reserved, so that Shutdown sees it or refuses it
	live    sync.WaitGroup // reserved places, and connections whose Handler has not seen Closed yet
	run     sync.WaitGroup // the goroutines of loops and of their sockets
}

// New starts an engine: as many goroutines as it has loops. It fails where the
// system gives no poller (too many open files). End it with Shutdown.
func New(o Options) (*Engine, error) {
	e := &Engine{opts: o.withDefaults()}
	e.route.init()
	for range e.opts.Loops {
		l, err := newLoop(e)
		if err != nil {
			for _, l := range e.loops {
				l.poll.close()
			}
			return nil, err
		}
		e.loops = append(e.loops, l)
	}
	for _, l := range e.loops {
		e.run.Go(l.run) // owner: the engine; ends when Shutdown has emptied the loop
	}
	return e, nil
}

// Shutdown refuses new connections, closes those there are with the given code and
// reason once their queues are written, and waits until every Handler has seen
// Closed and every goroutine of the engine is gone. When ctx ends first, sockets are
// closed as they are, and ctx's error is returned; Handlers may still be running.
func (e *Engine) Shutdown(ctx context.Context, code int, reason string) error {
	e.reserve.Lock()
	e.closing.Store(true)
	e.reserve.Unlock()
	for _, l := range e.loops {
		l.inbox.push(command{kind: cmdCall, fn: func() { l.leave(code, reason) }})
	}
	done := make(chan struct{})
	go func() { // owner: this call; ends with the last Handler and loop
		e.run.Wait()
		e.live.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	for _, l := range e.loops {
		l.inbox.push(command{kind: cmdCall, fn: l.abandon})
	}
	e.run.Wait()
	return ctx.Err()
}
