package redisbroker

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// How often the server is looked at.
const (
	probeEvery   = time.Second
	probeTimeout = time.Second
	probeAtLeast = 20 * time.Millisecond // between two looks
	probeLost    = 300 * time.Millisecond
)

// probeNow has the server looked at soon.
func (b *Broker) probeNow() {
	select {
	case b.bell <- struct{}{}:
	default:
	}
}

// watch looks at the server again and again: so it is known whether calls can be made,
// and calls that cannot be fail at once.
func (b *Broker) watch() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-b.bell:
			if !b.pause(probeAtLeast) {
				return
			}
		case <-b.ctx.Done():
			return
		}
		c, err := b.probe()
		if err != nil {
			if b.ctx.Err() != nil {
				return
			}
			b.health.lost(err, true)
			timer.Reset(jitter(probeLost))
			continue
		}
		b.hub.start(c.Mode() == rueidis.ClientModeCluster)
		if b.health.answered(c) {
			b.hub.ring()
		}
		timer.Reset(probeEvery)
	}
}

// probe finds out whether the server answers and takes writes. It connects if need be.
func (b *Broker) probe() (rueidis.Client, error) {
	c := b.health.current()
	if c == nil {
		made, err := rueidis.NewClient(b.client)
		if err != nil {
			return nil, err
		}
		c = made
		b.health.use(c)
	}
	if c.Mode() == rueidis.ClientModeCluster {
		return c, b.probeCluster(c)
	}
	ctx, cancel := context.WithTimeout(b.ctx, probeTimeout)
	defer cancel()
	err := c.Do(ctx, c.B().Set().Key(b.names.heartbeat()).Value("1").Ex(time.Minute).Build()).Error()
	if code(err) == "READONLY" && c.Mode() == rueidis.ClientModeStandalone {
		// The name or the proxy may lead to the new master, if it is asked again.
		b.health.use(nil)
		b.hub.reconnect()
		c.Close()
	}
	return c, err
}

// probeCluster asks all masters. It fails if none answers; that one does not is told by
// Err, and by the calls that need it.
func (b *Broker) probeCluster(c rueidis.Client) error {
	ctx, cancel := context.WithTimeout(b.ctx, probeTimeout)
	defer cancel()
	nodes, masters := c.Nodes(), b.hub.masters()
	if len(masters) == 0 {
		return c.Do(ctx, c.B().ClusterInfo().Build()).Error()
	}
	var (
		mu   sync.Mutex // guards failed and last
		run  sync.WaitGroup
		bad  int
		last error
	)
	for _, addr := range masters {
		run.Go(func() { // owner: this call, which waits for it; ends with the answer
			err := errGone
			if node := nodes[addr]; node != nil {
				err = node.Do(ctx, node.B().Ping().Build()).Error()
			}
			b.health.hear("master "+addr, err)
			if err != nil {
				mu.Lock()
				bad, last = bad+1, err
				mu.Unlock()
			}
		})
	}
	run.Wait()
	if bad > 0 {
		b.hub.ring()
	}
	if bad < len(masters) {
		return nil
	}
	return last
}

// pause waits, and reports false if the broker ends meanwhile.
func (b *Broker) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-b.ctx.Done():
		return false
	}
}

// jitter is between half of d and one and a half.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }
