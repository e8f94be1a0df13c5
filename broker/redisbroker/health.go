package redisbroker

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"github.com/livetopics/live/broker"
)

// patience is how long calls wait for a server that has just gone. After that they
// fail at once.
const patience = time.Second

// health knows whether the servers answer.
type health struct {
	log    *slog.Logger // set once
	closed chan struct{}
	down   atomic.Bool

	mu     sync.Mutex // guards the fields below
	client rueidis.Client
	err    error            // why the servers do not answer; nil if they do
	links  map[string]error // why nothing is heard of a server, by address
	told   bool             // the log has it that they do not
	found  chan struct{}    // closed when they answer; nil if they do
	over   chan struct{}    // closed when calls have waited long enough; nil if they answer
	timer  *time.Timer      // closes over
	broken chan struct{}    // closed when they do not answer; nil while nobody waits for it
}

func (h *health) init(log *slog.Logger) {
	h.log, h.closed = log, make(chan struct{})
	h.lost(errConnecting, false)
}

// lost is told that a server does not answer. It is logged once it is sure, or calls fail.
func (h *health) lost(err error, sure bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil {
		over := make(chan struct{})
		h.found, h.over = make(chan struct{}), over
		h.timer = time.AfterFunc(patience, func() { h.giveUp(over) })
	}
	if h.err == nil && h.broken != nil {
		close(h.broken)
		h.broken = nil
	}
	h.err = err
	h.down.Store(true)
	if sure {
		h.tell()
	}
}

// giveUp has calls fail from now on, if the servers have not answered meanwhile.
func (h *health) giveUp(over chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	close(over)
	if h.over == over {
		h.tell()
	}
}

// tell logs that the servers do not answer, once. h.mu is held.
func (h *health) tell() {
	if !h.told {
		h.told = true
		h.log.Warn("redisbroker: lost the server; calls fail until it is found again", "error", h.err)
	}
}

// answered is told that the servers answer, by this client. It reports whether they did
// not before.
func (h *health) answered(c rueidis.Client) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.client = c
	if h.err == nil {
		return false
	}
	if h.told {
		h.log.Info("redisbroker: found the server again")
	}
	h.err, h.told = nil, false
	h.timer.Stop()
	close(h.found)
	h.found, h.over = nil, nil
	h.down.Store(false)
	return true
}

// hear is told whether what is published on the server of that address can be heard.
func (h *health) hear(addr string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		delete(h.links, addr)
		return
	}
	if h.links == nil {
		h.links = make(map[string]error)
	}
	h.links[addr] = err
}

// why is the reason why the servers cannot be reached, or nil.
func (h *health) why() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err != nil {
		return unavailable(h.err)
	}
	for _, err := range h.links {
		return unavailable(err)
	}
	return nil
}

// wait returns the client once the servers answer. It fails when they have not done so
// for as long as calls wait, or when the context or the broker ends.
func (h *health) wait(ctx context.Context) (rueidis.Client, error) {
	for {
		h.mu.Lock()
		c, err, found, over := h.client, h.err, h.found, h.over
		h.mu.Unlock()
		if err == nil {
			return c, nil
		}
		select {
		case <-found:
			continue
		default:
		}
		select {
		case <-found:
		case <-over:
			return nil, unavailable(err)
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-h.closed:
			return nil, broker.ErrClosed
		}
	}
}

// overdue returns a channel that is closed when calls have waited long enough, or nil
// if the servers answer.
func (h *health) overdue() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.over
}

// current is the client, nil before the first server was found.
func (h *health) current() rueidis.Client {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.client
}

// end stops what runs, and returns the client, if there is one.
func (h *health) end() rueidis.Client {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.timer != nil {
		h.timer.Stop()
	}
	return h.client
}

// use sets the client, before it is known whether the servers answer.
func (h *health) use(c rueidis.Client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.client = c
}

// trouble returns a channel that is closed when the servers do not answer.
func (h *health) trouble() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.broken == nil || h.err != nil {
		h.broken = make(chan struct{})
		if h.err != nil {
			close(h.broken)
		}
	}
	return h.broken
}
