package engine

// fate is what concerns the end of a connection: it is made when somebody waits for
// that, or when there is something to say about it.
type fate struct {
	ch    chan struct{}
	funcs map[*func()]struct{}
	err   error // why it ended
}

// closedChan is the Done of a connection that ended before anybody asked.
var closedChan = func() chan struct{} {
	ch := make(chan struct{})
	close(ch)
	return ch
}()

// Done returns a channel that is closed when the connection ends, which is before
// its Handler hears of it: a Handler that is busy can see that it is in vain.
func (c *Conn) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return closedChan
	}
	d := c.itsFate()
	if d.ch == nil {
		d.ch = make(chan struct{})
	}
	return d.ch
}

// AfterDone has f called in a goroutine of its own when the connection ends, at once
// if it has. stop undoes it, and reports whether it did.
func (c *Conn) AfterDone(f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		go f() // owner: the caller, who asked for it; ends with f
		return func() bool { return false }
	}
	d := c.itsFate()
	if d.funcs == nil {
		d.funcs = make(map[*func()]struct{})
	}
	d.funcs[&f] = struct{}{}
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		_, there := d.funcs[&f]
		delete(d.funcs, &f)
		return there
	}
}

func (c *Conn) itsFate() *fate {
	if c.fate == nil {
		c.fate = &fate{}
	}
	return c.fate
}

// setOver marks the connection as ended, which it was not. c.mu is held.
func (c *Conn) setOver(err error) {
	c.over = true
	if err != nil {
		c.itsFate().err = err
	}
	d := c.fate
	if d == nil {
		return
	}
	if d.ch != nil {
		close(d.ch)
	}
	for f := range d.funcs {
		go (*f)() // owner: who called AfterDone; ends with f
	}
	d.ch, d.funcs = nil, nil
}

// reason is why the connection ended. c.mu is held.
func (c *Conn) reason() error {
	if c.fate == nil {
		return nil
	}
	return c.fate.err
}

// Err returns why the connection ended: nil while it has not, and after a clean close.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reason()
}

// Ended reports whether the connection has ended: nothing more can be sent.
func (c *Conn) Ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}
