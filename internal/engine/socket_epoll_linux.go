// Where sendto is no system call of its own, poller_other.go serves.

//go:build !386 && !s390x

package engine

import (
	"fmt"
	"io"
	"net"
	"syscall"
	"unsafe"
)

// epollSocket is a descriptor of its own for a connection, taken from a net.Conn
// that is gone: neither a goroutine nor a buffer nor an entry in the runtime's
// poller stays behind. It is the connection itself, of which it uses fd and events,
// because there are many.
type epollSocket Conn

var _ socket = (*epollSocket)(nil)

// newSocket takes nc over. Only the plain types of package net are known to be
// nothing but a descriptor; whatever else there is, TLS or somebody's wrapper, is
// used as the net.Conn it is, and so is a connection for which the process has no
// further descriptor at this moment.
func (l *loop) newSocket(c *Conn, nc net.Conn) socket {
	if l.engine.opts.NetSockets {
		return newNetSocket(c, nc)
	}
	var raw syscall.RawConn
	var err error
	switch nc := nc.(type) {
	case *net.TCPConn:
		raw, err = nc.SyscallConn()
	case *net.UnixConn:
		raw, err = nc.SyscallConn()
	default:
		return newNetSocket(c, nc)
	}
	if err != nil {
		return newNetSocket(c, nc)
	}
	fd := -1
	raw.Control(func(old uintptr) { fd = dup(old) })
	if fd < 0 {
		return newNetSocket(c, nc)
	}
	nc.Close()
	c.fd = int32(fd)
	return (*epollSocket)(c)
}

// dup returns another descriptor of the same socket, or -1.
func dup(fd uintptr) int {
	n, _, errno := syscall.RawSyscall(syscall.SYS_FCNTL, fd, syscall.F_DUPFD_CLOEXEC, 0)
	if errno != 0 {
		return -1
	}
	return int(n)
}

func (s *epollSocket) poller() *epoll { return s.loop.poll.(*epoll) }

func (s *epollSocket) open() error {
	p := s.poller()
	if need := int(s.fd) + 1; need > len(p.conns) {
		p.conns = append(p.conns, make([]*Conn, max(need-len(p.conns), len(p.conns)/4, 64))...)
	}
	p.conns[s.fd] = (*Conn)(s)
	s.events = syscall.EPOLLIN
	return s.control(syscall.EPOLL_CTL_ADD)
}

func (s *epollSocket) control(op int) error {
	event := syscall.EpollEvent{Events: uint32(s.events), Fd: s.fd}
	if err := syscall.EpollCtl(s.poller().fd, op, int(s.fd), &event); err != nil {
		return fmt.Errorf("register socket with epoll: %w", err)
	}
	return nil
}

// write sends without blocking, and so without telling the runtime that it might.
func (s *epollSocket) write(b []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))),
			uintptr(len(b)), syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EAGAIN:
			return 0, nil
		case syscall.EINTR:
		default:
			return 0, fmt.Errorf("connection lost: write: %w", errno)
		}
	}
}

func (s *epollSocket) wantRead(want bool)  { s.want(syscall.EPOLLIN, want) }
func (s *epollSocket) wantWrite(want bool) { s.want(syscall.EPOLLOUT, want) }

func (s *epollSocket) want(event uint8, want bool) {
	events := s.events &^ event
	if want {
		events |= event
	}
	if events != s.events {
		s.events = events
		s.control(syscall.EPOLL_CTL_MOD) // cannot fail: the descriptor is registered
	}
}

func (s *epollSocket) closeWrite() { syscall.Shutdown(int(s.fd), syscall.SHUT_WR) }

func (s *epollSocket) close() {
	if p := s.poller(); int(s.fd) < len(p.conns) {
		p.conns[s.fd] = nil
	}
	syscall.Close(int(s.fd)) // takes it out of epoll too
}

// read takes what came for c.
func (p *epoll) read(c *Conn, fd int) {
	buf := p.loop.readBuf
	n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)))
	switch {
	case errno == syscall.EAGAIN || errno == syscall.EINTR:
	case errno != 0:
		p.loop.ended(c, errno)
	case n == 0:
		p.loop.ended(c, io.EOF)
	default:
		p.loop.received(c, buf[:n])
	}
}
