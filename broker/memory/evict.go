package memory

// evictShare is which part of the limit is freed at a time, so that the topics
// are not searched for each publication.
const evictShare = 64

// evict drops the oldest publications of the topics that were published to least
// recently, while there is more than the limit. Who publishes meanwhile waits.
func (b *Broker) evict() {
	limit := b.limits.bytes
	if limit == 0 || b.bytes.Load() <= limit {
		return
	}
	b.evicting.Lock()
	defer b.evicting.Unlock()
	if b.bytes.Load() <= limit {
		return // another has done it
	}
	for goal := limit - limit/evictShare; b.bytes.Load() > goal; {
		s := b.leastRecent()
		if s == nil {
			return
		}
		b.evictFrom(s, goal)
	}
}

// leastRecent finds the stripe with the topic that was published to least
// recently, nil if nothing is stored.
func (b *Broker) leastRecent() (least *stripe) {
	at := int64(never)
	for i := range b.stripes {
		s := &b.stripes[i]
		s.mu.Lock()
		if t := s.recency.oldest; t != nil && t.log.lastAt < at {
			least, at = s, t.log.lastAt
		}
		s.mu.Unlock()
	}
	return least
}

// evictFrom drops what the stripe's least recent topic has, from its oldest on,
// until the goal is reached.
func (b *Broker) evictFrom(s *stripe, goal int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.recency.oldest
	if t == nil || b.closed.Load() {
		return
	}
	for t.log.count() > 0 && b.bytes.Load() > goal {
		b.change(s, t, (*log).dropSegment)
	}
	if t.log.count() == 0 {
		b.review(s, t, clock())
		b.sweeper.by(s.due())
	}
}
