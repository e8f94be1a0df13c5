package engine

import "syscall"

// poller compares epoll's table with the connections.
func (k *checker) poller() {
	p, ok := k.l.poll.(*epoll)
	if !ok {
		return
	}
	for fd, c := range p.conns {
		if c != nil && (!k.conns[c] || int(c.fd) != fd) {
			k.errorf("epoll: descriptor %d is of a connection that says %d, in the wheel: %v", fd, c.fd, k.conns[c])
		}
	}
	for c := range k.conns {
		if _, ok := c.sock.(*epollSocket); !ok {
			continue
		}
		if int(c.fd) >= len(p.conns) || p.conns[c.fd] != c {
			k.errorf("epoll: descriptor %d has no connection", c.fd)
		}
		if wants := c.events&syscall.EPOLLOUT != 0; wants != (c.out != nil) {
			k.errorf("epoll: waits to write: %v, has a queue: %v", wants, c.out != nil)
		}
	}
}
