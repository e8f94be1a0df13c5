package livetest

import (
	"io"
	"net"
	"time"
)

// end is one end of a connection in memory. Unlike those of net.Pipe it has a buffer in
// each direction, as a socket has.
type end struct {
	in, out       *stream
	local, remote net.Addr
}

var _ net.Conn = (*end)(nil)

// newPipe makes the two ends of a connection from the given address.
func newPipe(from string) (client, server *end) {
	up, down := newStream(), newStream()
	here, there := addr("livetest:80"), addr(from)
	return &end{in: down, out: up, local: there, remote: here}, &end{in: up, out: down, local: here, remote: there}
}

// Read waits for at least one byte.
func (e *end) Read(b []byte) (int, error) { return e.in.read(b) }

// Write waits until all of b is in the buffer.
func (e *end) Write(b []byte) (int, error) { return e.out.write(b) }

// CloseWrite says that nothing more will be written: the other end reads the rest, and
// then io.EOF.
func (e *end) CloseWrite() error {
	e.out.end(io.EOF)
	return nil
}

// Close ends both directions.
func (e *end) Close() error {
	e.out.end(io.EOF)
	e.in.leave(net.ErrClosed)
	return nil
}

// cut breaks the connection: what was written arrives, and then an error.
func (e *end) cut() {
	e.out.end(errCut)
	e.in.leave(errCut)
}

// LocalAddr is this end's.
func (e *end) LocalAddr() net.Addr { return e.local }

// RemoteAddr is the other end's.
func (e *end) RemoteAddr() net.Addr { return e.remote }

// SetDeadline sets both deadlines.
func (e *end) SetDeadline(at time.Time) error {
	e.SetReadDeadline(at)
	return e.SetWriteDeadline(at)
}

// SetReadDeadline sets when Read stops to wait; never for the zero time.
func (e *end) SetReadDeadline(at time.Time) error {
	e.in.mu.Lock()
	defer e.in.mu.Unlock()
	e.in.readBy.set(e.in, at)
	e.in.changed.Broadcast()
	return nil
}

// SetWriteDeadline sets when Write stops to wait; never for the zero time.
func (e *end) SetWriteDeadline(at time.Time) error {
	e.out.mu.Lock()
	defer e.out.mu.Unlock()
	e.out.writeBy.set(e.out, at)
	e.out.changed.Broadcast()
	return nil
}

// addr is the address of an end.
type addr string

// Network is livetest.
func (addr) Network() string { return "livetest" }

// String is the address.
func (a addr) String() string { return string(a) }
