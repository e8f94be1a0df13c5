package main

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

const (
	events    = 256
	readBytes = 64 << 10
)

// loop owns every socket. One goroutine runs it, on a thread of its own.
type loop struct {
	epoll    int
	listener int
	file     *os.File         // the listener's, kept from being collected and closed
	sockets  []*socket        // by descriptor
	rooms    map[string][]int // topic to descriptors
	buf      []byte           // what was read last, behind what was left over before
	frame    []byte           // the frame that goes out
}

// socket is one client.
type socket struct {
	fd       int
	upgraded bool
	partial  []byte // the beginning of something whose end has not come
}

func newLoop(file *os.File) (*loop, error) {
	listener := int(file.Fd()) // which makes it blocking; accept needs the opposite
	if err := unix.SetNonblock(listener, true); err != nil {
		return nil, fmt.Errorf("limit: fcntl: %w", err)
	}
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("limit: epoll_create1: %w", err)
	}
	l := &loop{epoll: epoll, listener: listener, file: file, rooms: make(map[string][]int), buf: make([]byte, readBytes)}
	return l, l.watch(listener)
}

func (l *loop) watch(fd int) error {
	err := unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
	if err != nil {
		return fmt.Errorf("limit: epoll_ctl: %w", err)
	}
	return nil
}

// run serves until something fails that is not one client's business.
func (l *loop) run() error {
	runtime.LockOSThread()
	var ready [events]unix.EpollEvent
	for {
		n, err := unix.EpollWait(l.epoll, ready[:], -1)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return fmt.Errorf("limit: epoll_wait: %w", err)
		}
		for _, e := range ready[:n] {
			if int(e.Fd) == l.listener {
				err = l.accept()
			} else if s := l.sockets[e.Fd]; s != nil && l.read(s) != nil {
				l.drop(s)
			}
			if err != nil {
				return err
			}
		}
	}
}

// accept takes one client.
func (l *loop) accept() error {
	fd, _, err := unix.Accept4(l.listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
	if err == unix.EAGAIN || err == unix.ECONNABORTED {
		return nil
	}
	if err != nil {
		return fmt.Errorf("limit: accept4: %w", err)
	}
	for len(l.sockets) <= fd {
		l.sockets = append(l.sockets, nil)
	}
	l.sockets[fd] = &socket{fd: fd}
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return fmt.Errorf("limit: setsockopt: %w", err)
	}
	return l.watch(fd)
}

// drop closes s and takes it out of its rooms.
func (l *loop) drop(s *socket) {
	l.sockets[s.fd] = nil
	unix.Close(s.fd)
	for topic, fds := range l.rooms {
		kept := fds[:0]
		for _, fd := range fds {
			if fd != s.fd {
				kept = append(kept, fd)
			}
		}
		l.rooms[topic] = kept
	}
}
