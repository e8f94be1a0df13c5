// Where sendto is no system call of its own, poller_other.go serves.

//go:build !386 && !s390x

package engine

import (
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"
)

// eventsAtOnce is how many sockets one look at the poller can find ready.
const eventsAtOnce = 256

// epoll is the poller of Linux. Its descriptor is itself registered with the poller
// of the Go runtime, so that a loop that sleeps holds no thread, and its deadline
// there is the loop's timer and its alarm bell: to wake a loop costs no system call.
type epoll struct {
	loop   *loop
	fd     int
	file   *os.File        // owns fd
	raw    syscall.RawConn // of file
	conns  []*Conn         // by descriptor
	events [eventsAtOnce]syscall.EpollEvent
}

var _ poller = (*epoll)(nil)

func newPoller(l *loop) (poller, error) {
	if l.engine.opts.NetSockets {
		return newBell(), nil
	}
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create epoll: %w", err)
	}
	if err := syscall.SetNonblock(fd, true); err != nil { // makes os.NewFile hand it to the runtime's poller
		syscall.Close(fd)
		return nil, fmt.Errorf("make epoll non-blocking: %w", err)
	}
	p := &epoll{loop: l, fd: fd, file: os.NewFile(uintptr(fd), "epoll")}
	if p.raw, err = p.file.SyscallConn(); err == nil {
		err = p.file.SetReadDeadline(time.Time{})
	}
	if err != nil {
		p.file.Close()
		return nil, fmt.Errorf("hand epoll to the runtime: %w", err)
	}
	return p, nil
}

func (p *epoll) poll() bool { return p.serveAll(p.look()) }

func (p *epoll) arm(until time.Time) { p.file.SetReadDeadline(until) }

func (p *epoll) sleep() {
	n := 0
	p.raw.Read(func(uintptr) bool { // or until the deadline
		n = p.look()
		return n > 0
	})
	p.serveAll(n)
}

func (p *epoll) serveAll(n int) bool {
	for i := range p.events[:n] {
		p.serve(&p.events[i])
	}
	return n > 0
}

// look asks for the sockets that are ready, without the runtime's bookkeeping for
// calls that might block: this one cannot.
func (p *epoll) look() int {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(p.fd),
		uintptr(unsafe.Pointer(&p.events[0])), eventsAtOnce, 0, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

func (p *epoll) serve(e *syscall.EpollEvent) {
	c := p.conns[e.Fd]
	if c == nil {
		return // dropped a moment ago
	}
	if e.Events&syscall.EPOLLOUT != 0 {
		p.loop.writable(c)
	}
	if e.Events&^syscall.EPOLLOUT != 0 && p.conns[e.Fd] == c {
		p.read(c, int(e.Fd))
	}
}

func (p *epoll) wake() { p.file.SetReadDeadline(time.Unix(1, 0)) }

func (p *epoll) close() { p.file.Close() }
