package engine

// EachTopic calls f with each topic and wildcard that has subscriptions, and their
// number, in no order. It does not block, and f must not call the engine.
func (e *Engine) EachTopic(f func(name string, subscribers int)) {
	for i := range e.route.stripes {
		e.route.stripes[i].each(f)
	}
	e.route.wild.each(f)
}

func (s *stripe) each(f func(name string, subscribers int)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, t := range s.topics {
		n := 0
		for _, sh := range t.shards {
			n += int(sh.count)
		}
		f(name, n)
	}
}
