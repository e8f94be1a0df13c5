package live

import (
	"hash/maphash"
	"sync"
)

// laneCount is how many things of different keys are done at once.
const laneCount = 16

// laneLength is how much may wait in a lane.
const laneLength = 4096

// lanes do in the background what may take its time: what has the same key in the order
// it was given, and other things beside it. There is a goroutine for a lane while
// something is in it.
type lanes struct {
	seed  maphash.Seed // set once
	lanes [laneCount]lane
	busy  sync.WaitGroup // the goroutines
}

type lane struct {
	mu      sync.Mutex // guards the fields below
	list    []func()
	running bool
	closed  bool
}

func (l *lanes) init() { l.seed = maphash.MakeSeed() }

// add has do called. It does not block, and reports whether there was room: no more
// than laneLength wait in a lane, and none after close.
func (l *lanes) add(key string, do func()) bool {
	one := &l.lanes[maphash.String(l.seed, key)%laneCount]
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.closed || len(one.list) >= laneLength {
		return false
	}
	one.list = append(one.list, do)
	if !one.running {
		one.running = true
		l.busy.Go(one.run) // owner: the lanes, whose close waits for it; ends when the lane is empty
	}
	return true
}

func (one *lane) run() {
	for {
		one.mu.Lock()
		list := one.list
		one.list = nil
		if len(list) == 0 {
			one.running = false
			one.mu.Unlock()
			return
		}
		one.mu.Unlock()
		for _, do := range list {
			do()
		}
	}
}

// close takes nothing more, and waits until all is done that was given.
func (l *lanes) close() {
	for i := range l.lanes {
		l.lanes[i].mu.Lock()
		l.lanes[i].closed = true
		l.lanes[i].mu.Unlock()
	}
	l.busy.Wait()
}
