package host

import "sync"

// Rooms is who listens to which topic, for libraries that leave this to the application: a set of
// connections per topic under one lock, as their own examples have it. Safe for concurrent use.
type Rooms[C comparable] struct {
	mu    sync.RWMutex // guards rooms and its sets
	rooms map[string]map[C]struct{}
}

// Join adds c to topic's subscribers.
func (r *Rooms[C]) Join(topic string, c C) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rooms == nil {
		r.rooms = make(map[string]map[C]struct{})
	}
	if r.rooms[topic] == nil {
		r.rooms[topic] = make(map[C]struct{})
	}
	r.rooms[topic][c] = struct{}{}
}

// Leave takes c out of every topic.
func (r *Rooms[C]) Leave(c C) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for topic, members := range r.rooms {
		if delete(members, c); len(members) == 0 {
			delete(r.rooms, topic)
		}
	}
}

// Each calls f for every subscriber of topic, in no order, under the lock: f must not block, nor join or
// leave.
func (r *Rooms[C]) Each(topic string, f func(C)) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for c := range r.rooms[topic] {
		f(c)
	}
}
