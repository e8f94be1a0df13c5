package ws

// Held returns how many bytes of memory the Reader keeps for what is half-received.
func (r *Reader) Held() int { return cap(r.msg.buf) + cap(r.ctl) }

// UTF8Checker is the check of text, for its own tests.
type UTF8Checker = utf8Checker

// Check is check.
func (c *utf8Checker) Check(p []byte) int { return c.check(p) }

// Complete is complete.
func (c *utf8Checker) Complete() bool { return c.complete() }
