package main

import (
	"fmt"
	"io"
	"log"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/livetopics/live/bench/internal/host"
	"github.com/livetopics/live/bench/internal/wire"
)

// read takes what s has to say and acts on it. An error means that s is to be dropped.
func (l *loop) read(s *socket) error {
	kept := copy(l.buf, s.partial)
	n, err := unix.Read(s.fd, l.buf[kept:])
	if err == unix.EAGAIN {
		return nil
	}
	if err == nil && n == 0 {
		err = io.EOF
	}
	if err != nil {
		return err
	}
	rest := l.buf[:kept+n]
	if !s.upgraded {
		if rest, err = l.upgrade(s, rest); err != nil {
			return err
		}
	}
	for s.upgraded {
		f, n, err := wire.Next(rest)
		if err != nil || n == 0 {
			s.partial = append(s.partial[:0], rest...)
			return err
		}
		if f.Op == wire.OpClose {
			return io.EOF
		}
		if f.Op == wire.OpText {
			wire.Mask(f.Payload, f.Key)
			l.message(s, f.Payload)
		}
		rest = rest[n:]
	}
	s.partial = append(s.partial[:0], rest...)
	return nil
}

// upgrade answers the handshake once its head is whole, and returns what follows it.
func (l *loop) upgrade(s *socket, b []byte) ([]byte, error) {
	head, err := wire.Head(b)
	if head == nil {
		return b, err
	}
	s.upgraded = true
	return b[len(head):], write(s.fd, fmt.Appendf(nil, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"+
		"Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", wire.Accept(wire.Field(head, "Sec-WebSocket-Key"))))
}

// message acts on one message of s.
func (l *loop) message(s *socket, message []byte) {
	err := host.Act(message, func(topic string) {
		l.rooms[topic] = append(l.rooms[topic], s.fd)
		l.frame = wire.Append(l.frame[:0], wire.OpText, host.Answer)
		l.send(s.fd)
	}, func(topic string) {
		l.frame = wire.Append(l.frame[:0], wire.OpText, message)
		for _, fd := range l.rooms[topic] {
			l.send(fd)
		}
	})
	if err != nil {
		log.Print(err)
	}
}

// send writes the frame to fd. A socket that takes no more is an error of the load, which never has more
// on its way than a socket's buffer holds.
func (l *loop) send(fd int) {
	if err := write(fd, l.frame); err != nil {
		log.Printf("limit: write: %v", err)
	}
}

// write is write(2) without telling the scheduler: the socket does not block, and any cheaper call would
// be another one.
func write(fd int, b []byte) error {
	n, _, errno := syscall.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	if errno != 0 {
		return errno
	}
	if int(n) < len(b) {
		return io.ErrShortWrite
	}
	return nil
}
