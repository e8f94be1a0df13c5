package engine

// Handlers returns those of all open connections. It waits for the loops; one that has
// ended has none.
func (e *Engine) Handlers() []Handler {
	var all []Handler
	for _, l := range e.loops {
		found := make(chan []Handler, 1)
		if !l.inbox.push(command{kind: cmdCall, fn: func() { found <- l.handlers() }}) {
			continue
		}
		select {
		case some := <-found:
			all = append(all, some...)
		case <-l.gone:
		}
	}
	return all
}

func (l *loop) handlers() []Handler {
	list := make([]Handler, 0, l.conns)
	l.each(func(c *Conn) {
		if c.state == open {
			list = append(list, c.handler)
		}
	})
	return list
}
