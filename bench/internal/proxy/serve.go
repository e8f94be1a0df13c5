package proxy

import (
	"net"
	"sync"
	"sync/atomic"
)

// buffer is what is passed on at once at most, in bytes.
const buffer = 64 << 10

// serve passes one connection on until either side ends it.
func (p *Proxy) serve(near net.Conn) {
	if !p.hold(near) {
		return
	}
	defer p.drop(near)
	far, err := net.Dial("tcp", p.target)
	if err != nil || !p.hold(far) {
		return
	}
	defer p.drop(far)
	var asking atomic.Bool // the last bytes were the client's
	var both sync.WaitGroup
	both.Go(func() { // owner: this call; ends when either side is closed
		pass(far, near, func() {
			if !asking.Swap(true) {
				p.turns.Add(1)
			}
		})
	})
	pass(near, far, func() { asking.Store(false) })
	both.Wait()
}

// pass passes on what comes from one side, tells of it each time before it does, and then closes both.
func pass(to, from net.Conn, tell func()) {
	defer to.Close()
	defer from.Close()
	b := make([]byte, buffer)
	for {
		n, err := from.Read(b)
		if n > 0 {
			tell()
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
