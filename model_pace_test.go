package live_test

import "sync"

// modelAhead is how many publications may be waiting to be made: a burst.
const modelAhead = 3000

// modelPace lets the publishers publish in bursts at full speed, and yet not be done
// before the clients have done something.
type modelPace struct {
	mu     sync.Mutex // guards the fields below
	more   sync.Cond  // something has changed for publishers
	tokens int        // publications that may be made
	left   int        // publications to be made in all
	made   int        // publications that were made, or are about to be
	awake  int        // clients that do not stall
	stalls []modelStall
}

// modelStall is a client that does not read until so many publications were made.
type modelStall struct {
	until int
	over  chan struct{}
}

func newModelPace(publications, clients int) *modelPace {
	p := &modelPace{left: publications, awake: clients}
	p.more.L = &p.mu
	return p
}

// take waits until something may be published, and returns how much, up to most; 0 is
// the end.
func (p *modelPace) take(most int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.tokens == 0 && p.left > 0 {
		if p.awake > 0 || len(p.stalls) == 0 {
			p.more.Wait()
			continue
		}
		p.release(p.first()) // all clients wait for publications, and these for clients
	}
	n := min(most, p.tokens, p.left)
	p.tokens -= n
	p.left -= n
	p.made += n
	for i := len(p.stalls) - 1; i >= 0; i-- {
		if p.left == 0 || p.stalls[i].until <= p.made {
			p.release(i)
		}
	}
	if p.left == 0 {
		p.more.Broadcast()
	}
	return n
}

func (p *modelPace) first() int {
	first := 0
	for i := range p.stalls {
		if p.stalls[i].until < p.stalls[first].until {
			first = i
		}
	}
	return first
}

func (p *modelPace) release(i int) {
	close(p.stalls[i].over)
	p.stalls[i] = p.stalls[len(p.stalls)-1]
	p.stalls = p.stalls[:len(p.stalls)-1]
	p.awake++
}

// grant lets n publications more be made, and reports whether there are any to come.
func (p *modelPace) grant(n int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tokens = min(p.tokens+n, modelAhead)
	p.more.Broadcast()
	return p.left > 0
}

// stall waits until n publications were made since, or no more come.
func (p *modelPace) stall(n int) {
	p.mu.Lock()
	if p.left == 0 {
		p.mu.Unlock()
		return
	}
	s := modelStall{p.made + n, make(chan struct{})}
	p.stalls = append(p.stalls, s)
	p.awake--
	p.more.Broadcast()
	p.mu.Unlock()
	<-s.over
}

// end makes all end early.
func (p *modelPace) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = 0
	for len(p.stalls) > 0 {
		p.release(0)
	}
	p.more.Broadcast()
}
